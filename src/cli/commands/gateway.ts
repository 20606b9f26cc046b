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
  clearMemoryOften();
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
 * Starts Node anew, in the same process, with a small young generation. By default that grows to 64 MiB, and to clear it
 * holds up every request for 15 ms; 4 MiB take 2. Node takes the setting only when it starts; where it is made already,
 * or Node is too old to start anew, all stays as it is.
 */
function clearMemoryOften(): void {
  const setting = "--max-semi-space-size";
  const { execPath, execArgv, argv, env } = process;
  if ([...execArgv, env["NODE_OPTIONS"]].some((option) => option?.includes(setting))) return;
  process.execve?.(execPath, [execPath, `${setting}=4`, ...execArgv, ...argv.slice(1)]);
}

/** The first signal to stop; the second ends the process, as it does without us. */
function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => resolve(signal));
  });
}
