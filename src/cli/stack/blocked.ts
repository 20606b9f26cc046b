import { rejection } from "../../reconcile/decision";
import type { Properties } from "../../reconcile/lifecycle";
import { EXIT } from "../exit-codes";
import { replacedRooms } from "./checked";
import { observeDrift } from "./drift";
import type { Deployment, Engine } from "./engine";
import type { Step } from "./engine-events";
import type { Operation, Outcome } from "./operation";
import { type Blocked, blockedRemovals, ofOtherServers, protectedRemovals } from "./removals";
import { type Managed, managedIn } from "./stack-state";

/** A stack before a run with its manifest. */
interface BeforeRun {
  engine: Engine;
  state: Deployment;
  /** The resources of the state that are no longer declared. */
  leaving: readonly Managed[];
  /** The rooms of the state that are declared, with their inputs as check has resolved them. */
  rooms: ReadonlyMap<Managed, Properties>;
}

/** What a run must leave alone. */
interface ObservedBlocked {
  blocked: Blocked;
  /** Rooms that a refresh takes out of the state, by their URN: another owner has them. */
  takenOut: ReadonlySet<string>;
}

/** Observes all that a run would replace or delete before it changes anything, and decides what it must leave alone. */
export async function observeBlocked(
  { engine, state, leaving, rooms }: BeforeRun,
  operation: Operation,
): Promise<ObservedBlocked> {
  const isRefresh = operation.verb === "refresh";
  const isRefreshing = isRefresh || ("refresh" in operation && operation.refresh === true);
  const isPreview = operation.verb === "preview";
  const isUp = operation.verb === "up";
  const isRoom = ({ kind }: Managed) => kind === "room";
  const managed = managedIn(state);
  const isRemoving = isUp || (isPreview && isRefreshing);
  const removals = isRemoving ? [...(await blockedRemovals(engine, leaving.filter(isRoom)))] : [];
  const isObserving = isRefreshing && !isRefresh;
  const observed = isObserving ? (await observeDrift(engine, state, isRoom)).observed : undefined;
  const outputsOf = (one: Managed) =>
    observed?.has(one.urn) ? (observed.get(one.urn) ?? null) : one.outputs;
  const replaced = await replacedRooms(engine.client(), managed, rooms, outputsOf);
  const replacements = isUp ? await blockedRemovals(engine, replaced.others) : [];
  // A refresh takes a room of another owner out of the state, where nothing is left to delete then.
  const isTakenOut = ([, { failure }]: (typeof removals)[number]) =>
    isRefreshing && failure.code === "ALREADY_EXISTS";
  return {
    takenOut: new Set(removals.filter(isTakenOut).map(([urn]) => urn)),
    blocked: new Map([
      ...(isUp ? removals.filter((one) => !isTakenOut(one)) : []),
      ...replacements,
      ...(isRefreshing ? ofOtherServers(engine, managed) : []),
      ...(isUp || isPreview ? [...replaced.blocked, ...protectedRemovals(leaving)] : []),
    ]),
  };
}

/** What a run leaves alone, by URN: recordings of rooms among them too, which would be ended before their room. */
export function excludedOf(state: Deployment, blocked: Blocked): string[] {
  const ids = new Set([...blocked.values()].map(({ resource }) => resource.id));
  const recordings = managedIn(state).filter(
    ({ kind, outputs }) => kind === "recording" && ids.has(String(outputs["room"])),
  );
  return [...new Set([...blocked.keys(), ...recordings.map(({ urn }) => urn)])];
}

/** A run that leaves these resources alone. */
export function keeping(operation: Operation, exclude: string[]): Operation {
  return exclude.length === 0 || operation.verb === "destroy" ? operation : { ...operation, exclude };
}

/** The result of such a run: each of these resources has failed. */
export function withBlocked(outcome: Outcome, blocked: Blocked): Outcome {
  if (blocked.size === 0) return outcome;
  const failed = [...blocked.values()].map(({ resource, failure }) => {
    return { resource: resource.name, message: `${failure.code}: ${failure.message}`, code: failure.code };
  });
  // The engine reports resources that it does not change as the same.
  const steps = outcome.steps.map((step) => (blocked.has(step.urn) ? { ...step, failed: true } : step));
  return { code: outcome.code || EXIT.resource, steps, failed: [...outcome.failed, ...failed] };
}

/** The result of a preview that leaves resources alone: `up` will reject each of them. */
export function withRejections(outcome: Outcome, blocked: Blocked, leaving: readonly Managed[]): Outcome {
  const isLeaving = new Set(leaving.map(({ urn }) => urn));
  const others = outcome.steps.filter(({ urn }) => !blocked.has(urn));
  const rejected = [...blocked].map(
    ([
      urn,
      {
        resource: { kind, name },
        failure,
      },
    ]): Step => {
      const op = isLeaving.has(urn) ? "delete" : "update";
      return { op, kind, name, urn, fields: [], failed: false, messages: [rejection(failure)] };
    },
  );
  return { ...outcome, steps: [...others, ...rejected] };
}
