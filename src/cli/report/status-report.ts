import { oneLine } from "../../contract/printable";
import type { StackStatus } from "../stack/status";
import { count, errorLines, table } from "./report";

/** A stack at a glance: the last run, a table of the rooms and one of the recordings, and a line that sums up. */
export function statusText(status: StackStatus): string {
  const { project, stack, rooms, recordings, errors } = status;
  const parts = [
    `${project}/${stack}: ${runText(status)}`,
    ...(rooms.length === 0 ? [] : [roomTable(status)]),
    ...(recordings.length === 0 ? [] : [recordingTable(status)]),
    [...errorLines(errors), summary(status)].join("\n"),
  ];
  return parts.join("\n\n");
}

function runText({ lastRun, pending }: StackStatus): string {
  if (lastRun === null) return "no run yet";
  const { command, result, startedAt, endedAt } = lastRun;
  const killed = pending === 0 ? "" : `; ${count(pending, "operation")} unfinished: rtc up completes them`;
  return oneLine(`last run: ${command} ${result} at ${endedAt ?? startedAt}${killed}`);
}

function roomTable({ rooms }: StackStatus): string {
  return table(
    ["ROOM", "STATE", "PARTICIPANTS", "DRIFT"],
    rooms.map(({ name, state, participants, drift }) => [
      name,
      state,
      String(participants ?? "?"),
      drift ?? NONE,
    ]),
  );
}

function recordingTable({ recordings }: StackStatus): string {
  return table(
    ["RECORDING", "STATUS", "ROOM", "DRIFT", "FILES"],
    recordings.map(({ name, status, room, drift, files }) => [
      name,
      status,
      room,
      drift ?? NONE,
      files.join(" ") || NONE,
    ]),
  );
}

const NONE = "-";

function summary({ rooms, recordings, errors }: StackStatus): string {
  const counted = rooms.flatMap(({ participants }) => participants ?? []);
  const participants = counted.reduce((sum, one) => sum + one, 0);
  const drifted = [...rooms, ...recordings].filter(({ drift }) => drift !== null).length;
  const isUnknown = errors.length > 0 || rooms.some(({ state }) => state === "unknown");
  const drift = drifted > 0 ? `${drifted} drifted` : "no drift";
  return [
    ofEach(
      rooms.length,
      "room",
      rooms.map(({ state }) => state),
    ),
    ...(rooms.length === 0
      ? []
      : [counted.length === 0 ? "participants unknown" : count(participants, "participant")]),
    ...(recordings.length === 0
      ? []
      : [
          ofEach(
            recordings.length,
            "recording",
            recordings.map(({ status }) => status),
          ),
        ]),
    isUnknown ? `${drift} in what could be observed (rtc doctor finds what is in the way)` : drift,
  ].join(", ");
}

/** `3 rooms (2 open, 1 dormant)`. */
function ofEach(all: number, what: string, states: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const state of states) counts.set(state, (counts.get(state) ?? 0) + 1);
  const each = [...counts].map(([state, many]) => `${many} ${state}`).join(", ");
  return each === "" ? count(all, what) : `${count(all, what)} (${each})`;
}
