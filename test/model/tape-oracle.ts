import { expect } from "vitest";
import { DEFAULT_LAYOUT, isEnded, type RecordingStatus, same } from "../../src/contract/index.ts";
import type { Program } from "../conformance/engine.ts";
import type { Recorded } from "../conformance/engine-process.ts";
import type { Notes } from "./notes.ts";
import { nameOf, type Observation, type ObservedTape, runs, tapeIdOf } from "./observation.ts";
import type { Reconciled } from "./room-oracle.ts";

/** What is left out means the same as these. */
const DEFAULTS = {
  ...{ layout: DEFAULT_LAYOUT, audioOnly: false, restartPolicy: "never", forceDestroy: false },
  metadata: undefined,
};

type Declared = Extract<Recorded, { records: string }>;

/** The recordings that a program declares, by resource name. */
export function tapesDeclared(program: Program): [string, Declared][] {
  return Object.entries(program).flatMap(([name, declared]): [string, Declared][] =>
    "records" in declared ? [[name, declared]] : [],
  );
}

/** Whether the state has a recording of this room, sound and output, so that none is recreated, as long as its room is not. */
export function isKept(
  name: string,
  { audioOnly = false, outputUri }: Declared,
  place: string,
  { state }: Observation,
): boolean {
  const outputs = state[name]?.outputs;
  if (outputs === undefined || outputs["outputUri"] !== outputUri) return false;
  return (outputs["audioOnly"] ?? false) === audioOnly && String(outputs["room"]).endsWith(`:${place}`);
}

/** Whether a program has a recording of another room than the state. */
export function moves(program: Program, observation: Observation): boolean {
  return tapesDeclared(program).some(([name, { records }]) => {
    const room = observation.state[name]?.outputs["room"];
    return room !== undefined && !String(room).endsWith(`:${nameOf(records, observation, program)}`);
  });
}

/** How the recording of the state is: as the vendor reports, as the state has it, or with an unobserved end. */
function lastStatus(name: string, { state, tapes }: Observation): RecordingStatus {
  const observed = tapes.find(({ id }) => id === tapeIdOf(state[name]));
  const remembered = state[name]?.outputs["status"] as RecordingStatus;
  return observed?.status ?? (isEnded(remembered) ? remembered : "complete");
}

/** A recording is as its declaration and its policy want it: one that runs, the same that ran, or the one that has ended. */
export function tapeIsAsDeclared(
  name: string,
  declared: Declared,
  { program, before, after }: Reconciled,
  notes: Notes,
): void {
  const { records, layout = DEFAULT_LAYOUT, audioOnly = false, restartPolicy: policy = "never" } = declared;
  const place = nameOf(records, after, program);
  const room = after.rooms[place];
  const outputs = after.state[name]?.outputs ?? {};
  const { metadata, outputUri } = declared;
  expect({ ...DEFAULTS, ...outputs }, `${name} in the state`).toMatchObject({
    ...{ layout, audioOnly, restartPolicy: policy, forceDestroy: declared.forceDestroy ?? false },
    ...{ metadata, outputUri },
  });
  const id = tapeIdOf(after.state[name]);
  const status = lastStatus(name, before);
  // One that is being finished may have ended when it is read.
  if (status === "ending") return;
  const isSame =
    isKept(name, declared, place, before) &&
    (room === undefined || before.state[name]?.outputs["roomSid"] === room.sid);
  const wantsAnother = policy === "always" || (policy === "onFailure" && status === "failed");
  const running = after.tapes.filter((tape) => runs(tape) && tape.sid === room?.sid);
  if (isSame && (room === undefined || (isEnded(status) && !wantsAnother))) {
    expect(id, `recording ${name}, which has ended`).toBe(tapeIdOf(before.state[name]));
    expect(
      running.map((tape) => tape.id),
      `recording ${name}, which has ended`,
    ).not.toContain(id);
  } else {
    const mine = running.find((tape) => tape.id === id);
    expect(mine, `recording ${name}`).toMatchObject({ audioOnly, output: outputUri });
    if (!audioOnly && !notes.retold.has(String(id)))
      expect(mine?.layout, `the layout of ${name}`).toBe(layout);
    if (isSame && !isEnded(status))
      expect(id, `recording ${name}, which goes on`).toBe(tapeIdOf(before.state[name]));
  }
  // In a room that has lost its tag the ownership of a recording that a killed run has left is unknown.
  if (room === undefined || notes.untagged.has(room.sid) || before.tapes.some((tape) => tape.id === id))
    return;
  const wanted = traitsOf({ layout, audioOnly, output: declared.outputUri ?? "" });
  const alike = before.tapes.filter(
    (tape) => runs(tape) && tape.sid === room.sid && same(traitsOf(tape), wanted),
  );
  expect(alike, `what ran already, and was as ${name} is to be`).toEqual([]);
}

function traitsOf({ layout, audioOnly, output }: Pick<ObservedTape, "layout" | "audioOnly" | "output">) {
  return { layout, audioOnly, output };
}
