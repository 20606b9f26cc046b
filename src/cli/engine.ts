import type * as automation from "@pulumi/pulumi/automation";
import { RtcError } from "../contract";
import { declare } from "../manifest/declare";
import type { Manifest } from "../manifest/expand";
import { openWorkspace } from "./workspace";

/** Which stack, and what it declares. */
export interface EngineOptions {
  folder: string;
  project: string;
  stack: string;
  /** Undefined: nothing is declared, as in a teardown whose manifest is gone. */
  manifest: Manifest | undefined;
  /** Make the stack where there is none. */
  create?: boolean;
}

/**
 * Runs something with a stack of the real engine, whose program declares the manifest.
 *
 * @throws NOT_CONFIGURED where there is no Pulumi CLI
 */
export async function withStack<T>(
  { folder, project, stack: name, manifest, create = false }: EngineOptions,
  run: (stack: automation.Stack) => Promise<T>,
): Promise<T> {
  const { LocalWorkspace, PulumiCommand } = await import("@pulumi/pulumi/automation/index.js");
  const pulumiCommand = await PulumiCommand.get().catch(() => {
    throw new RtcError(
      "NOT_CONFIGURED",
      "there is no pulumi on the PATH: install the Pulumi CLI (https://www.pulumi.com/docs/install/)",
    );
  });
  const workspace = openWorkspace(folder, project);
  try {
    const program = async () => (manifest ? declare(manifest) : {});
    const made = await LocalWorkspace.create({ workDir: workspace.dir, pulumiCommand, program });
    const { Stack } = await import("@pulumi/pulumi/automation/index.js");
    const stack = create ? await Stack.createOrSelect(name, made) : await Stack.select(name, made);
    return await run(stack);
  } finally {
    workspace.close();
  }
}
