import type { Command } from "commander";
import { addAction, type ManagedOptions, withProject } from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import { type Io, reportError } from "../io";
import { nothing, waitingFor } from "../silence";
import type { StackStatus } from "../stack/status";
import { seconds } from "../values";

/** How often a watched stack is observed, where `--watch` names no time. */
const WATCH_SECONDS = 5;

interface StatusOptions extends ManagedOptions {
  watch?: number | true;
}

/** `rtc status`: a stack at a glance. */
export function status(program: Command): void {
  const command = withProject(program.command("status"))
    .summary("show a stack at a glance")
    .description(
      "Shows the stack's rooms (open, dormant, missing) with their participants, its recordings, the last run, and drift. What cannot be observed is unknown. Changes neither the vendors nor the state.",
    )
    .option(
      "--watch [time]",
      `show each change until Ctrl-C, observing in this interval (default: ${WATCH_SECONDS}s)`,
      seconds,
    );
  addAction<StatusOptions>(command, "rtc status --stack production --watch", show);
}

async function show({ watch, ...options }: StatusOptions, io: Io): Promise<ExitCode> {
  const { withManaged } = await import("../stack/declared.js");
  const { observeStatus } = await import("../stack/status.js");
  const { statusText } = await import("../report/status-report.js");
  const { assertExists } = await import("../stack/engine.js");
  const { codeOf } = await import("../stack/operation.js");
  return withManaged(options, async (engine) => {
    assertExists(engine);
    const observe = () => observeStatus(engine);
    if (watch !== undefined) return watchStatus(observe, watch === true ? WATCH_SECONDS : watch, options, io);
    const found = await observe();
    io.result(found, () => statusText(found));
    return found.errors.length > 0 ? codeOf(found.errors, EXIT.resource) : EXIT.done;
  });
}

/** Shows the status whenever it has changed, until SIGINT or SIGTERM. */
async function watchStatus(
  observe: () => Promise<StackStatus>,
  every: number,
  { json = false }: StatusOptions,
  io: Io,
): Promise<ExitCode> {
  const { watch } = await import("../stack/watch.js");
  const { displayOn } = await import("../report/display.js");
  const { statusText } = await import("../report/status-report.js");
  const display = displayOn(process.stdout);
  let last = "";
  const round = async () => {
    const found = await observe();
    const line = JSON.stringify(found);
    if (!json) display.show(statusText(found));
    else if (line !== last) io.data(found, true);
    last = line;
    return true;
  };
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
  const watching = watch(every, round, (error, wait) => {
    reportError(error, json);
    io.note(`trying again in ${wait} s`);
  });
  // Nothing is changed, so that a round in progress need not be waited for.
  await waitingFor(nothing, () => Promise.race([watching, interrupted]));
  display.close();
  // Its calls would else keep the process until they end.
  setImmediate(() => process.exit(EXIT.done));
  return EXIT.done;
}
