import type * as automation from "@pulumi/pulumi/automation";
import { EXIT, type ExitCode, exitCodeOf } from "../exit-codes";
import { Failure } from "../failure";
import { type Io, isColoured } from "../io";
import { type Failed, failedIn, type Step, stepsIn } from "./engine-events";
import { exitCodeIn, failureOf, isCommandError } from "./pulumi-errors";

/** What the engine is to do. */
export type Operation =
  | ({ verb: "up" } & automation.UpOptions)
  | ({ verb: "preview" } & automation.PreviewOptions)
  | ({ verb: "destroy" } & automation.DestroyOptions)
  | ({ verb: "refresh" } & automation.RefreshOptions);

/** How the engine ended. */
export interface Outcome {
  /** 0, or why not everything was done. */
  code: ExitCode;
  steps: Step[];
  failed: Failed[];
}

/** How often somebody has asked this process to stop: then no other run begins. */
let asked = 0;

/** How long the engine may take to say that a signal has reached it too. */
const HEARD_WITHIN_MS = 3_000;

/**
 * Runs the engine to its end and tells what became of every room and recording.
 *
 * @throws a Failure where it could not begin, or was stopped
 */
export async function operate(stack: automation.Stack, operation: Operation, io?: Io): Promise<Outcome> {
  if (asked > 0) throw interrupted();
  const events: automation.EngineEvent[] = [];
  const { verb, ...given } = operation;
  const show = io ? shown(io) : undefined;
  const stopping = stopsOnSignal();
  const options = {
    color: isColoured() ? ("always" as const) : ("never" as const),
    ...given,
    onOutput: (text: string) => {
      stopping.hear(text);
      show?.(text);
    },
    onEvent: (event: automation.EngineEvent) => events.push(event),
    signal: stopping.signal,
  };
  let wrong: unknown;
  try {
    await started(stack, verb, options);
  } catch (error) {
    wrong = error;
  } finally {
    stopping.close();
  }
  const steps = stepsIn(events);
  const failed = failedIn(events);
  if (wrong === undefined) return { code: EXIT.done, steps, failed };
  if (!isCommandError(wrong)) throw wrong;
  if (asked > 0) throw interrupted();
  if (failed.length === 0) throw failureOf(wrong);
  return { code: codeOf(failed, exitCodeIn(wrong)), steps, failed };
}

function interrupted(): Failure {
  const message =
    asked === 1
      ? "stopped: what was under way has been finished and recorded; run it again to go on"
      : "stopped at once: what was under way may be there unrecorded; run it again to adopt it and go on";
  return new Failure("INTERRUPTED", message, EXIT.interrupted);
}

/** What the engine says of a first signal, which lets it finish its calls, and of a second one, which does not. */
const HEARD = ["received; cancelling", "received; terminating"];

/**
 * Passes SIGINT and SIGTERM on to the engine. A signal to the whole process group, as by a terminal, reaches it as well; it is
 * not told again, since it would take that for impatience.
 */
function stopsOnSignal() {
  const { signal } = new AbortController();
  const waits: NodeJS.Timeout[] = [];
  let said = "";
  const close = () => {
    for (const wait of waits) clearTimeout(wait);
    process.off("SIGINT", ask).off("SIGTERM", ask);
  };
  const ask = () => {
    const word = HEARD[asked++];
    // A third one ends this process.
    if (word === undefined) return close();
    const tell = () => said.includes(word) || signal.dispatchEvent(new Event("abort"));
    waits.push(setTimeout(tell, HEARD_WITHIN_MS));
  };
  // Not once(): whoever ends the child with this process would then find himself alone, and end both.
  process.on("SIGINT", ask).on("SIGTERM", ask);
  return {
    signal,
    /** What the engine says. */
    hear: (text: string) => {
      if (asked > 0) said += text;
    },
    close,
  };
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
