import type { Command } from "commander";
import { addAction, type ManifestOptions, withManifest, withWait, withYes } from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import { type Io, reportError } from "../io";
import type { RunResult } from "../report/report";
import { seconds, whole } from "../values";

interface ReconcileOptions extends ManifestOptions {
  watch?: number;
  maxDeletes?: number;
  force?: boolean;
}

/** `rtc reconcile`: runs up only where something differs. */
export function reconcile(program: Command): void {
  const command = withManifest(program.command("reconcile"))
    .summary("run up only where something differs")
    .description(
      "Compares the manifest, the stack and the vendors, and runs up --refresh only where they differ: safe every minute. Deletes are limited as in rtc up.",
    )
    .option("--watch <time>", "repeat, with this time between rounds, like 30s", seconds)
    .option("--max-deletes <number>", "the most deletes (default: 30 % of a stack of 10 or more)", whole)
    .option("--force", "do not limit deletes");
  addAction<ReconcileOptions>(
    withYes(withWait(command)),
    "rtc reconcile --stack production --watch 30s",
    run,
  );
}

async function run(options: ReconcileOptions, io: Io): Promise<ExitCode> {
  const { summaryOf } = await import("../report/report.js");
  if (options.watch === undefined) {
    const { code, result } = await round(options, io);
    io.result(result, () => summaryOf(result));
    return code;
  }
  const { watch } = await import("../stack/watch.js");
  await watch(
    options.watch,
    async () => {
      const { code, result } = await round(options, io);
      if (options.json) io.data(result, true);
      else if (result.acted || code !== EXIT.done) io.result(result, () => summaryOf(result));
      return code === EXIT.done;
    },
    (error, wait) => {
      reportError(error, options.json === true);
      io.note(`trying again in ${wait} s`);
    },
  );
  io.note("stopped");
  return EXIT.done;
}

/** One round. */
async function round(
  options: ReconcileOptions,
  io: Io,
): Promise<{ code: ExitCode; result: RunResult & { acted: boolean } }> {
  const { withDeclared } = await import("../stack/declared.js");
  const { guardDeletes, mostDeletes } = await import("../stack/removals.js");
  const { observeDrift } = await import("../stack/drift.js");
  const { managedIn, pendingIn } = await import("../stack/stack-state.js");
  const { changesOf, resultOf } = await import("../report/report.js");
  return withDeclared(options, async ({ engine, state, run }) => {
    if (!engine.exists) await engine.init();
    const how = { refresh: true, runProgram: true };
    const { resources: drifted } = await observeDrift(engine, state);
    const previewed = await run(
      { verb: "preview", ...how },
      { note: options.watch === undefined ? io.note : () => {} },
    );
    const differs = changesOf(previewed.steps).length + drifted.length > 0;
    const isPending = pendingIn(state).operations > 0;
    if (previewed.code !== EXIT.done || !(differs || isPending))
      return { code: previewed.code, result: { ...resultOf(engine, previewed), acted: false } };
    const managed = managedIn(state).length;
    guardDeletes(previewed.steps, managed, mostDeletes(managed, options));
    const outcome = await run({ verb: "up", ...how, continueOnError: true }, io);
    // Pending creates are adopted by now; without this every round would run up for them.
    if (isPending && outcome.code === EXIT.done)
      await run({ verb: "refresh", clearPendingCreates: true, runProgram: true }, io);
    return { code: outcome.code, result: { ...resultOf(engine, outcome), acted: true } };
  });
}
