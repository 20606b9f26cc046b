import type { Process } from "./context";
import type { Lifecycle } from "./lifecycle";
import { recordingKind } from "./recording/lifecycle";
import { roomKind } from "./room/lifecycle";

/** Every kind of resource: one line each. */
const kinds = {
  room: roomKind,
  recording: recordingKind,
} satisfies Record<string, (process: Process) => Lifecycle>;

/** What a resource of ours is. */
export type Kind = keyof typeof kinds;

/** The names of the kinds. */
export const KINDS = Object.keys(kinds) as Kind[];

/** The lifecycles of a process, which know of each other what is declared. */
export function lifecyclesOf(process: Process): Record<Kind, Lifecycle> {
  const made = Object.entries(kinds).map(([kind, make]) => [kind, make(process)] as const);
  return Object.fromEntries(made) as Record<Kind, Lifecycle>;
}
