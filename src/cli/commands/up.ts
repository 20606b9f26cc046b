import type { Command } from "commander";
import { addAction, type ManifestOptions, withManifest, withWait, withYes } from "../command";
import type { ExitCode } from "../exit-codes";
import type { Io } from "../io";
import type { Engine } from "../stack/engine";
import type { Outcome } from "../stack/operation";
import { whole } from "../values";

interface UpOptions extends ManifestOptions {
  refresh?: boolean;
  maxDeletes?: number;
  force?: boolean;
  yes?: boolean;
}

/** `rtc up`: applies the manifest at the vendors. */
export function up(program: Command): void {
  const command = withManifest(program.command("up"))
    .summary("apply the manifest at the vendors")
    .description(
      "Creates, changes and deletes rooms and recordings as the manifest declares. At a terminal it shows what it would do, and asks.",
    )
    .option("--refresh", "refresh from the vendors first, and repair drift")
    .option("--max-deletes <number>", "the most deletes (default: 30 % of a stack of 10 or more)", whole)
    .option("--force", "do not limit deletes");
  addAction<UpOptions>(withYes(withWait(command)), "rtc up --stack production", carryOut);
}

async function carryOut({ refresh = false, yes = false, ...options }: UpOptions, io: Io): Promise<ExitCode> {
  const { withDeclared } = await import("../stack/declared.js");
  const { guardDeletes, mostDeletes } = await import("../stack/removals.js");
  const { resultOf, summaryOf } = await import("../report/report.js");
  const { managedIn } = await import("../stack/stack-state.js");
  const { isInteractive } = await import("../confirm.js");
  return withDeclared(options, async ({ engine, state, run }) => {
    const isNew = !engine.exists && (await engine.init());
    if (isNew && !options.json) io.note(`${engine.project}/${engine.name} is a new stack`);
    const ours = managedIn(state).length;
    const most = mostDeletes(ours, options);
    const how = { refresh, runProgram: refresh ? true : undefined };
    const isAsking = !yes && isInteractive();
    if (isAsking || (most !== undefined && most < ours)) {
      const previewed = await run({ verb: "preview", ...how }, { note: io.note });
      guardDeletes(previewed.steps, ours, most);
      if (isAsking) await ask(engine, previewed, isNew, io);
    }
    const outcome = await run({ verb: "up", ...how, continueOnError: true }, io);
    const result = resultOf(engine, outcome);
    io.result(result, () => summaryOf(result));
    return outcome.code;
  });
}

/** Shows a preview and asks whether to apply it, unless it changes nothing. A stack that was made for it goes with a no. */
async function ask(engine: Engine, previewed: Outcome, isNew: boolean, io: Io): Promise<void> {
  const { confirm } = await import("../confirm.js");
  const { previewOf } = await import("../report/preview-report.js");
  const { previewText } = await import("../report/preview-report.js");
  const plan = previewOf(engine, previewed);
  if (!plan.changed) return;
  io.stream(`${previewText(plan)}\n`);
  try {
    await confirm(`Apply this to ${engine.project}/${engine.name}?`);
  } catch (error) {
    if (isNew) await engine.remove();
    throw error;
  }
}
