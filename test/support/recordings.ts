import { type EgressInfo, EgressStatus } from "livekit-server-sdk";
import { expect, vi } from "vitest";
import type { LivekitServer } from "./livekit.ts";
import type { Person } from "./participants.ts";
import type { Stack } from "./stack.ts";
import { isCoreOnly } from "./through.ts";
import { joinPlainly } from "./tokens.ts";

/** What these read: a server of a test, or one that a person has started. */
type Recorded = Pick<LivekitServer, "url" | "apiKey" | "apiSecret" | "service" | "recordings">;

/** ParticipantInfo.Kind of a recorder. */
const EGRESS = 2;
/** How tests poll for the result of a recording. */
export const POLL_OPTIONS = { timeout: 15_000, interval: 100 };

/** A program: one room, and a recording of it by the same resource name; further inputs over the usual ones. */
export function recorded(name: string, recording: object = {}, room: object = {}, more = ""): string {
  const roomInputs = { emptyTimeoutSeconds: 600, ...room };
  const inputs = { audioOnly: true, outputUri: `out/${name}/`, ...recording };
  return [
    'const rtc = require("pulumi-rtc");',
    `const room = new rtc.RtcRoom(${JSON.stringify(name)}, ${JSON.stringify(roomInputs)});`,
    `const recording = new rtc.RtcRecording(${JSON.stringify(name)}, { room, ...${JSON.stringify(inputs)} });`,
    "exports.recording = recording.recording;",
    more,
  ].join("\n");
}

/** One program of several that declare the same variables. */
export function together(...programs: readonly string[]): string {
  return programs.map((program) => `{ ${program} }`).join("\n");
}

/** All recordings of a room that the server has, the first one first. */
export async function egressesOf(server: Recorded, roomName: string): Promise<EgressInfo[]> {
  const all = await server.recordings.listEgress({ roomName });
  return all.sort((a, b) => Number(a.startedAt - b.startedAt));
}

/** The ids of those that have not ended. */
export async function runningIn(server: Recorded, roomName: string): Promise<string[]> {
  const all = await server.recordings.listEgress({ roomName, active: true });
  return all.map(({ egressId }) => egressId);
}

/** The recordings that a server knew at one moment. */
export interface Snapshot {
  /** Those of a room, the first one first. */
  of(room: string): EgressInfo[];
  /** The ids of those that had not ended, of a room or of all. */
  running(room?: string): string[];
  at(id: string): EgressInfo;
}

/** Takes a snapshot. `stopped`: the ids that a command has stopped, which through core capabilities only end a moment later. */
export async function snapshotOf(server: Recorded, stopped: readonly string[] = []): Promise<Snapshot> {
  const ended = async (id: string) => expect((await egressAt(server, id)).endedAt > 0n).toBe(true);
  if (isCoreOnly) await Promise.all(stopped.map((id) => vi.waitFor(() => ended(id), POLL_OPTIONS)));
  const all = await server.recordings.listEgress();
  all.sort((a, b) => Number(a.startedAt - b.startedAt));
  const of = (room?: string) => all.filter(({ roomName }) => room === undefined || roomName === room);
  return {
    of,
    running: (room) => of(room).flatMap(({ endedAt, egressId }) => (endedAt > 0n ? [] : [egressId])),
    at: (id) => {
      const found = all.find(({ egressId }) => egressId === id);
      if (found === undefined) throw new Error(`The server knew no ${id}.`);
      return found;
    },
  };
}

/** Checks at once what a command has waited for; through core capabilities only, which show it nothing to wait for, once it is so. */
export function whenEnded(check: () => Promise<void>): Promise<void> {
  return isCoreOnly ? vi.waitFor(check, POLL_OPTIONS) : check();
}

/** What the server reports of a recording, given with or without its vendor. */
export async function egressAt(server: Recorded, id: string): Promise<EgressInfo> {
  const [found] = await server.recordings.listEgress({ egressId: bareId(id) });
  if (!found) throw new Error(`The server has no ${id}.`);
  return found;
}

/** `EG_…` of `livekit:EG_…`. */
export function bareId(recording: string): string {
  return recording.slice(recording.indexOf(":") + 1);
}

/** Waits until a recording has a status; fails with the one that it has. `pollOptions`: longer ones, where a command takes that long. */
export async function expectStatus(
  server: Recorded,
  id: string,
  status: keyof typeof EgressStatus,
  pollOptions = POLL_OPTIONS,
): Promise<EgressInfo> {
  // Not expect.poll, which does not work in a set-up and cannot distinguish concurrent tests.
  await vi.waitFor(async () => expect(nameOf((await egressAt(server, id)).status)).toBe(status), pollOptions);
  return egressAt(server, id);
}

/** A status by its name, as messages and logs have it. */
export function nameOf(status: EgressStatus): string {
  return EgressStatus[status];
}

/** A participant joins with a plain token and publishes audio. */
export async function publishIn(server: Recorded, room: string, identity = "alice"): Promise<Person> {
  const person = await joinPlainly(server, room, identity);
  await person.publishAudio();
  return person;
}

/** A participant publishes until a recording is active, and stays. */
export async function activate(server: Recorded, room: string, id: string): Promise<Person> {
  const person = await publishIn(server, room);
  await expectStatus(server, id, "EGRESS_ACTIVE");
  await person.unpublish();
  return person;
}

/** A participant leaves, and the server shows it. */
export async function leave(server: Recorded, room: string, person: Person): Promise<void> {
  await person.leave();
  await vi.waitFor(async () => expect(await participantsIn(server, room)).toEqual([]), POLL_OPTIONS);
}

/** Who is in a room, recorders left out. */
export async function participantsIn(server: Recorded, room: string): Promise<string[]> {
  const all = await server.service.listParticipants(room);
  return all.filter(({ kind }) => Number(kind) !== EGRESS).map(({ identity }) => identity);
}

/** The recorders in a room, with the last layout that they received. */
export async function recordersIn(server: Recorded, room: string) {
  const all = await server.service.listParticipants(room);
  return all.filter(({ kind }) => Number(kind) === EGRESS);
}

/** The outputs of all recordings that the stack manages, by resource name. */
export async function storedRecordings(stack: Stack): Promise<Record<string, Record<string, unknown>>> {
  const { deployment } = stack.state();
  // After a destroy an exported state has no resources at all.
  const recordings = (deployment.resources ?? []).filter(({ type }) => type.endsWith("RtcRecording"));
  return Object.fromEntries(
    recordings.map(({ urn, outputs }) => [urn.slice(urn.lastIndexOf("::") + 2), outputs]),
  );
}

/** The outputs of a recording as the stack remembers them. */
export async function storedRecording(stack: Stack, name: string): Promise<Record<string, unknown>> {
  const found = (await storedRecordings(stack))[name];
  if (!found) throw new Error(`The state has no recording ${name}.`);
  return found;
}

/** The egress ids of all recordings that the stack manages, by the resource names of its program. */
export async function storedIds<Name extends string>(stack: Stack): Promise<Record<Name, string>> {
  const all = Object.entries(await storedRecordings(stack));
  const ids = all.map(([name, outputs]) => [name, bareId(String(outputs["recording"]))]);
  return Object.fromEntries(ids) as Record<Name, string>;
}

/** The egress id of a recording as the stack remembers it. */
export async function storedId(stack: Stack, name: string): Promise<string> {
  return bareId(String((await storedRecording(stack, name))["recording"]));
}
