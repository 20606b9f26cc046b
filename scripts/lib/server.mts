import { mkdir } from "node:fs/promises";
import { type EgressSettings, redisAnswers, spawnEgress } from "../egress.mts";
import type { Engines } from "../engines.mts";
import {
  type LiveKitSettings,
  liveKitAnswers,
  liveKitReady,
  spawnLiveKit,
  stopLiveKit,
  writeLiveKitConfig,
} from "../livekit.mts";
import { type Daemon, daemonPid, startDaemon, stopDaemon } from "./daemon.mts";
import { places } from "./local.mts";
import { isFree } from "./ports.mts";
import { Problem } from "./problem.mts";
import { waitUntil } from "./process.mts";

type Settings = LiveKitSettings & EgressSettings;

const livekit: Daemon = {
  name: "The LiveKit server",
  pidFile: places.liveKitPid,
  log: places.liveKitLog,
  commandPart: places.liveKitConfig,
};
const egress: Daemon = {
  name: "The egress stand-in",
  pidFile: places.egressPid,
  log: places.egressLog,
  commandPart: places.recordings,
};

/**
 * Starts the embedded LiveKit server, and before it the stand-in for its Redis and egress worker, unless both run
 * already; they go on when this process ends.
 */
export async function ensureServer(engines: Engines, settings: Settings): Promise<"started" | "running"> {
  if ((await serverPid()) !== undefined && (await daemonPid(egress)) !== undefined) {
    if (await liveKitAnswers(settings)) return "running";
  }
  await stopServer(); // it hangs, or one has lost the other, and with it their shared state
  await rejectTakenPorts(settings);
  await mkdir(places.recordings, { recursive: true });
  await startDaemon(egress, (log) => spawnEgress(engines.egressStandin, settings, places.recordings, log));
  if (!(await waitUntil(() => redisAnswers(settings), 10_000))) return reject(egress);
  await writeLiveKitConfig(places.liveKitConfig, settings, {
    redis: { address: `127.0.0.1:${settings.redisPort}` },
  });
  const pid = await startDaemon(livekit, (log) =>
    spawnLiveKit(engines.livekit, places.liveKitConfig, log, true),
  );
  return (await liveKitReady(settings, pid)) ? "started" : reject(livekit);
}

/** Stops the embedded server and its stand-in, and waits until they are gone. False when there was no server. */
export async function stopServer(): Promise<boolean> {
  const ran = await stopDaemon(livekit, stopLiveKit);
  await stopDaemon(egress, stopLiveKit);
  return ran;
}

/** The pid of our server, if it runs. */
export function serverPid(): Promise<number | undefined> {
  return daemonPid(livekit);
}

async function reject({ name, log }: Daemon): Promise<never> {
  await stopServer();
  throw new Problem(`${name} does not start.`, `Its log has the reason: ${log}`);
}

async function rejectTakenPorts({ port, udpPort, redisPort, controlPort }: Settings): Promise<void> {
  const ports = [
    ["tcp", port],
    ["udp", udpPort],
    ["tcp", redisPort],
    ["tcp", controlPort],
  ] as const;
  for (const [protocol, number] of ports) {
    if (await isFree(protocol, number)) continue;
    throw new Problem(
      `${protocol.toUpperCase()} port ${number} of 127.0.0.1 is taken by another program, and the state says that the rooms are there.`,
      "End that program and run the same command again, or choose new ports: npm run down, then npm run up.",
    );
  }
}
