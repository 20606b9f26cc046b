import { type Command, Option } from "commander";
import type { ExitCode } from "./exit-codes";
import { type Io, processIo, reportError } from "./io";
import { breakingSilence } from "./silence";
import { seconds } from "./values";

/** The options that every command has. */
export interface CommonOptions {
  /** Machine-readable results on stdout. */
  json?: boolean;
  /** How many seconds a locked stack is waited for. */
  wait?: number;
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

/** Adds `--wait`, to a command that runs the engine. */
export function withWait(command: Command): Command {
  return command.option("--wait <time>", "wait for a locked stack, at most this long, like 5m", seconds);
}

/** The option of a command that can send drift. */
export interface DriftWebhookOptions {
  webhook?: string;
}

/** Adds `--webhook`, which may hold a secret: it has no parser, since commander quotes what a parser rejects. */
export function withDriftWebhook(command: Command): Command {
  const webhook = new Option("--webhook <url>", "send drift as JSON to this http(s) address");
  return command.addOption(webhook.env("RTC_DRIFT_WEBHOOK"));
}

/** Adds `--yes`, to a command that changes something. Every other one accepts it too, and does not show it. */
export function withYes(command: Command, what = "do not ask"): Command {
  return command.option("-y, --yes", what);
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
  const isAsking = command.options.some(({ long }) => long === "--yes");
  if (!isAsking) command.addOption(new Option("-y, --yes", "do not ask").hideHelp());
  command
    .option("--json", "print the result as JSON")
    .addHelpText("after", `\nExample:\n  $ ${example}`)
    .action(async (...all: unknown[]) => {
      const given = all.slice(0, -2) as string[];
      const options = command.opts<Options>();
      const json = options.json === true;
      try {
        const { wait } = options;
        const carryOut = async (io: Io) => {
          const run = () => action(options, io, ...given);
          return wait === undefined ? run() : (await import("./wait.js")).whenUnlocked(wait, io, run);
        };
        // With --json stderr holds an error as JSON, and nothing of a command that only waits.
        const io = processIo(json);
        process.exitCode = json ? await carryOut(io) : await breakingSilence(nameOf(command), io, carryOut);
      } catch (error) {
        process.exitCode = reportError(error, json);
      }
    });
}

/** A command as it is typed, without `rtc`: `rooms list`. */
function nameOf(command: Command): string {
  const { parent } = command;
  const own = command.name();
  return parent?.parent ? `${nameOf(parent)} ${own}` : own;
}
