import { type Command, Option } from "commander";
import { addAction, type ManifestOptions, withManifest, withWait } from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import type { Io } from "../io";
import { whole } from "../values";

interface PreviewOptions extends ManifestOptions {
  format: "text" | "json" | "markdown";
  refresh?: boolean;
  expectNoChanges?: boolean;
  showEnv?: boolean;
  offline?: boolean;
  maxDeletes?: number;
  force?: boolean;
}

/** `rtc preview`: what `up` would do. */
export function preview(program: Command): void {
  const formats = new Option("--format <format>", "how to show it").choices(["text", "json", "markdown"]);
  const command = withManifest(program.command("preview"))
    .alias("plan")
    .summary("show what up would do")
    .description(
      "Shows what up would do, field by field, and what it will reject as far as the vendors can be asked: a room of others or with participants in it, rejected credentials, too many deletes. Changes nothing. Exits with 10 where up will reject something.",
    )
    .addOption(formats.default("text"))
    .option("--refresh", "refresh from the vendors first, which shows drift too")
    .option("--offline", "ask no vendor what up will meet")
    .option("--max-deletes <number>", "the most deletes of the up to come (default: as there)", whole)
    .option("--force", "the up to come does not limit deletes")
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
  const { previewText } = await import("../report/preview-report.js");
  const { withReferences } = await import("../from-environment.js");
  const { mostDeletes, tooManyDeletes } = await import("../stack/removals.js");
  const { managedIn } = await import("../stack/stack-state.js");
  const { withRejectedDeletes } = await import("../stack/removals.js");
  return withDeclared(options, async ({ engine, loaded, state, run }) => {
    const how = { refresh, runProgram: refresh ? true : undefined };
    if (options.offline) engine.set("RTC_OFFLINE_PREVIEW");
    // A new stack exists for the preview only.
    const isNew = !engine.exists && (await engine.init());
    const running = run({ verb: "preview", ...how }, { note: io.note });
    const outcome = await (isNew ? running.finally(() => engine.remove()) : running);
    const managed = managedIn(state);
    const isOffline = options.offline || engine.settings().offlinePreview;
    const steps = isOffline ? outcome.steps : await withRejectedDeletes(engine, managed, outcome.steps);
    const limit = tooManyDeletes(steps, managed.length, mostDeletes(managed.length, options));
    const rejected = limit === undefined ? [] : [{ message: limit }];
    const result = previewOf(engine, { ...outcome, steps }, rejected);
    const forComment = () =>
      previewMarkdown(options.showEnv ? result : withReferences(result, loaded.referenced));
    if (format === "json") io.data(result);
    else io.result(result, () => (format === "markdown" ? forComment() : previewText(result)).trimEnd());
    if (outcome.code !== EXIT.done) return outcome.code;
    if (result.rejected.length > 0) return EXIT.rejected;
    return options.expectNoChanges && result.changed ? EXIT.changes : EXIT.done;
  });
}
