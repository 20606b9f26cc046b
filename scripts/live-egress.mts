import { closeSync, openSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { EgressClient, EncodedFileOutput, RoomServiceClient } from "livekit-server-sdk";
import { stringify } from "yaml";
import { redisAnswers } from "./egress.mts";
import { ensureEngines } from "./engines.mts";
import { Problem, runScript } from "./lib/problem.mts";
import { run, waitUntil } from "./lib/process.mts";
import { createProgress } from "./lib/progress.mts";
import {
  chooseLiveKitSettings,
  type LiveKitSettings,
  liveKitReady,
  liveKitUrl,
  spawnLiveKit,
  stopLiveKit,
  writeLiveKitConfig,
} from "./livekit.mts";

/*
 * Plays the scenes of recordings against a real egress worker: starts a LiveKit server on the worker's Redis, prints with
 * which configuration the worker is to be started, and runs the conformance suite as for an account.
 */

/** How long Redis, and then the worker, are waited for. */
const TIMEOUT_MS = 10 * 60_000;

async function liveEgress(): Promise<void> {
  const address = process.env["RTC_LIVE_EGRESS"] ?? "";
  const [, host, port] = /^(127\.0\.0\.1|localhost):(\d+)$/.exec(address) ?? [];
  if (host === undefined) {
    throw new Problem(
      "RTC_LIVE_EGRESS is not set to the address of a Redis on this machine.",
      "Start one, for instance with redis-server, and run: RTC_LIVE_EGRESS=127.0.0.1:6379 node scripts/live-egress.mts",
    );
  }
  const progress = createProgress();
  const { livekit } = await ensureEngines(progress);
  const settings = await chooseLiveKitSettings();
  const folder = await mkdtemp(join(tmpdir(), "live-egress-"));
  try {
    const worker = join(folder, "egress.yaml");
    const { apiKey, apiSecret } = settings;
    const config = {
      ...{ api_key: apiKey, api_secret: apiSecret, ws_url: liveKitUrl(settings), insecure: true },
      redis: { address },
    };
    await writeFile(worker, stringify(config), { mode: 0o600 });
    progress.say(`Start the worker with: EGRESS_CONFIG_FILE=${worker} egress`);
    const redis = { redisPort: Number(port), controlPort: 0 };
    if (!(await waitUntil(() => redisAnswers(redis), TIMEOUT_MS)))
      throw new Problem(`Nothing answers at ${address}.`, "Start Redis there.");
    await withServer(livekit, settings, folder, address, async () => {
      progress.say("Waiting for the worker");
      await untilWorkerTakes(settings);
      const { code } = await play(settings);
      if (code !== 0) throw new Problem("Not every scene holds.", "See the failed tests above.");
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function withServer(
  binary: string,
  settings: LiveKitSettings,
  folder: string,
  address: string,
  work: () => Promise<void>,
): Promise<void> {
  const config = join(folder, "livekit.yaml");
  await writeLiveKitConfig(config, settings, { redis: { address } });
  const log = openSync(join(folder, "livekit.log"), "a");
  const server = spawnLiveKit(binary, config, log, false);
  closeSync(log);
  const { pid } = server;
  if (pid === undefined) throw new Problem("LiveKit cannot be started.", "Run this again.");
  try {
    if (!(await liveKitReady(settings, pid))) throw new Problem("LiveKit does not start.", "Run this again.");
    await work();
  } finally {
    await stopLiveKit(pid, () => server.exitCode !== null || server.signalCode !== null);
  }
}

/** Starts recordings until a worker takes one, and stops that. */
async function untilWorkerTakes(settings: LiveKitSettings): Promise<void> {
  const { apiKey, apiSecret } = settings;
  const url = liveKitUrl(settings).replace(/^ws/, "http");
  const rooms = new RoomServiceClient(url, apiKey, apiSecret);
  const recordings = new EgressClient(url, apiKey, apiSecret, { requestTimeout: 40 });
  const name = "live-egress-probe";
  await rooms.createRoom({ name, emptyTimeout: 600 });
  let id: string | undefined;
  await waitUntil(async () => {
    const file = new EncodedFileOutput({ filepath: `${name}.ogg` });
    const started = await recordings
      .startRoomCompositeEgress(name, { file }, { audioOnly: true })
      .catch(() => undefined);
    id = started?.egressId;
    return id !== undefined;
  }, TIMEOUT_MS);
  if (id === undefined) throw new Problem("No worker took a recording.", "Start the worker as shown above.");
  await recordings.stopEgress(id);
  await rooms.deleteRoom(name);
}

/** The suite, as for an account. */
function play({ apiKey, apiSecret, ...settings }: LiveKitSettings) {
  const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
  const env = {
    RTC_RECORDING_OUTPUT: "out/",
    ...process.env,
    RTC_LIVE: "livekit",
    LIVEKIT_URL: liveKitUrl({ ...settings, apiKey, apiSecret }),
    LIVEKIT_API_KEY: apiKey,
    LIVEKIT_API_SECRET: apiSecret,
  };
  const args = [
    vitest,
    "run",
    "--project",
    "conformance",
    "test/conformance/live.test.ts",
    "-t",
    "recording",
  ];
  return run(process.execPath, args, { cwd: join(import.meta.dirname, ".."), stdio: "inherit", env });
}

await runScript(liveEgress);
