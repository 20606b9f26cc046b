import { RtcError } from "../../contract";
import { declare } from "../../manifest/declare";
import { guard, type Loaded, loadManifest, projectIn, readAllowed } from "../../manifest/load";
import type { ManagedOptions, ManifestOptions } from "../command";
import { EXIT } from "../exit-codes";
import { excludedOf, keeping, observeBlocked, withBlocked, withRejections } from "./blocked";
import { checkDeclared, missingVendors } from "./checked";
import {
  assertSameProject,
  type Deployment,
  type Engine,
  isProject,
  noStack,
  openStack,
  withStack,
} from "./engine";
import { asDeclared, idsOf, keptOf, type Moves, movesOf } from "./moves";
import type { Operation, Outcome, Progress } from "./operation";
import { renameInState } from "./renames";
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
    const moves = movesOf(manifest, managedIn(state), engine.settings().recordingOutput);
    const earlier = moves.registered;
    const checked = checkDeclared(engine, manifest, earlier, managedIn(state));
    if (checked.problems.length > 0)
      throw missingVendors(checked.problems) ?? loaded.errorOf(checked.problems);
    const ids = idsOf(managedIn(state), earlier);
    let [names, kept] = [earlier, moves.kept];
    const program = async () => ({ ...declare(manifest, names, ids, kept) });
    const leaving = managedIn(state).filter(({ kind, name, isExternal }) => {
      const isRoom = kind === "room";
      const isDeclared = Object.hasOwn(isRoom ? manifest.rooms : manifest.recordings, name);
      const moved = Object.values(isRoom ? earlier.rooms : earlier.recordings);
      return !isExternal && !isDeclared && !moved.includes(name);
    });
    const apply = async (operation: Operation, io: Progress) => {
      // After an exchange of names nothing of it is a move any more.
      const inRun: Moves = names === earlier ? moves : { moved: names, registered: names };
      kept = undefined;
      const runEngine = (one: Operation) => engine.run(program, one, io);
      // The engine touches nothing but the targets, which are declared.
      if ("target" in operation) {
        const targets = managedIn(state).filter(({ urn }) => operation.target?.includes(urn));
        const outcome = await (operation.verb === "up" && targets.some(({ kind }) => kind === "recording")
          ? inTwoRuns(operation, runEngine)
          : runEngine(operation));
        return asDeclared(outcome, manifest, inRun);
      }
      const observed = await observeBlocked({ engine, state, leaving, rooms: checked.rooms }, operation);
      const { blocked, takenOut } = observed;
      const excluded = excludedOf(state, blocked);
      kept = keptOf(names, managedIn(state), excluded);
      const asRun = { ...inRun, kept };
      const runKeeping = (one: Operation) => runEngine(keeping(one, excluded));
      const outcome = await (refreshesFirst(operation, state, leaving)
        ? inTwoRuns(operation, runKeeping)
        : runKeeping(operation));
      const steps = outcome.steps.filter(({ op, urn }) => op !== "delete" || !takenOut.has(urn));
      const result = { ...outcome, steps };
      if (operation.verb === "up") names = await renameInState(engine, asRun);
      const isPreview = operation.verb === "preview";
      return asDeclared(
        isPreview ? withRejections(result, blocked, leaving) : withBlocked(result, blocked),
        manifest,
        asRun,
      );
    };
    return { declared: { engine, loaded, state, run: apply }, close };
  } catch (error) {
    close();
    throw error;
  }
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
