import { setFlagsFromString } from "node:v8";
import type { Command } from "commander";
import { type CommonOptions, runs } from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import type { Io } from "../io";
import { whole } from "../values";
import { gatewayKeys, needsSqlite, withStore } from "./gateway-keys";

interface GatewayOptions extends CommonOptions {
  port: number;
  host: string;
  tlsTerminated?: boolean;
  store: string;
}

/** `rtc gateway`: the contract over HTTP. */
export function gateway(program: Command): void {
  const command = withStore(program.command("gateway"))
    .summary("serve rooms, tokens and recordings over HTTP")
    .description(
      "Serves the vendors of this environment over HTTP to everybody with a key, until it is told to stop. Logs JSON lines to stdout.",
    )
    .option("--port <port>", "where it listens; 0: one that is free", whole, 8080)
    .option("--host <address>", "the address it listens on", "127.0.0.1")
    .option(
      "--tls-terminated",
      "a proxy in front speaks TLS, and sets X-Forwarded-For: needed beyond loopback",
    )
    // The options of `keys` are its own.
    .enablePositionalOptions();
  gatewayKeys(command);
  runs<GatewayOptions>(command, "rtc gateway --port 8080", serveUntilStopped);
}

async function serveUntilStopped(options: GatewayOptions, io: Io): Promise<ExitCode> {
  needsSqlite();
  clearMemoryRarely();
  const { startGateway } = await import("../../gateway/start.js");
  const { host, port, store, tlsTerminated = false } = options;
  const gateway = await startGateway({
    ...{ host, port, store, tlsTerminated },
    // An empty variable is none.
    trialKey: process.env["RTC_GATEWAY_KEY"] || undefined,
    write: (line) => void process.stdout.write(line),
  });
  io.note(`Listening on ${gateway.address}`);
  const signal = await stopSignal();
  io.note(`${signal}: finishing what is under way`);
  await gateway.stop();
  return EXIT.done;
}

/**
 * Lets memory grow to five times what is in use before all of it is looked through, which holds up every request for
 * 20 to 40 ms. By default V8 looks when little has been added to a small heap: every few seconds at a busy gateway.
 */
function clearMemoryRarely(): void {
  setFlagsFromString("--heap-growing-percent=400");
}

/** The first signal to stop; the second ends the process, as it does without us. */
function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => resolve(signal));
  });
}
