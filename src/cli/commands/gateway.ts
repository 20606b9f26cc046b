import type { Command } from "commander";
import { addAction } from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import type { Io } from "../io";
import { type SettingsOptions, settingsHere, withSettings } from "../settings";
import { nothing, waitingFor } from "../silence";
import { whole } from "../values";
import { assertSqlite, gatewayKeys, withStore } from "./gateway-keys";

interface GatewayOptions extends SettingsOptions {
  port: number;
  host: string;
  tlsTerminated?: boolean;
  store: string;
}

/** `rtc gateway`: the contract over HTTP. */
export function gateway(program: Command): void {
  const command = withSettings(withStore(program.command("gateway")))
    .summary("serve rooms, tokens and recordings over HTTP")
    .description(
      "Serves the configured vendors over HTTP to clients with a key, until it receives SIGTERM or SIGINT. Logs JSON lines to stdout.",
    )
    .option("--port <port>", "the port it listens on; 0: any free one", whole, 8080)
    .option("--host <address>", "the address it listens on", "127.0.0.1")
    .option(
      "--tls-terminated",
      "a proxy in front terminates TLS and sets X-Forwarded-For; required beyond loopback",
    )
    // The options of `keys` are its own.
    .enablePositionalOptions();
  gatewayKeys(command);
  addAction<GatewayOptions>(command, "rtc gateway --port 8080", serveUntilStopped);
}

async function serveUntilStopped(options: GatewayOptions, io: Io): Promise<ExitCode> {
  assertSqlite();
  await limitGarbageCollection();
  const { startGateway } = await import("../../gateway/start.js");
  const { host, port, store, tlsTerminated = false } = options;
  const given = {
    ...{ host, port, store, tlsTerminated },
    // An empty variable is none.
    trialKey: process.env["RTC_GATEWAY_KEY"] || undefined,
    write: (line: string) => void process.stdout.write(line),
  };
  const gateway = await startGateway(given, await settingsHere(options));
  io.note(`Listening on ${gateway.address}`);
  const signal = await waitingFor(nothing, waitForStopSignal);
  io.note(`${signal}: finishing requests in progress`);
  await gateway.stop();
  return EXIT.done;
}

/**
 * Lets the heap grow to five times its live size before a full collection, which blocks every request for 20 to 40 ms. By
 * default V8 collects a small heap every few seconds at a busy gateway.
 */
async function limitGarbageCollection(): Promise<void> {
  const { setFlagsFromString } = await import("node:v8");
  setFlagsFromString("--heap-growing-percent=400");
}

/** Waits for the first signal to stop. The second one ends the process, as by default. */
function waitForStopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => resolve(signal));
  });
}
