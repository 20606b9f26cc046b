import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import type { RtcConfig } from "../client/config";
import type { RtcClient } from "../client/types";
import type { CommonOptions } from "./command";

/** The options of a command that calls vendors without the engine. */
export interface SettingsOptions extends CommonOptions {
  /** Whose configuration is used. */
  stack?: string;
}

/** Adds `--stack` to a command that needs no stack: only for its configuration. */
export function withSettings(command: Command): Command {
  return command.option(
    "-s, --stack <stack>",
    "use this stack's configuration (default: PULUMI_STACK, then the one that is selected here)",
  );
}

/**
 * The configuration: of the stack where this folder configures one, and of the environment for keys that it does not set.
 * Elsewhere Pulumi is not asked.
 *
 * @param otherwise the stack where `--stack` names none; it need not exist
 * @throws NO_STACK for a stack that `--stack` names and that does not exist; what Pulumi reports where it cannot read it
 */
export async function settingsHere(
  { stack: named }: SettingsOptions,
  otherwise = process.env["PULUMI_STACK"],
): Promise<RtcConfig> {
  const { readConfig } = await import("../client/config.js");
  const { isProject } = await import("./stack/engine.js");
  const folder = process.cwd();
  const stack = (named ?? otherwise) || undefined;
  if (!isProject(folder) && (stack === undefined || !hasSettings(folder, stack))) return readConfig();
  const { assertExists, readSettings } = await import("./stack/engine.js");
  const { projectIn } = await import("../manifest/load.js");
  const project = projectIn({ folder, file: "Pulumi.yaml" }, "name") ?? projectIn({ folder });
  if (project === undefined) return readConfig();
  const settings = await readSettings({ folder, stack, project });
  if (named !== undefined) assertExists({ name: named, project, exists: settings !== undefined });
  return readConfig({}, settings);
}

/** Whether a folder configures a stack, as beside a manifest without a Pulumi.yaml. */
function hasSettings(folder: string, stack: string): boolean {
  return existsSync(join(folder, `Pulumi.${stack.slice(stack.lastIndexOf("/") + 1)}.yaml`));
}

/** A client with {@link settingsHere}. */
export async function clientHere(options: SettingsOptions): Promise<RtcClient> {
  const { newClient } = await import("../client/create.js");
  return newClient(await settingsHere(options));
}
