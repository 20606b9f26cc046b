import type { Command } from "commander";
import { addAction, type ManifestOptions, withManifest } from "../command";
import type { ExitCode } from "../exit-codes";
import type { Io } from "../io";
import { whole } from "../values";

interface UpOptions extends ManifestOptions {
  refresh?: boolean;
  maxDeletes?: number;
  force?: boolean;
}

/** `rtc up`: applies the manifest at the vendors. */
export function up(program: Command): void {
  const command = withManifest(program.command("up"))
    .summary("apply the manifest at the vendors")
    .description(
      "Creates, changes and deletes rooms and recordings as the manifest declares, without a prompt.",
    )
    .option("--refresh", "refresh from the vendors first, and repair drift")
    .option("--max-deletes <number>", "the most deletes (default: 30 % of a stack of 10 or more)", whole)
    .option("--force", "do not limit deletes");
  addAction<UpOptions>(command, "rtc up --stack production", carryOut);
}

async function carryOut({ refresh = false, ...options }: UpOptions, io: Io): Promise<ExitCode> {
  const { withDeclared } = await import("../stack/declared.js");
  const { guardDeletes, mostDeletes } = await import("../stack/deletes.js");
  const { resultOf, summaryOf } = await import("../report/report.js");
  const { managedIn } = await import("../stack/stack-state.js");
  return withDeclared(options, async ({ engine, state, run }) => {
    if (!engine.exists) await engine.init();
    const ours = managedIn(state).length;
    const most = mostDeletes(ours, options);
    const how = { refresh, runProgram: refresh ? true : undefined };
    if (most !== undefined && most < ours) {
      const previewed = await run({ verb: "preview", ...how });
      guardDeletes(previewed.steps, ours, most);
    }
    const outcome = await run({ verb: "up", ...how, continueOnError: true }, io);
    const result = resultOf(engine, outcome);
    io.result(result, () => summaryOf(result));
    return outcome.code;
  });
}
