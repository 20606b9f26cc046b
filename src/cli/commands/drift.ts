import { type Command, Option } from "commander";
import { type ManifestOptions, runs, withManifest } from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import type { Io } from "../io";

interface DriftOptions extends ManifestOptions {
  format: "text" | "json" | "markdown";
}

/** `rtc drift`: what at the vendors is no longer as it was made. */
export function drift(program: Command): void {
  const formats = new Option("--format <format>", "how to show it").choices(["text", "json", "markdown"]);
  const command = withManifest(program.command("drift"))
    .summary("show what at the vendors is not as declared any more")
    .description(
      "Compares what the stack has made with what is live: changed, deleted, recreated, ended. Changes neither the vendors nor the state. Exits with 7 when there is drift.",
    )
    .addOption(formats.default("text"));
  runs<DriftOptions>(command, "rtc drift --stack production --format markdown", show);
}

async function show({ format, ...options }: DriftOptions, io: Io): Promise<ExitCode> {
  const { withDeclared } = await import("../declared.js");
  const { driftIn } = await import("../drift.js");
  const { driftMarkdown, driftText } = await import("../drift-report.js");
  const { mustExist } = await import("../engine.js");
  const { heldIn } = await import("../held.js");
  const { nothing } = await import("../teardown-programs.js");
  return withDeclared(options, async ({ engine }) => {
    mustExist(engine);
    const held = heldIn(await engine.state());
    const look = { verb: "drift", runProgram: true } as const;
    const { steps, failed, code } = await engine.run(nothing(held), look);
    const resources = driftIn(steps);
    const drifted = resources.length > 0;
    const result = { project: engine.project, stack: engine.name, drifted, resources, errors: failed };
    const text = format === "markdown" ? driftMarkdown : driftText;
    if (format === "json") io.data(result);
    else io.result(result, () => text(result).trimEnd());
    if (code !== EXIT.done) return code;
    return drifted ? EXIT.changes : EXIT.done;
  });
}
