import { RtcError } from "../../contract";
import { declare } from "../../manifest/declare";
import { guard, readAllowed } from "../../manifest/guards";
import { type Loaded, loadManifest, projectIn } from "../../manifest/load";
import type { ManagedOptions, ManifestOptions } from "../command";
import type { Io } from "../io";
import { assertSameProject, type Deployment, type Engine, noStack, withStack } from "./engine";
import { asDeclared, movesOf } from "./moves";
import type { Operation, Outcome } from "./operation";
import { managedIn } from "./stack-state";
import { isProject } from "./workspace";

/** A stack and its manifest. */
export interface DeclaredStack {
  engine: Engine;
  loaded: Loaded;
  /** The stack's state; empty where there is no stack yet. */
  state: Deployment;
  /** Runs the engine with the manifest. Its result is in the order of the manifest, with renamed resources as moves. */
  run(operation: Operation, io?: Io): Promise<Outcome>;
}

/**
 * Opens the stack of a manifest, which is read and guarded before the engine starts.
 *
 * @throws INVALID_ARGUMENT with the problems of the manifest, or what it would delete by mistake
 */
export async function withDeclared<T>(
  { file, stack }: ManifestOptions,
  run: (declared: DeclaredStack) => Promise<T>,
): Promise<T> {
  const folder = process.cwd();
  if (stack === undefined && !isProject(folder)) throw noStack();
  const early = stack === undefined ? undefined : loadManifest({ folder, file, stack: shortName(stack) });
  return withStack({ folder, stack, project: early?.manifest.project }, async (engine) => {
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
    const program = async () => ({ ...declare(manifest, earlier) });
    return run({
      ...{ engine, loaded, state },
      run: async (operation, io) => asDeclared(await engine.run(program, operation, io), manifest, earlier),
    });
  });
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
