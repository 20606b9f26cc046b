import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { stringify } from "yaml";
import { freePort } from "./lib/ports.mts";
import { isAlive, waitUntil } from "./lib/process.mts";

/** What makes one local LiveKit server the same server after a restart. */
export interface LiveKitSettings {
  port: number;
  udpPort: number;
  apiKey: string;
  apiSecret: string;
}

/** Further server configuration, merged over ours one level deep. */
export type LiveKitConfig = Record<string, unknown>;

/** Free ports and random keys: those of the server's own `--dev` mode are public. */
export async function chooseLiveKitSettings(): Promise<LiveKitSettings> {
  const [port, udpPort] = await Promise.all([freePort("tcp"), freePort("udp")]);
  return {
    port,
    udpPort,
    apiKey: `API${randomBytes(6).toString("hex")}`,
    apiSecret: randomBytes(32).toString("hex"),
  };
}

/** Where clients find the server. */
export function liveKitUrl(settings: LiveKitSettings): string {
  return `ws://127.0.0.1:${settings.port}`;
}

/** Writes the server's configuration, keys included, so only the owner may read it. */
export async function writeLiveKitConfig(
  file: string,
  settings: LiveKitSettings,
  more: LiveKitConfig = {},
): Promise<void> {
  const ours: Record<string, object> = {
    rtc: {
      udp_port: settings.udpPort,
      // The server binds its TCP media port on every interface, whatever is configured: so none.
      tcp_port: 0,
      node_ip: "127.0.0.1",
      ips: { includes: ["127.0.0.1/32"] },
      use_external_ip: false,
      enable_loopback_candidate: true,
      // Else the server asks public STUN servers who it is.
      stun_servers: [],
    },
    keys: { [settings.apiKey]: settings.apiSecret },
    logging: { level: "info", json: false },
  };
  const merged: Record<string, unknown> = { port: settings.port, bind_addresses: ["127.0.0.1"], ...ours };
  for (const [key, value] of Object.entries(more)) {
    merged[key] = isObject(value) ? { ...ours[key], ...value } : value;
  }
  await writeFile(file, stringify(merged), { mode: 0o600 });
}

/** Starts the server; its output goes to the open file `log`. `detached`: it outlives us. */
export function spawnLiveKit(binary: string, config: string, log: number, detached: boolean): ChildProcess {
  return spawn(binary, ["--config", config], { stdio: ["ignore", log, log], detached });
}

/** Waits until the server answers; false when it has ended or did not answer in time. */
export async function liveKitReady(settings: LiveKitSettings, pid: number): Promise<boolean> {
  let ready = false;
  await waitUntil(async () => {
    ready = await liveKitAnswers(settings);
    return ready || !isAlive(pid);
  }, 20_000);
  return ready;
}

/** Whether something answers at the server's address; one request, no waiting. */
export async function liveKitAnswers(settings: LiveKitSettings): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${settings.port}/`, {
      signal: AbortSignal.timeout(2_000),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/**
 * Stops the server and waits until it is gone. After the first signal it drains, for seconds even when it is empty
 * and for hours when participants are in a room; the second one ends it.
 */
export async function stopLiveKit(pid: number, isGone: () => Promise<boolean> | boolean): Promise<void> {
  for (const [signal, timeoutMs] of [
    ["SIGTERM", 250],
    ["SIGTERM", 5_000],
    ["SIGKILL", 10_000],
  ] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return; // gone already
    }
    if (await waitUntil(isGone, timeoutMs)) return;
  }
  throw new Error(`The LiveKit server (process ${pid}) does not end.`);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
