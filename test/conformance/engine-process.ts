import type { RtcConfig } from "../../src/client/config.ts";
import type { RtcClient } from "../../src/client/types.ts";
import {
  formatIssue,
  type Issue,
  type RecordingResourceInput,
  type RoomResourceInput,
  RtcError,
} from "../../src/contract/index.ts";
import { lifecyclesOf } from "../../src/reconcile/kinds.ts";
import { type Properties, newProcess as startProcess } from "../../src/reconcile/lifecycle.ts";
import { type Clock, systemClock } from "../../src/support/clock.ts";

/** A recording that a program declares: of one of its own rooms, by resource name, or of a room by id or name. */
export type Recorded = Omit<RecordingResourceInput, "room" | "roomSid"> &
  ({ records: string } | { room: string });

/** What a program declares, by resource name; a room stands before its recordings. */
export type Program = Record<string, RoomResourceInput | Recorded>;

export function isRecorded(declared: RoomResourceInput | Recorded): declared is Recorded {
  return "records" in declared || "room" in declared;
}

/** What the engine calls, of whatever kind the resource is. */
export interface Lifecycle {
  check(olds: Properties, news: Properties): { inputs: Properties; issues: Issue[] };
  diff(id: string, olds: Properties, news: Properties): Promise<{ changes?: boolean; replaces: string[] }>;
  create(inputs: Properties): Promise<{ id: string; outs: Properties }>;
  read(id: string, props: Properties): Promise<{ id: string; props: Properties; inputs: Properties } | null>;
  update(id: string, olds: Properties, news: Properties): Promise<{ outs: Properties }>;
  delete(id: string, props: Properties): Promise<void>;
}

export interface EngineOptions {
  project?: string;
  stack?: string;
  config?: Pick<RtcConfig, "forceDestroy" | "ownerMark" | "recordingOutput">;
  clock?: Clock;
  /** Breaks the lifecycles of every process on purpose. */
  sabotage?(good: Lifecycles): Lifecycles;
}

/** One lifecycle for each kind of resource. */
export type Lifecycles = { room: Lifecycle; recording: Lifecycle };

/** What a process of the provider has: a lifecycle for each kind. */
export function newProcess(
  client: RtcClient,
  { config = {}, clock = systemClock, sabotage = (good) => good }: EngineOptions,
  log: (message: string) => void,
): Lifecycles {
  const report = (_level: string, message: string) => log(message);
  return sabotage(lifecyclesOf(startProcess({ client, config, report, clock })));
}

/** Checks the inputs of a resource; throws what the engine would show. */
export function checked(lifecycle: Lifecycle, olds: Properties, news: Properties): Properties {
  const { inputs, issues } = lifecycle.check(wire(olds), wire(news));
  if (issues.length === 0) return wire(inputs);
  throw new RtcError("INVALID_ARGUMENT", issues.map(formatIssue).join("\n"), { issues });
}

/** A value as it comes out at the other end of the engine's wire, which fails on what is not JSON. */
export function wire<T>(value: T): T {
  rejectOddities(value);
  return structuredClone(value);
}

function rejectOddities(value: unknown): void {
  if (value === undefined || typeof value === "bigint" || typeof value === "function") {
    throw new Error(`The engine's wire has no ${typeof value}.`);
  }
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) {
    throw new Error(`The engine's wire would empty a ${value.constructor.name}.`);
  }
  Object.values(value).forEach(rejectOddities);
}
