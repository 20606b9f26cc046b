import { isDeepStrictEqual } from "node:util";
import { loadManifest } from "../../manifest/load";
import { EXIT, type ExitCode } from "../exit-codes";
import type { DriftResult } from "../report/drift-report";
import { changesOf, type RunResult, resultOf } from "../report/report";
import { type DeclaredStack, shortName } from "./declared";
import { type ObservedDrift, observeDrift } from "./drift";
import type { Deployment } from "./engine";
import type { Outcome, Progress } from "./operation";
import { type DeletesAllowed, guardDeletes, mostDeletes } from "./removals";
import { type Managed, managedIn, pendingIn } from "./stack-state";
import type { Woken } from "./wakes";

/** A round of `rtc reconcile`. */
export interface Round {
  code: ExitCode;
  result: RunResult & { acted: boolean };
  /** What differed, for people: `room standup deleted`, `room more: create`. */
  differences: string[];
}

/** How a round runs. */
export interface RoundOptions extends DeletesAllowed {
  /** Where the preview shows its progress, and where `up` does. */
  progress: { preview: Progress; up: Progress };
  /** Receives the drift before it is repaired. */
  onDrift(drift: DriftResult): void;
}

/** Observes all that the stack manages, previews, and runs up where something differs. */
export async function reconcileStack(declared: DeclaredStack, options: RoundOptions): Promise<Round> {
  const { engine, state, run } = declared;
  const { progress } = options;
  if (!engine.exists) await engine.init();
  const how = { refresh: true, runProgram: true };
  const drift = await observeDrift(engine, state);
  options.onDrift(driftResultOf(declared, drift));
  const previewed = await run({ verb: "preview", ...how }, progress.preview);
  const changes = changesOf(previewed.steps);
  const differences = differencesOf(drift, changes);
  const isPending = pendingIn(state).operations > 0;
  if (previewed.code !== EXIT.done || !(differences.length > 0 || isPending))
    return roundOf(declared, previewed, differences, false);
  const managed = managedIn(state).length;
  guardDeletes(previewed.steps, managed, mostDeletes(managed, options));
  const outcome = await run({ verb: "up", ...how, continueOnError: true }, progress.up);
  // Pending creates are adopted then; without this every round would run up for them.
  if (isPending && outcome.code === EXIT.done)
    await run({ verb: "refresh", clearPendingCreates: true, runProgram: true }, progress.up);
  return roundOf(declared, outcome, differences, true);
}

/**
 * Observes only rooms that an event names, with their recordings, and repairs those with drift: the engine runs at once,
 * without a preview, and touches nothing else, so that it deletes nothing that is not declared.
 *
 * @param state as the last round has left it. Where another run has changed it since, the engine goes by its own
 * @returns undefined where only a round of the whole stack can decide: the manifest has changed, a recording of the room is
 * no longer declared, a room that exists differs, a resource cannot be observed, or a killed run has left operations
 */
export async function reconcileRooms(
  declared: DeclaredStack,
  state: Deployment,
  rooms: Woken,
  { progress, onDrift }: Pick<RoundOptions, "progress" | "onDrift">,
): Promise<Round | undefined> {
  const { engine, loaded, run } = declared;
  const { manifest } = loaded;
  const isConcerned = ({ kind, id, outputs }: Managed) =>
    rooms.has(kind === "room" ? id : String(outputs["room"]));
  const concerned = managedIn(state).filter((one) => !one.isExternal && isConcerned(one));
  const isDeclared = ({ kind, name }: Managed) =>
    Object.hasOwn(kind === "room" ? manifest.rooms : manifest.recordings, name);
  if (!concerned.every(isDeclared) || pendingIn(state).operations > 0) return undefined;
  const current = loadManifest({ folder: process.cwd(), file: loaded.file, stack: shortName(engine.name) });
  if (!isDeepStrictEqual(current.manifest, manifest)) return undefined;
  const drift = await observeDrift(engine, state, isConcerned);
  // A room that exists may be occupied: what a run would do to it is checked before.
  const isGone = drift.resources.every((one) => one.kind === "recording" || one.class === "deleted");
  if (drift.errors.length > 0 || !isGone) return undefined;
  onDrift(driftResultOf(declared, drift));
  const differences = differencesOf(drift, []);
  if (differences.length === 0) {
    const changes = { same: concerned.length };
    const result = { ...resultOf(engine, { code: EXIT.done, steps: [], failed: [] }), changes, acted: false };
    return { code: EXIT.done, result, differences };
  }
  const target = concerned.map(({ urn }) => urn);
  const how = { refresh: true, runProgram: true, continueOnError: true, target };
  return roundOf(declared, await run({ verb: "up", ...how }, progress.up), differences, true);
}

function roundOf({ engine }: DeclaredStack, outcome: Outcome, differences: string[], acted: boolean): Round {
  return { code: outcome.code, result: { ...resultOf(engine, outcome), acted }, differences };
}

function driftResultOf({ engine }: DeclaredStack, { resources, errors }: ObservedDrift): DriftResult {
  const drifted = resources.length > 0;
  return { project: engine.project, stack: engine.name, drifted, resources, errors };
}

/** Drift, and the changes that a preview shows of other resources. */
function differencesOf({ resources }: ObservedDrift, changes: Outcome["steps"]): string[] {
  const drifted = resources.map((one) => ({ what: `${one.kind} ${one.name}`, how: one.class as string }));
  const others = changes
    .map(({ kind, name, op }) => ({ what: `${kind} ${name}`, how: `to ${op}` }))
    .filter(({ what }) => !drifted.some((one) => one.what === what));
  return [...drifted, ...others].map(({ what, how }) => `${what} ${how}`);
}
