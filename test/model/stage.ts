import type { RoomResourceInput } from "../../src/contract/index.ts";
import type { Program } from "../conformance/engine.ts";
import type { Observation, Stack } from "./observation.ts";
import type { Command, Kill, Step } from "./steps.ts";

/** The output of another owner's recordings, and the tag of another owner's rooms. */
export const THEIRS = "out/theirs/";
export const OTHERS = "0123456789ab-cdef01234567";

/** What a step happens to: the vendor's name of a room, a recording's id, and what the stack reports about the room, if it has it. */
export interface Place {
  room: string;
  tape?: string | undefined;
  outputs?: RoomResourceInput | undefined;
}

/** How a command goes. */
export interface Run {
  program: Program;
  killed?: Kill | undefined;
  /** The configuration names another server. */
  elsewhere?: boolean;
  /** With `--run-program`: also what only reads uses the configuration of now. */
  runProgram?: boolean;
}

/** How a command went. */
export interface Ran {
  /** The codes of why it was rejected; none: it was not. */
  rejected: string[];
  /** Whether it was killed, and did not end before. */
  killed: boolean;
  /** Whether it changed, or in a preview would have changed, anything in the state. */
  changed: boolean;
  /** The calls that change something, at any vendor. */
  writes: string[];
}

/** Where a history is played: in memory, or on the real engines. */
export interface Stage {
  readonly stack: Stack;
  /** A command takes no time worth saving. */
  readonly isQuick: boolean;
  observe(): Promise<Observation>;
  run(command: Command, run: Run): Promise<Ran>;
  /** What others do, or what happens by itself, to the room or the recording of that name or id. */
  happen(step: Step, at: Place): Promise<void>;
  /** Waits until every recording that was stopped has its file. */
  finished(): Promise<void>;
  /** What `strayRecordings` finds, by the vendor's own ids. */
  orphans(): Promise<string[]>;
  /** Everything that was reported to the user. */
  logs(): string;
}
