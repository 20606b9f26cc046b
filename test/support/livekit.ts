import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EgressClient, RoomServiceClient } from "livekit-server-sdk";
import { inject } from "vitest";
import {
  chooseLiveKitSettings,
  type LiveKitConfig,
  type LiveKitSettings,
  liveKitReady,
  liveKitUrl,
  spawnLiveKit,
  stopLiveKit,
  writeLiveKitConfig,
} from "../../scripts/livekit.mts";
import { atEndOfFile, killAtTheEnd } from "./cleanup.ts";
import { type Egress, startEgress } from "./egress.ts";
import { envOf } from "./through.ts";

/** A real LiveKit server of the test's own. It stops at the end of the test file at the latest. */
export interface LivekitServer {
  /** `ws://127.0.0.1:…` */
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** The variables by which a stack uses it: its credentials, or those of `through.ts`. */
  readonly env: Readonly<Record<string, string>>;
  /** The address that state remembers for it. */
  readonly endpoint: string;
  /** The same with other settings beside or instead of the credentials, e.g. `{ LIVEKIT_URL: proxy.url }`. */
  envWith(settings: Readonly<Record<string, string>>): Promise<Record<string, string>>;
  /** The server's API without anything of ours in between, to read and to change. */
  readonly service: RoomServiceClient;
  readonly recordings: EgressClient;
  /** The stand-in for its egress worker. */
  readonly egress: Egress;
  /** All that the server has logged. */
  log(): string;
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Stops it if it runs, then starts it with the same address and keys. */
  restart(): Promise<void>;
}

/** A server to start. */
export interface LivekitOptions {
  /** Merged over the configuration, e.g. `{ room: { empty_timeout: 1 } }`. */
  config?: LiveKitConfig;
  /** With Redis and the stand-in for an egress worker, or with Redis alone. Without it: neither. */
  egress?: "worker" | "redis-only";
  /** Where the server reports events, signed with its key. */
  webhook?: string;
}

/** Starts a server on loopback. */
export async function startLivekit(options: LivekitOptions = {}): Promise<LivekitServer> {
  const folder = mkdtempSync(join(inject("scratch"), "livekit-"));
  let settings = await chooseLiveKitSettings();
  let egress = await egressFor(settings, options);
  let config = configOf(options, settings, egress);
  let child = await launch(folder, settings, config);
  for (let attempt = 1; child === undefined && attempt < 3; attempt++) {
    settings = await chooseLiveKitSettings(); // another process may have taken the port in the meantime
    egress = await egressFor(settings, options);
    config = configOf(options, settings, egress);
    child = await launch(folder, settings, config);
  }
  if (child === undefined)
    throw new Error(`LiveKit does not start:\n${readFileSync(join(folder, "log"), "utf8")}`);

  const url = liveKitUrl(settings);
  const { apiKey, apiSecret } = settings;
  const end = async (how: (child: ChildProcess, pid: number) => Promise<unknown>) => {
    const running = child;
    child = undefined;
    if (running?.pid !== undefined && !hasEnded(running)) await how(running, running.pid);
  };
  const credentials = { LIVEKIT_URL: url, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret };
  const env = await envOf(credentials);
  const server: LivekitServer = {
    url,
    apiKey,
    apiSecret,
    env,
    endpoint: env["RTC_ENDPOINT"] ?? url.replace("ws:", "http:"),
    envWith: (settings) => envOf({ ...credentials, ...settings }),
    service: new RoomServiceClient(url.replace("ws:", "http:"), apiKey, apiSecret),
    recordings: new EgressClient(url.replace("ws:", "http:"), apiKey, apiSecret),
    get egress() {
      if (egress === undefined) throw new Error("This server was started without egress.");
      return egress;
    },
    log: () => readFileSync(join(folder, "log"), "utf8"),
    stop: () => end((running, pid) => stopLiveKit(pid, () => hasEnded(running))),
    kill: () =>
      end(async (running) => {
        const exit = once(running, "exit");
        running.kill("SIGKILL");
        await exit;
      }),
    restart: async () => {
      await server.stop();
      child = await launch(folder, settings, config);
      if (child === undefined) throw new Error(`LiveKit does not start again:\n${server.log()}`);
    },
  };
  atEndOfFile(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return server;
}

function egressFor(settings: LiveKitSettings, { egress }: LivekitOptions): Promise<Egress | undefined> {
  return egress === undefined ? Promise.resolve(undefined) : startEgress(settings, egress === "worker");
}

function configOf(
  { config, webhook }: LivekitOptions,
  { apiKey }: LiveKitSettings,
  egress: Egress | undefined,
): LiveKitConfig {
  return {
    ...config,
    ...(egress ? { redis: { address: egress.redisAddress } } : {}),
    ...(webhook === undefined ? {} : { webhook: { api_key: apiKey, urls: [webhook] } }),
  };
}

async function launch(
  folder: string,
  settings: LiveKitSettings,
  more?: LiveKitConfig,
): Promise<ChildProcess | undefined> {
  const config = join(folder, "livekit.yaml");
  await writeLiveKitConfig(config, settings, more);
  const log = openSync(join(folder, "log"), "a");
  const child = spawnLiveKit(inject("engines").livekit, config, log, false);
  closeSync(log);
  if (child.pid === undefined) return undefined;
  writeFileSync(join(folder, "pid"), String(child.pid));
  killAtTheEnd(() => child.kill("SIGKILL"));
  const ready = await liveKitReady(settings, child.pid);
  if (ready && !hasEnded(child)) return child;
  child.kill("SIGKILL");
  return undefined;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
