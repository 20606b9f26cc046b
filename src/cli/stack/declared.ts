import { randomUUID } from "node:crypto";
import { type Problem, RtcError } from "../../contract";
import { declare, type EarlierNames } from "../../manifest/declare";
import { guard, type Loaded, loadManifest, projectIn, readAllowed } from "../../manifest/load";
import { rejection } from "../../reconcile/decision";
import type { ManagedOptions, ManifestOptions } from "../command";
import { EXIT } from "../exit-codes";
import { checkDeclared, replacedRooms } from "./checked";
import { observeDrift } from "./drift";
import {
  assertSameProject,
  type Deployment,
  type Engine,
  isProject,
  noStack,
  openStack,
  withStack,
} from "./engine";
import type { Step } from "./engine-events";
import { asDeclared, exchangedIn, idsOf, movesOf } from "./moves";
import type { Operation, Outcome, Progress } from "./operation";
import { type Blocked, blockedRemovals, ofOtherServers, protectedRemovals } from "./removals";
import { type Managed, managedIn } from "./stack-state";

/** A stack and its manifest. */
export interface DeclaredStack {
  engine: Engine;
  loaded: Loaded;
  /** The stack's state; empty where there is no stack yet. */
  state: Deployment;
  /** Runs the engine with the manifest. Its result is in the order of the manifest, with renamed resources as moves. */
  run(operation: Operation, io: Progress): Promise<Outcome>;
}

/** Runs a callback with the stack of a manifest, as {@link openDeclared} does. */
export async function withDeclared<T>(
  options: ManifestOptions,
  run: (declared: DeclaredStack) => Promise<T>,
): Promise<T> {
  const { declared, close } = await openDeclared(options);
  try {
    return await run(declared);
  } finally {
    close();
  }
}

/**
 * Opens the stack of a manifest, which is read and guarded before the engine starts, until it is closed.
 *
 * @throws INVALID_ARGUMENT with the problems of the manifest, or what it would delete by mistake
 */
export async function openDeclared({
  file,
  stack,
}: ManifestOptions): Promise<{ declared: DeclaredStack; close(): void }> {
  const folder = process.cwd();
  if (stack === undefined && !isProject(folder)) throw noStack();
  const early = stack === undefined ? undefined : loadManifest({ folder, file, stack: shortName(stack) });
  const { engine, close } = await openStack({ folder, stack, project: early?.manifest.project });
  try {
    const name = shortName(engine.name);
    const loaded = early ?? loadManifest({ folder, file, stack: name });
    assertSameProject(engine.project, loaded.manifest.project);
    guard(
      loaded,
      name,
      readAllowed((key) => engine.config(key)),
    );
    const { manifest } = loaded;
    const state = engine.exists ? await engine.state() : {};
    const earlier = movesOf(manifest, managedIn(state), engine.settings().recordingOutput);
    const checked = await checkDeclared(engine, manifest, earlier, managedIn(state));
    if (checked.problems.length > 0)
      throw missingVendors(checked.problems) ?? loaded.errorOf(checked.problems);
    const ids = idsOf(managedIn(state), earlier);
    let names = earlier;
    const program = async () => ({ ...declare(manifest, names, ids) });
    const leaving = managedIn(state).filter(({ kind, name, isExternal }) => {
      const isRoom = kind === "room";
      const isDeclared = Object.hasOwn(isRoom ? manifest.rooms : manifest.recordings, name);
      const moved = Object.values(isRoom ? earlier.rooms : earlier.recordings);
      return !isExternal && !isDeclared && !moved.includes(name);
    });
    const apply = async (operation: Operation, io: Progress) => {
      const inRun = names;
      const runEngine = (one: Operation) => engine.run(program, one, io);
      // The engine touches nothing but the targets, which are declared.
      if ("target" in operation) {
        const targets = managedIn(state).filter(({ urn }) => operation.target?.includes(urn));
        const outcome = await (operation.verb === "up" && targets.some(({ kind }) => kind === "recording")
          ? inTwoRuns(operation, runEngine)
          : runEngine(operation));
        return asDeclared(outcome, manifest, inRun);
      }
      const isRefresh = operation.verb === "refresh";
      const isRefreshing = isRefresh || ("refresh" in operation && operation.refresh);
      const isPreview = operation.verb === "preview";
      const isUp = operation.verb === "up";
      const rooms = leaving.filter(({ kind }) => kind === "room");
      const removals = isUp || (isPreview && isRefreshing) ? [...(await blockedRemovals(engine, rooms))] : [];
      const observed = isRefreshing && !isRefresh ? (await observeDrift(engine, state)).observed : undefined;
      const outputsOf = (one: Managed) =>
        observed?.has(one.urn) ? (observed.get(one.urn) ?? null) : one.outputs;
      const replaced = await replacedRooms(engine.client(), managedIn(state), checked.rooms, outputsOf);
      // One that only has another name is registered under it, where the run cannot leave it alone: the provider rejects it.
      const isNamed = ({ name }: Managed) => Object.hasOwn(manifest.rooms, name);
      const replacements = isUp ? await blockedRemovals(engine, replaced.others.filter(isNamed)) : [];
      // A refresh takes a room of another owner out of the state, where nothing is left to delete then.
      const isTakenOut = ([, { failure }]: (typeof removals)[number]) =>
        isRefreshing && failure.code === "ALREADY_EXISTS";
      const takenOut = new Set(removals.filter(isTakenOut).map(([urn]) => urn));
      const blocked: Blocked = new Map([
        ...(isUp ? removals.filter((one) => !isTakenOut(one)) : []),
        ...replacements,
        ...(isRefreshing ? ofOtherServers(engine, managedIn(state)) : []),
        ...(isUp || isPreview ? [...replaced.blocked, ...protectedRemovals(leaving)] : []),
      ]);
      const runKeeping = (one: Operation) => runEngine(keeping(one, state, blocked));
      const outcome = await (refreshesFirst(operation, state, leaving)
        ? inTwoRuns(operation, runKeeping)
        : runKeeping(operation));
      const steps = outcome.steps.filter(({ op, urn }) => op !== "delete" || !takenOut.has(urn));
      const result = { ...outcome, steps };
      if (isUp) names = await renameExchanged(engine, managedIn(state), inRun);
      return asDeclared(
        isPreview ? withRejections(result, blocked, leaving) : withBlocked(result, blocked),
        manifest,
        inRun,
      );
    };
    return { declared: { engine, loaded, state, run: apply }, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** One error where nothing is wrong with a manifest, but keys of its vendors are missing; undefined where there is more. */
function missingVendors(problems: readonly Problem[]): RtcError | undefined {
  const code = "NOT_CONFIGURED";
  const reasons = new Set(problems.map(({ message }) => message));
  if (![...reasons].every((reason) => reason.startsWith(`${code}: `))) return undefined;
  const names = problems.map(({ path: [kind, name] }) => `${String(kind).replace(/s$/, "")} ${String(name)}`);
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
  const why = [...reasons].map((reason) => reason.slice(code.length + 2)).join("; ");
  return new RtcError(
    code,
    `${why}. Needed for ${names.slice(0, NAMED).join(", ")}${more}; nothing was touched`,
  );
}

/** How many resources a message names. */
const NAMED = 5;

/**
 * Gives resources that have exchanged their names those of the manifest in the state, after a run under the names of the
 * state. A circle is opened by a name that no manifest has. Where it is interrupted, what is left is a move of the next run.
 *
 * @returns the names in the state that still differ
 */
async function renameExchanged(
  engine: Pick<Engine, "rename">,
  managed: readonly Managed[],
  earlier: EarlierNames,
): Promise<EarlierNames> {
  const exchanged = exchangedIn(earlier);
  for (const [kind, names] of [
    ["room", exchanged.rooms],
    ["recording", exchanged.recordings],
  ] as const) {
    const waiting = new Map(Object.entries(names).map(([name, before]) => [before, name]));
    const rename = async (from: string, to: string) => {
      const urn = managed.find((one) => one.kind === kind)?.urn ?? "";
      await engine.rename(`${urn.slice(0, urn.lastIndexOf("::") + 2)}${from}`, to);
    };
    while (waiting.size > 0) {
      const next = [...waiting].find(([, to]) => !waiting.has(to));
      const [from = "", to = ""] = next ?? [...waiting][0] ?? [];
      waiting.delete(from);
      if (next) {
        await rename(from, to);
        continue;
      }
      const between = `${to}-${randomUUID()}`;
      await rename(from, between);
      waiting.set(between, to);
    }
  }
  const without = (all: Readonly<Record<string, string>>, done: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => done[name] === undefined));
  return {
    rooms: without(earlier.rooms, exchanged.rooms),
    recordings: without(earlier.recordings, exchanged.recordings),
  };
}

type Up = Extract<Operation, { verb: "up" }>;

/**
 * Whether an `up --refresh` is two runs of the engine. One run of Pulumi (3.276) that does both may not end where recordings
 * depend on rooms. And it refreshes nothing that is no longer declared, so that a room which another owner has would be
 * deleted, and its provider reject that.
 */
function refreshesFirst(
  operation: Operation,
  state: Deployment,
  leaving: readonly Managed[],
): operation is Up {
  const isWithRefresh = operation.verb === "up" && operation.refresh === true;
  return isWithRefresh && (leaving.length > 0 || managedIn(state).some(({ kind }) => kind === "recording"));
}

/** Refreshes, and then goes on as declared; what a refresh has reported stays on the rows. */
async function inTwoRuns(
  { refresh: _, runProgram: __, ...up }: Up,
  runEngine: (operation: Operation) => Promise<Outcome>,
): Promise<Outcome> {
  const { target = [] } = up;
  const targets = target.length > 0 && { target };
  const refreshed = await runEngine({ verb: "refresh", runProgram: true, ...targets });
  if (refreshed.code !== EXIT.done) return refreshed;
  const outcome = await runEngine(up);
  const earlier = new Map(refreshed.steps.map(({ urn, messages }) => [urn, messages]));
  const steps = outcome.steps.map((step) => {
    const messages = [...new Set([...(earlier.get(step.urn) ?? []), ...step.messages])];
    return { ...step, messages };
  });
  return { ...outcome, steps };
}

/** A run that leaves resources alone, and recordings of rooms among them, which would be ended before their room. */
function keeping(operation: Operation, state: Deployment, blocked: Blocked): Operation {
  if (blocked.size === 0 || operation.verb === "destroy") return operation;
  const ids = new Set([...blocked.values()].map(({ resource }) => resource.id));
  const recordings = managedIn(state).filter(
    ({ kind, outputs }) => kind === "recording" && ids.has(String(outputs["room"])),
  );
  return { ...operation, exclude: [...blocked.keys(), ...recordings.map(({ urn }) => urn)] };
}

/** The result of such a run: each of these resources has failed. */
function withBlocked(outcome: Outcome, blocked: Blocked): Outcome {
  if (blocked.size === 0) return outcome;
  const failed = [...blocked.values()].map(({ resource, failure }) => {
    return { resource: resource.name, message: `${failure.code}: ${failure.message}`, code: failure.code };
  });
  // The engine reports resources that it does not change as the same.
  const steps = outcome.steps.map((step) => (blocked.has(step.urn) ? { ...step, failed: true } : step));
  return { code: outcome.code || EXIT.resource, steps, failed: [...outcome.failed, ...failed] };
}

/** The result of a preview that leaves resources alone: `up` will reject each of them. */
function withRejections(outcome: Outcome, blocked: Blocked, leaving: readonly Managed[]): Outcome {
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

/**
 * Opens a stack for the resources that it manages. Its manifest is read only for the project's name.
 *
 * @throws INVALID_ARGUMENT where nothing names the project
 */
export async function withManaged<T>(
  { file, stack, project: named }: ManagedOptions,
  run: (engine: Engine) => Promise<T>,
): Promise<T> {
  const folder = process.cwd();
  const project = named ?? (isProject(folder) ? undefined : projectIn({ folder, file }));
  if (project === undefined && !isProject(folder)) {
    const message = `there is no Pulumi.yaml in ${folder}, and no manifest that names the project: pass --project`;
    throw new RtcError("INVALID_ARGUMENT", message);
  }
  return withStack({ folder, stack, project }, run);
}

/** `dev` of `organisation/project/dev`. */
export function shortName(stack: string): string {
  return stack.slice(stack.lastIndexOf("/") + 1);
}
