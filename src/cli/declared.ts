import { declare } from "../manifest/declare";
import { guard, readAllowed } from "../manifest/guards";
import { type Loaded, loadManifest } from "../manifest/load";
import type { ManifestOptions } from "./command";
import { type Engine, noStack, type Program, sameProject, withStack } from "./engine";
import { isProject } from "./workspace";

/** A stack, and the manifest that it is to be like. */
export interface DeclaredStack {
  engine: Engine;
  loaded: Loaded;
  /** Declares the manifest. */
  program: Program;
}

/**
 * Opens the stack of a manifest, which is read and guarded before the engine is touched.
 *
 * @throws INVALID_ARGUMENT with what is wrong with the manifest, or what it would take down by mistake
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
    sameProject(engine.project, loaded.manifest.project);
    guard(
      loaded,
      name,
      readAllowed((key) => engine.config(key)),
    );
    return run({ engine, loaded, program: async () => ({ ...declare(loaded.manifest) }) });
  });
}

/** `dev` of `organisation/project/dev`. */
export function shortName(stack: string): string {
  return stack.slice(stack.lastIndexOf("/") + 1);
}
