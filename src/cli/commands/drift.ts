import { type Command, Option } from "commander";
import {
  addAction,
  type DriftWebhookOptions,
  type ManagedOptions,
  withDriftWebhook,
  withProject,
} from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import type { Io } from "../io";

interface DriftOptions extends ManagedOptions, DriftWebhookOptions {
  format: "text" | "json" | "markdown";
}

/** `rtc drift`: how live resources differ from the state. */
export function drift(program: Command): void {
  const formats = new Option("--format <format>", "how to show it").choices(["text", "json", "markdown"]);
  const command = withProject(program.command("drift"))
    .summary("show how live resources differ from their declarations")
    .description(
      "Compares the stack's resources with the live ones: changed, deleted, recreated, ended. Changes neither the vendors nor the state. Exits with 7 when there is drift.",
    )
    .addOption(formats.default("text"));
  addAction<DriftOptions>(withDriftWebhook(command), "rtc drift --stack production --format markdown", show);
}

async function show({ format, ...options }: DriftOptions, io: Io): Promise<ExitCode> {
  const { withManaged } = await import("../stack/declared.js");
  const { observeDrift } = await import("../stack/drift.js");
  const { driftMarkdown, driftText } = await import("../report/drift-report.js");
  const { assertExists } = await import("../stack/engine.js");
  const { codeOf } = await import("../stack/operation.js");
  const { DriftSender } = await import("../drift-webhook.js");
  const sender = new DriftSender(options.webhook, io);
  return withManaged(options, async (engine) => {
    assertExists(engine);
    const { resources, errors } = await observeDrift(engine, await engine.state());
    const drifted = resources.length > 0;
    const result = { project: engine.project, stack: engine.name, drifted, resources, errors };
    sender.send(result);
    const text = format === "markdown" ? driftMarkdown : driftText;
    if (format === "json") io.data(result);
    else io.result(result, () => text(result).trimEnd());
    await sender.settled();
    if (errors.length > 0) return codeOf(errors, EXIT.resource);
    return drifted ? EXIT.changes : EXIT.done;
  });
}
