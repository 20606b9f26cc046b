import type { Lifecycle, Process } from "./lifecycle";
import { recordingKind } from "./recording/lifecycle";
import { roomKind } from "./room/lifecycle";

/** Every kind of resource: one line each. */
const kinds = {
  room: roomKind,
  recording: recordingKind,
} satisfies Record<string, (process: Process) => Lifecycle>;

/** The kind of a resource. */
export type Kind = keyof typeof kinds;

/** The names of the kinds. */
export const KINDS = Object.keys(kinds) as Kind[];

/** The lifecycles of a process, which share their declarations. */
export function lifecyclesOf(process: Process): Record<Kind, Lifecycle> {
  const lifecycles = Object.entries(kinds).map(([kind, create]) => [kind, create(process)] as const);
  return Object.fromEntries(lifecycles) as Record<Kind, Lifecycle>;
}
