import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RoomServiceClient } from "livekit-server-sdk";
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

/** A real LiveKit server of the test's own. It stops at the end of the test file at the latest. */
export interface LivekitServer {
  /** `ws://127.0.0.1:…` */
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** The credentials under the names that the provider reads. */
  readonly env: { LIVEKIT_URL: string; LIVEKIT_API_KEY: string; LIVEKIT_API_SECRET: string };
  /** The server's API without anything of ours in between, to look and to meddle. */
  readonly service: RoomServiceClient;
  /** All that the server has logged. */
  log(): string;
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Stops it if it runs, then starts it with the same address and keys. */
  restart(): Promise<void>;
}

/** Starts a server on loopback. `config` is merged over the configuration, e.g. `{ room: { empty_timeout: 1 } }`. */
export async function startLivekit(options: { config?: LiveKitConfig } = {}): Promise<LivekitServer> {
  const folder = mkdtempSync(join(inject("scratch"), "livekit-"));
  let settings = await chooseLiveKitSettings();
  let child = await launch(folder, settings, options.config);
  for (let attempt = 1; child === undefined && attempt < 3; attempt++) {
    settings = await chooseLiveKitSettings(); // another process may have taken the port in the meantime
    child = await launch(folder, settings, options.config);
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
  const server: LivekitServer = {
    url,
    apiKey,
    apiSecret,
    env: { LIVEKIT_URL: url, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret },
    service: new RoomServiceClient(url.replace("ws:", "http:"), apiKey, apiSecret),
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
      child = await launch(folder, settings, options.config);
      if (child === undefined) throw new Error(`LiveKit does not start again:\n${server.log()}`);
    },
  };
  atEndOfFile(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return server;
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
