import { closeSync, openSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import {
  type LiveKitSettings,
  liveKitAnswers,
  liveKitReady,
  spawnLiveKit,
  stopLiveKit,
  writeLiveKitConfig,
} from "../livekit.mts";
import { places } from "./local.mts";
import { isFree } from "./ports.mts";
import { Problem } from "./problem.mts";
import { commandLineOf } from "./process.mts";

/** Starts the embedded LiveKit server unless it runs already; it goes on when this process ends. */
export async function ensureServer(
  binary: string,
  settings: LiveKitSettings,
): Promise<"started" | "running"> {
  if ((await serverPid()) !== undefined) {
    if (await liveKitAnswers(settings)) return "running";
    await stopServer(); // it hangs
  }
  await refuseTakenPorts(settings);
  await writeLiveKitConfig(places.liveKitConfig, settings);
  const log = openSync(places.liveKitLog, "w", 0o600);
  const child = spawnLiveKit(binary, places.liveKitConfig, log, true);
  closeSync(log);
  child.once("error", () => {}); // then there is no pid
  if (child.pid === undefined) throw new Problem(`${binary} cannot be started.`, "Is it a LiveKit server?");
  await writeFile(places.liveKitPid, String(child.pid));
  child.unref();
  if (await liveKitReady(settings, child.pid)) return "started";
  await stopServer();
  throw new Problem(`The LiveKit server does not start.`, `Its log says why: ${places.liveKitLog}`);
}

/** Stops the embedded server and waits until it is gone. False when there was none. */
export async function stopServer(): Promise<boolean> {
  const pid = await serverPid();
  if (pid !== undefined) await stopLiveKit(pid, async () => !(await isOurs(pid)));
  await rm(places.liveKitPid, { force: true });
  return pid !== undefined;
}

/** The pid of our server, if it runs: after a reboot the one that we noted may be anybody's. */
export async function serverPid(): Promise<number | undefined> {
  const pid = Number(await readFile(places.liveKitPid, "utf8").catch(() => ""));
  return pid > 0 && (await isOurs(pid)) ? pid : undefined;
}

async function isOurs(pid: number): Promise<boolean> {
  return (await commandLineOf(pid))?.includes(places.liveKitConfig) === true;
}

async function refuseTakenPorts({ port, udpPort }: LiveKitSettings): Promise<void> {
  const [tcp, udp] = await Promise.all([isFree("tcp", port), isFree("udp", udpPort)]);
  if (tcp && udp) return;
  const taken = tcp ? `UDP port ${udpPort}` : `TCP port ${port}`;
  throw new Problem(
    `${taken} of 127.0.0.1 is taken by another program, and the state says that the rooms are there.`,
    "End that program and run the same command again, or choose new ports: npm run down, then npm run up.",
  );
}
