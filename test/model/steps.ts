import { inspect } from "node:util";
import fc from "fast-check";
import type { JsonObject, RecordingResourceInput, RoomResourceInput } from "../../src/contract/index.ts";
import type { Program } from "../conformance/engine.ts";

/** The resources of every history, by name: two rooms, and two recordings of either. */
export const ROOMS = ["hall", "lab"] as const;
export const TAPES = ["talk", "music"] as const;
export type RoomName = (typeof ROOMS)[number];
export type TapeName = (typeof TAPES)[number];

/** What a person types. */
export type Command = "up" | "up --refresh" | "refresh" | "preview" | "destroy";

/** A run that is killed at its nth call that changes something at the vendor: before the vendor sees it, or after it has acted. */
export interface Kill {
  at: number;
  when: "before" | "after";
  victim: "CLI" | "provider";
}

/** Something that is done: by us with a program and commands, or by others at the vendor. */
export type Step =
  | { do: "declare"; room: RoomName; with: RoomResourceInput }
  | { do: "record"; tape: TapeName; of: RoomName; with: Omit<RecordingResourceInput, "room" | "roomSid"> }
  | { do: "remove"; what: RoomName | TapeName }
  | { do: Command; killed?: Kill }
  | { do: "configure another server"; and: Command }
  | { do: "rotate keys" | "restart the server" | "time passes" | "a day passes" }
  | { do: "edit by hand"; room: RoomName; metadata: JsonObject | null; keepingTag: boolean }
  | { do: "delete by hand" | "all participants leave"; room: RoomName }
  | { do: "join"; room: RoomName; token: "old" | "of the resource"; publishing: boolean }
  | { do: "make by hand"; room: RoomName; of: "no owner" | "another stack"; like: "declared" | "nothing" }
  | { do: "record by hand"; room: RoomName }
  | { do: "stop by hand" | "the recorder dies"; tape: TapeName };

const room = fc.constantFrom(...ROOMS);
const tape = fc.constantFrom(...TAPES);
const metadata = fc.constantFrom<JsonObject>({}, { a: 1 }, { b: 2 });
const some = <T>(parts: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record<T>(parts, { noNullPrototype: true });
const is = <T extends string>(...what: T[]) => fc.constantFrom(...what);

const roomInputs: fc.Arbitrary<RoomResourceInput> = fc.record(
  {
    maxParticipants: fc.constantFrom(50, 60),
    emptyTimeoutSeconds: fc.constantFrom(600, 900),
    metadata,
    forceDestroy: fc.constant(true),
  },
  { requiredKeys: [], noNullPrototype: true },
);
const declare = fc
  .tuple(room, roomInputs, fc.constantFrom("none", "none", "none", "own", "other"))
  .map(([name, inputs, named]): Step => {
    const other = named === "none" ? {} : { name: named === "own" ? name : `${name}-2` };
    return { do: "declare", room: name, with: { ...inputs, ...other } };
  });

const tapeInputs = fc.record(
  {
    layout: fc.constantFrom("speaker", "grid"),
    audioOnly: fc.constant(true),
    metadata,
    restartPolicy: fc.constantFrom("onFailure", "always", "never"),
    forceDestroy: fc.constant(true),
  },
  { requiredKeys: [], noNullPrototype: true },
);
const record = fc.tuple(tape, room, tapeInputs, fc.constantFrom("", "", "", "-2")).map(
  ([name, of, inputs, elsewhere]): Step => ({
    do: "record",
    tape: name,
    of,
    with: { ...inputs, outputUri: `out/${name}${elsewhere}/` },
  }),
);

const kill: fc.Arbitrary<Kill> = some({
  at: fc.constantFrom(1, 1, 2, 2, 3, 4),
  when: is("after", "before"),
  victim: is("CLI", "provider"),
});
const command = is<Command>("up", "up --refresh", "refresh", "preview", "destroy");

const edit = some({
  do: is("edit by hand"),
  room,
  metadata: fc.option(metadata, { freq: 4 }),
  keepingTag: fc.boolean(),
});
const join = some({
  do: is("join"),
  room,
  token: is("old", "of the resource"),
  publishing: fc.boolean(),
});

const make = some({
  do: is("make by hand"),
  room,
  of: is("no owner", "another stack"),
  like: is("nothing", "declared"),
});

/** Any step, those more often that move a stack through its life. */
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: declare },
  { weight: 12, arbitrary: record },
  { weight: 3, arbitrary: some({ do: is("remove"), what: is(...ROOMS, ...TAPES) }) },
  { weight: 9, arbitrary: some({ do: is("up") }) },
  { weight: 5, arbitrary: some({ do: is("up --refresh") }) },
  { weight: 3, arbitrary: some({ do: is("refresh", "preview") }) },
  { weight: 12, arbitrary: killed("up") },
  { weight: 4, arbitrary: killed("up --refresh", "destroy") },
  { weight: 1, arbitrary: some({ do: is("destroy") }) },
  { weight: 2, arbitrary: some({ do: is("configure another server"), and: command }) },
  { weight: 2, arbitrary: some({ do: is("rotate keys", "restart the server") }) },
  { weight: 4, arbitrary: some({ do: is("time passes", "time passes", "a day passes") }) },
  { weight: 4, arbitrary: edit },
  { weight: 3, arbitrary: some({ do: is("delete by hand"), room }) },
  { weight: 10, arbitrary: join },
  { weight: 4, arbitrary: some({ do: is("all participants leave"), room }) },
  { weight: 3, arbitrary: make },
  { weight: 2, arbitrary: some({ do: is("record by hand"), room }) },
  { weight: 10, arbitrary: some({ do: is("the recorder dies", "stop by hand"), tape }) },
);

/**
 * Histories of twenty steps, the first of which make that there is something to happen to. They are plain data, of
 * which each step may be left out: so they shrink to the few that matter, in any order of leaving out, and what is
 * printed can be put into found.ts as it is. The commands of `fc.commands` are code, and are printed as a path to replay.
 */
export const histories: fc.Arbitrary<Step[]> = fc
  .tuple(...[declare, record, declare, some({ do: is("up") })].map(perhaps), ...Array(16).fill(perhaps(step)))
  .map((steps) => steps.filter((one): one is Step => one !== null));

/** A command that is killed, or where that is enough to fail, is not. */
function killed(...commands: Command[]): fc.Arbitrary<Step> {
  return fc
    .tuple(is(...commands), perhaps(kill))
    .map(([what, how]) => (how === null ? { do: what } : { do: what, killed: how }));
}

function perhaps<T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.option(one, { freq: 1_000 });
}

/** A program with what a step changes in it. A room goes with what records it. */
export function edited(program: Program, step: Step): Program {
  if (step.do === "declare") return inOrder({ ...program, [step.room]: step.with });
  if (step.do === "record") {
    return step.of in program
      ? inOrder({ ...program, [step.tape]: { records: step.of, ...step.with } })
      : program;
  }
  if (step.do !== "remove") return program;
  const left = Object.entries(program).filter(
    ([name, declared]) => name !== step.what && !("records" in declared && declared.records === step.what),
  );
  return Object.fromEntries(left);
}

/** Rooms before what records them. */
function inOrder(program: Program): Program {
  const names = [...ROOMS, ...TAPES].filter((name) => name in program);
  return Object.fromEntries(names.map((name) => [name, program[name] ?? {}]));
}

/** A history as source text, a step a line. */
export function printed(history: readonly Step[]): string {
  return history
    .map((one) => `  ${inspect(one, { breakLength: Number.POSITIVE_INFINITY, depth: null })},`)
    .join("\n");
}
