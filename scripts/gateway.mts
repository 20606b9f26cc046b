import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import pc from "picocolors";
import { chooseEgressSettings } from "./egress.mts";
import { ensureEngines } from "./engines.mts";
import { buildPackage } from "./lib/build.mts";
import { hasOwnServer } from "./lib/environment.mts";
import { newPassphrase, places, readSettings, root, type Settings, writeSettings } from "./lib/local.mts";
import { withLock } from "./lib/lock.mts";
import { isServed, newKey, pageAddress } from "./lib/page.mts";
import { freePort, isFree } from "./lib/ports.mts";
import { Problem, readFlags, runScript } from "./lib/problem.mts";
import { waitUntil } from "./lib/process.mts";
import { createProgress, type Progress } from "./lib/progress.mts";
import { ensureServer } from "./lib/server.mts";
import { chooseLiveKitSettings, liveKitUrl } from "./livekit.mts";

/** Where it listens, unless another program does. */
const PORT = 8080;
/** Signals within this time are one. */
const REPEATED_MS = 500;

/** The server of `npm run up`, or one that it and `npm run down` will find. */
async function prepare(progress: Progress): Promise<Settings> {
  const before = await readSettings();
  if (!(await buildPackage())) throw new Problem("src/ does not compile.", "The compiler has printed why.");
  const settings = before ?? {
    backend: "local",
    passphrase: newPassphrase(),
    livekit: hasOwnServer()
      ? null
      : { ...(await chooseLiveKitSettings()), ...(await chooseEgressSettings()) },
  };
  if (settings.livekit) {
    const engines = await ensureEngines(progress);
    if (!before) await writeSettings(settings);
    const state = await ensureServer(engines, settings.livekit);
    progress.say(
      `LiveKit ${state === "started" ? "started" : "runs already"} on ${liveKitUrl(settings.livekit)}`,
    );
    progress.say("Its recordings are made by a stand-in, which renders no media");
  }
  await mkdir(places.gateway, { recursive: true, mode: 0o700 });
  return settings;
}

/** Serves until it is stopped; the key is of this run alone. */
async function serve({ livekit }: Settings): Promise<void> {
  const port = (await isFree("tcp", PORT)) ? PORT : await freePort("tcp");
  const key = newKey();
  const env = {
    RTC_RECORDING_OUTPUT: "recordings/",
    ...process.env,
    ...(livekit && {
      LIVEKIT_URL: liveKitUrl(livekit),
      LIVEKIT_API_KEY: livekit.apiKey,
      LIVEKIT_API_SECRET: livekit.apiSecret,
    }),
    RTC_GATEWAY_KEY: key,
  };
  const store = join(places.gateway, "store.db");
  const args = [join(root, "dist/cli/main.js"), "gateway", "--port", String(port), "--store", store];
  // Detached, so that Ctrl-C of a terminal reaches it through this process alone: a second signal would end it at once.
  const child = spawn(process.execPath, args, { env, stdio: "inherit", detached: true });
  let passedAt = Number.NEGATIVE_INFINITY;
  // It finishes what is under way. We must not leave before it.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => {
      // Ctrl-C may come twice: npm sends it on.
      if (performance.now() - passedAt > REPEATED_MS) child.kill(signal === "SIGHUP" ? "SIGTERM" : signal);
      passedAt = performance.now();
    });
  const ended = once(child, "exit");
  const address = `http://127.0.0.1:${port}`;
  await Promise.race([ended, waitUntil(() => isServed(address), 30_000)]);
  if (child.exitCode === null) process.stdout.write(guide(address, key, livekit !== null));
  const [code] = await ended;
  process.exitCode = code ?? 1;
}

function guide(address: string, key: string, startsServer: boolean): string {
  const curl = `curl -H "Authorization: Bearer ${key}" -H "Content-Type: application/json" -d '{"name": "standup"}' ${address}/v1/rtc/room/create`;
  const lines = [
    "",
    pc.bold(`The gateway is on ${address}`),
    `  a key for this run   ${key}`,
    `  what it can do       ${address}/docs`,
    `  its rooms            ${pageAddress(address, key)}`,
    `  try it               ${curl}`,
    `  its server           ${startsServer ? "LiveKit, started here" : `${process.env["LIVEKIT_URL"]} of LIVEKIT_URL`}`,
    startsServer
      ? "  stop it              Ctrl-C; then npm run down stops LiveKit, and removes what it has stored"
      : "  stop it              Ctrl-C; the rooms that it has created stay at your server",
    "",
  ];
  return `${lines.join("\n")}\n`;
}

await runScript(async () => {
  readFlags("npm run gateway", []);
  await mkdir(places.folder, { recursive: true, mode: 0o700 });
  const progress = createProgress();
  const wait = (pid: number) =>
    progress.say(`Another npm run up or down is at work (process ${pid}); waiting.`);
  await serve(await withLock(places.lock, wait, () => prepare(progress)));
});
