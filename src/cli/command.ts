import { type Command, Option } from "commander";
import type { ExitCode } from "./exit-codes";
import { type Io, processIo, reportError } from "./io";

/** The options that every command has. */
export interface CommonOptions {
  /** Machine-readable results on stdout. */
  json?: boolean;
}

/** The options of a command that reads the manifest. */
export interface ManifestOptions extends CommonOptions {
  file: string;
  stack?: string;
}

/** Adds `--file` and `--stack`. */
export function withManifest(command: Command): Command {
  const stack = new Option("-s, --stack <stack>", "the stack, whose overlay is laid over it");
  return command.option("-f, --file <file>", "the manifest", "rtc.yaml").addOption(stack.env("PULUMI_STACK"));
}

/** The options of a command for what a stack manages, which needs no manifest. */
export interface ManagedOptions extends ManifestOptions {
  project?: string;
}

/** Adds `--file`, `--stack` and `--project`. */
export function withProject(command: Command): Command {
  const what = "the project, if neither a manifest nor a Pulumi.yaml names it";
  return withManifest(command).option("--project <project>", what);
}

/**
 * Adds `--json`, an example in the help, and an action to a command. Errors become a message and an exit code. An action
 * imports its dependencies itself, so that no other command loads them.
 */
export function addAction<Options extends CommonOptions>(
  command: Command,
  example: string,
  action: (options: Options, io: Io, ...args: string[]) => Promise<ExitCode>,
): void {
  command
    .option("--json", "print the result as JSON")
    .addHelpText("after", `\nExample:\n  $ ${example}`)
    .action(async (...all: unknown[]) => {
      const given = all.slice(0, -2) as string[];
      const options = command.opts<Options>();
      const json = options.json === true;
      try {
        process.exitCode = await action(options, processIo(json), ...given);
      } catch (error) {
        process.exitCode = reportError(error, json);
      }
    });
}
