import type { Counts, EngineEvent, Operation } from "./events.ts";
import type { PulumiRun } from "./pulumi.ts";

/** A Pulumi project to be made for one test. */
export interface StackOptions {
  /** Source of `index.js`, CommonJS. */
  program: string;
  /** On top of an environment that has nothing of the caller's but PATH. */
  env?: Readonly<Record<string, string>>;
  /** Stack configuration, e.g. `{ "rtc:livekitUrl": "ws://…", "rtc:livekitApiSecret": { secret: "…" } }`. */
  config?: Record<string, ConfigValue>;
  /** Random unless given: project and stack determine the ownership of rooms. */
  project?: string;
  /** `dev` unless given. */
  stack?: string;
}

export type ConfigValue = string | { secret: string };

export interface RunOptions {
  /** On top of the stack's environment; undefined takes a variable away. */
  env?: Record<string, string | undefined>;
  /** The exit code that is expected, 0 unless given; "any" leaves it to the caller. */
  code?: number | "any";
}

/** How a command ended. */
export interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
  /** Both, in the order of arrival. */
  output: string;
  events: EngineEvent[];
  /** Per resource, without the stack itself and providers. */
  operations: Operation[];
  counts: Counts;
}

/** A command that goes on while the test does something else. */
export interface Running extends PulumiRun {
  /** Resolves when the command has ended, however it ended. */
  readonly result: Promise<Result>;
}

/** The parts of an exported deployment that tests read. */
export interface State {
  deployment: {
    resources: StateResource[];
    pending_operations?: { type: string; resource: StateResource }[];
  };
}

export interface StateResource {
  urn: string;
  type: string;
  id?: string;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
  initErrors?: string[];
}
