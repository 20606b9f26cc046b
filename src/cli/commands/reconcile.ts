import type { Command } from "commander";
import { RtcError } from "../../contract/errors";
import {
  addAction,
  type DriftWebhookOptions,
  type ManifestOptions,
  withDriftWebhook,
  withManifest,
  withWait,
  withYes,
} from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import type { Io } from "../io";
import { listenAddress, seconds, whole } from "../values";

interface ReconcileOptions extends ManifestOptions, DriftWebhookOptions {
  watch?: number;
  listen?: { host: string; port: number };
  quiet?: boolean;
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
    .option("--watch <time>", "repeat, with this time between rounds, like 30s, and a line for each", seconds)
    .option(
      "--listen <address>",
      "with --watch: serve /livez, /metrics and the vendors' webhooks here, like 9464 (on loopback) or 0.0.0.0:9464",
      listenAddress,
    )
    .option("--quiet", "with --watch: no line for a round that succeeds")
    .option("--max-deletes <number>", "the most deletes (default: 30 % of a stack of 10 or more)", whole)
    .option("--force", "do not limit deletes");
  addAction<ReconcileOptions>(
    withYes(withWait(withDriftWebhook(command))),
    "rtc reconcile --stack production --watch 30s --listen 9464",
    run,
  );
}

async function run(
  { watch: every, listen, quiet, webhook, ...options }: ReconcileOptions,
  io: Io,
): Promise<ExitCode> {
  const { DriftSender } = await import("../drift-webhook.js");
  const sender = new DriftSender(webhook, io);
  if (every !== undefined) {
    const { watchStack } = await import("../stack/reconcile-watch.js");
    await watchStack({ ...options, every, listen, quiet: quiet === true, sender }, io);
    if (!quiet) io.note("stopped");
    return EXIT.done;
  }
  if (listen !== undefined || quiet)
    throw new RtcError(
      "INVALID_ARGUMENT",
      "--listen and --quiet are for a watch: add --watch 30s, or leave them out",
    );
  const { withDeclared } = await import("../stack/declared.js");
  const { reconcileStack } = await import("../stack/rounds.js");
  const { summaryOf } = await import("../report/report.js");
  return withDeclared(options, async (declared) => {
    const progress = { preview: { note: io.note }, up: io };
    const onDrift = sender.send.bind(sender);
    const { code, result } = await reconcileStack(declared, { ...options, progress, onDrift });
    io.result(result, () => summaryOf(result));
    await sender.settled();
    return code;
  });
}
