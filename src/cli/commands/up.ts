import type { Command } from "commander";
import { type ManifestOptions, runs, withManifest } from "../command";
import type { ExitCode } from "../exit-codes";
import type { Io } from "../io";
import { whole } from "../values";

interface UpOptions extends ManifestOptions {
  refresh?: boolean;
  maxDeletes?: number;
  force?: boolean;
}

/** `rtc up`: makes the vendors agree with the manifest. */
export function up(program: Command): void {
  const command = withManifest(program.command("up"))
    .summary("make the vendors agree with the manifest")
    .description(
      "Creates, changes and deletes rooms and recordings until they are as the manifest says. Does not ask.",
    )
    .option("--refresh", "look at the vendors first, and mend what has drifted")
    .option(
      "--max-deletes <number>",
      "delete at most so many (default: 30 % of a stack of 10 or more)",
      whole,
    )
    .option("--force", "delete as many as it comes to");
  runs<UpOptions>(command, "rtc up --stack production", carryOut);
}

async function carryOut({ refresh = false, ...options }: UpOptions, io: Io): Promise<ExitCode> {
  const { withDeclared } = await import("../stack/declared.js");
  const { guardDeletes, mostDeletes } = await import("../stack/deletes.js");
  const { resultOf, summaryOf } = await import("../report/report.js");
  const { kindOf } = await import("../stack/engine-events.js");
  return withDeclared(options, async ({ engine, program }) => {
    if (!engine.exists) await engine.init();
    const { resources = [] } = engine.exists ? await engine.state() : {};
    const ours = resources.filter(({ type }) => kindOf(type) !== undefined).length;
    const most = mostDeletes(ours, options);
    const how = { refresh, runProgram: refresh ? true : undefined };
    if (most !== undefined && most < ours) {
      const looked = await engine.run(program, { verb: "preview", ...how });
      guardDeletes(looked.steps, ours, most);
    }
    const outcome = await engine.run(program, { verb: "up", ...how, continueOnError: true }, io);
    const result = resultOf(engine, outcome);
    io.result(result, () => summaryOf(result));
    return outcome.code;
  });
}
