import { type Command, Option } from "commander";
import { addAction, type ManifestOptions, withManifest, withWait } from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import type { Io } from "../io";

interface PreviewOptions extends ManifestOptions {
  format: "text" | "json" | "markdown";
  refresh?: boolean;
  expectNoChanges?: boolean;
  showEnv?: boolean;
}

/** `rtc preview`: what `up` would do. */
export function preview(program: Command): void {
  const formats = new Option("--format <format>", "how to show it").choices(["text", "json", "markdown"]);
  const command = withManifest(program.command("preview"))
    .summary("show what up would do")
    .description("Shows what up would do, field by field. Changes nothing.")
    .addOption(formats.default("text"))
    .option("--refresh", "refresh from the vendors first, which shows drift too")
    .option("--expect-no-changes", "exit with 7 when there are changes")
    .option("--show-env", "in Markdown, show values that came from the environment instead of the variable");
  addAction<PreviewOptions>(
    withWait(command),
    "rtc preview --stack production --format markdown > comment.md",
    show,
  );
}

async function show({ format, refresh = false, ...options }: PreviewOptions, io: Io): Promise<ExitCode> {
  const { withDeclared } = await import("../stack/declared.js");
  const { previewMarkdown, previewOf } = await import("../report/preview-report.js");
  const { previewText } = await import("../report/preview-text.js");
  const { withReferences } = await import("../from-environment.js");
  return withDeclared(options, async ({ engine, loaded, run }) => {
    const how = { refresh, runProgram: refresh ? true : undefined };
    // A new stack exists for the preview only.
    const isNew = !engine.exists && (await engine.init());
    const running = run({ verb: "preview", ...how });
    const outcome = await (isNew ? running.finally(() => engine.remove()) : running);
    const result = previewOf(engine, outcome);
    const forComment = () =>
      previewMarkdown(options.showEnv ? result : withReferences(result, loaded.referenced));
    if (format === "json") io.data(result);
    else io.result(result, () => (format === "markdown" ? forComment() : previewText(result)).trimEnd());
    if (outcome.code !== EXIT.done) return outcome.code;
    return options.expectNoChanges && result.changed ? EXIT.changes : EXIT.done;
  });
}
