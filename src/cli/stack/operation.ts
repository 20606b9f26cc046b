import type * as automation from "@pulumi/pulumi/automation";
import { EXIT, type ExitCode, exitCodeOf, Failure } from "../exit-codes";
import { type Io, isColoured } from "../io";
import { waitingFor } from "../silence";
import { type Failed, failedIn, pendingSteps, type Step, stepsIn } from "./engine-events";
import { filterNoise } from "./noise";
import { exitCodeIn, failureOf, isCommandError } from "./pulumi-errors";

/** An operation of the engine. */
export type Operation =
  | ({ verb: "up" } & automation.UpOptions)
  | ({ verb: "preview" } & automation.PreviewOptions)
  | ({ verb: "destroy" } & automation.DestroyOptions)
  | ({ verb: "refresh" } & automation.RefreshOptions);

/** The result of the engine. */
export interface Outcome {
  /** 0, or the exit code of the failure. */
  code: ExitCode;
  steps: Step[];
  failed: Failed[];
}

/** Where a run of the engine shows its progress: all of it, or only what it waits for. */
export type Progress = Pick<Io, "note"> & Partial<Pick<Io, "stream">>;

/** The number of signals to stop. After one, no other run begins. */
let signals = 0;

/** How long the engine may take to report a signal. */
const REPORT_MS = 3_000;

/**
 * Runs the engine to its end, and returns the result of every room and recording.
 *
 * @throws a Failure where it could not start, or was stopped
 */
export async function operate(
  stack: automation.Stack,
  operation: Operation,
  io?: Progress,
): Promise<Outcome> {
  if (signals > 0) throw interruption();
  const events: automation.EngineEvent[] = [];
  const { verb, ...given } = operation;
  const show = io?.stream ? filterNoise(io.stream, () => signals > 0) : undefined;
  const stopping = forwardSignals();
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
    await waitingFor(
      () => waitOf(events),
      () => startOperation(stack, verb, options),
    );
  } catch (error) {
    wrong = error;
  } finally {
    stopping.close();
  }
  const steps = stepsIn(events);
  const failed = failedIn(events, verb === "preview");
  if (wrong === undefined) return { code: failed.length > 0 ? EXIT.resource : EXIT.done, steps, failed };
  if (!isCommandError(wrong)) throw wrong;
  if (signals > 0) throw interruption();
  if (failed.length === 0) throw failureOf(wrong);
  return { code: codeOf(failed, exitCodeIn(wrong)), steps, failed };
}

function interruption(): Failure {
  const message =
    signals === 1
      ? "stopped: operations in progress were finished and recorded; run it again to continue"
      : "stopped immediately: resources of operations in progress may be unrecorded; run it again to adopt them and continue";
  return new Failure("INTERRUPTED", message, EXIT.interrupted);
}

/** The engine's reports of a first signal, on which it finishes its calls, and of a second one, on which it does not. */
const REPORTS = ["received; cancelling", "received; terminating"];

/**
 * Forwards SIGINT and SIGTERM to the engine. A signal to the process group, as from a terminal, reaches it anyway: it is not
 * forwarded, since the engine would take it for a second signal.
 */
function forwardSignals() {
  const { signal } = new AbortController();
  const waits: NodeJS.Timeout[] = [];
  let output = "";
  const close = () => {
    for (const wait of waits) clearTimeout(wait);
    process.off("SIGINT", stop).off("SIGTERM", stop);
  };
  const stop = () => {
    const report = REPORTS[signals++];
    // A third one ends this process.
    if (report === undefined) return close();
    const forward = () => output.includes(report) || signal.dispatchEvent(new Event("abort"));
    waits.push(setTimeout(forward, REPORT_MS));
  };
  // Not once(): a process that signals both would otherwise end this one with its second signal.
  process.on("SIGINT", stop).on("SIGTERM", stop);
  return {
    signal,
    /** Takes the engine's output. */
    hear: (text: string) => {
      if (signals > 0) output += text;
    },
    close,
  };
}

function startOperation(
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

/** The exit code of failures: authentication or usage where all agree, else that of a failed resource. */
export function codeOf(failed: readonly Failed[], engine: ExitCode): ExitCode {
  const codes = failed.map(({ code }) => (code === undefined ? undefined : exitCodeOf(code)));
  const [first] = codes;
  const agreed = codes.every((code) => code === first);
  if (agreed && (first === EXIT.authentication || first === EXIT.usage)) return first;
  return failed.some(({ resource }) => resource !== undefined) ? EXIT.resource : engine;
}

/** What a run waits for. */
function waitOf(events: readonly automation.EngineEvent[]): string {
  const [first, ...others] = pendingSteps(events);
  if (first === undefined) return "Pulumi";
  return others.length > 0 ? `${first} and ${others.length} more` : first;
}
