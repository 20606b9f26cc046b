import type * as automation from "@pulumi/pulumi/automation";
import { EXIT, type ExitCode, exitCodeOf } from "./exit-codes";
import { Failure } from "./failure";
import { type Io, isColoured } from "./io";
import { failureOf, isCommandError } from "./pulumi-errors";
import { type Failed, failedIn, type Step, stepsIn } from "./steps";

/** What the engine is to do. */
export type Operation =
  | ({ verb: "up" } & automation.UpOptions)
  | ({ verb: "preview" } & automation.PreviewOptions)
  | ({ verb: "destroy" } & automation.DestroyOptions)
  | ({ verb: "refresh" } & automation.RefreshOptions)
  | ({ verb: "drift" } & automation.RefreshOptions);

/** How the engine ended. */
export interface Outcome {
  /** 0, or why not everything was done. */
  code: ExitCode;
  steps: Step[];
  failed: Failed[];
}

/** All of it, until somebody stops this process. */
let stopping: AbortController | undefined;

/** Stops what the engine has under way: it finishes its calls, and records them. */
export function stopEngine(): void {
  stopping?.abort();
}

/**
 * Runs the engine to its end and tells what became of every room and recording.
 *
 * @throws a Failure where it could not begin, or was stopped
 */
export async function operate(stack: automation.Stack, operation: Operation, io?: Io): Promise<Outcome> {
  const events: automation.EngineEvent[] = [];
  const abort = new AbortController();
  const { verb, ...given } = operation;
  const options = {
    ...(io ? { onOutput: shown(io) } : {}),
    color: isColoured() ? ("always" as const) : ("never" as const),
    ...given,
    onEvent: (event: automation.EngineEvent) => events.push(event),
    signal: abort.signal,
  };
  const stop = (signal: NodeJS.Signals) => {
    // A terminal has told every process of the group: the engine would take a second one for impatience.
    if (signal === "SIGTERM" || !isAtTerminal()) abort.abort();
  };
  stopping = abort;
  process.once("SIGINT", stop).once("SIGTERM", stop);
  let wrong: unknown;
  try {
    await started(stack, verb, options);
  } catch (error) {
    wrong = error;
  } finally {
    stopping = undefined;
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
  const steps = stepsIn(events);
  const failed = failedIn(events);
  if (wrong === undefined) return { code: EXIT.done, steps, failed };
  if (!isCommandError(wrong)) throw wrong;
  if (abort.signal.aborted) {
    const message = "stopped: what was under way has been finished and recorded; run it again to go on";
    throw new Failure("INTERRUPTED", message, wrong.commandResult.code);
  }
  if (failed.length === 0) throw failureOf(wrong);
  return { code: codeOf(failed, wrong.commandResult.code), steps, failed };
}

function started(
  stack: automation.Stack,
  verb: Operation["verb"],
  options: automation.UpOptions,
): Promise<unknown> {
  switch (verb) {
    case "up":
      return stack.up(options);
    case "preview":
      return stack.preview(options);
    case "destroy":
      return stack.destroy(options);
    case "refresh":
      return stack.refresh(options);
    case "drift":
      return stack.previewRefresh(options);
  }
}

/** Credentials that are refused everywhere are told apart, and a declaration that is wrong; else a resource failed. */
export function codeOf(failed: readonly Failed[], engine: ExitCode): ExitCode {
  const codes = failed.map(({ code }) => (code === undefined ? undefined : exitCodeOf(code)));
  const [first] = codes;
  const agreed = codes.every((code) => code === first);
  if (agreed && (first === EXIT.authentication || first === EXIT.usage)) return first;
  return failed.some(({ resource }) => resource !== undefined) ? EXIT.resource : engine;
}

/** Shows progress line by line, without what a failed resource does to the program: its stack, and its exception. */
function shown(io: Io): (text: string) => void {
  let rest = "";
  return (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (!NOISE.test(line)) io.stream(`${line}\n`);
  };
}

const NOISE = /^\s+at .+[:)]\d*|failed to register$/;

function isAtTerminal(): boolean {
  return [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY === true);
}
