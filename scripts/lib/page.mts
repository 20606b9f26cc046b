import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { stopLiveKit } from "../livekit.mts";
import { type Daemon, startDaemon, stopDaemon } from "./daemon.mts";
import { places, root } from "./local.mts";
import { freePort, isFree } from "./ports.mts";
import { isAlive, waitUntil } from "./process.mts";
import type { Environment } from "./stack.mts";

/** Where the page of `npm run up` is, and the key of its gateway. */
export interface PageSettings {
  port: number;
  key: string;
}

const daemon: Daemon = {
  name: "The page",
  pidFile: places.pagePid,
  log: places.pageLog,
  commandPart: places.page,
};

/** A free port and a random key. */
export async function choosePageSettings(): Promise<PageSettings> {
  return { port: await freePort("tcp"), key: newKey() };
}

/** A random key. */
export function newKey(): string {
  return `trial-${randomBytes(24).toString("hex")}`;
}

/** The rooms of a stack that a page shows. */
export interface PageStack {
  /** The project and the stack: `acme/dev`. */
  name: string;
  /** Room ids. */
  rooms: readonly string[];
}

/** The address of the page with its key, which the browser does not send: the page reads it. */
export function pageAddress(address: string, key: string, stack?: PageStack): string {
  const given = new URLSearchParams({ key, ...(stack && { stack: stack.name }) });
  // Without any, the page shows those of the gateway.
  if (stack?.rooms.length === 0) given.delete("stack");
  for (const room of stack?.rooms ?? []) given.append("room", room);
  return `${address}/#${given}`;
}

/**
 * Starts the gateway whose page shows the stack, again where it runs: the code or the keys of the server may be others
 * now. It goes on when this process ends.
 *
 * @param env has the keys of the server
 * @returns its address; undefined where it does not start, and its log has the reason
 */
export async function restartPage(settings: PageSettings, env: Environment): Promise<string | undefined> {
  await stopPage();
  await mkdir(places.page, { recursive: true, mode: 0o700 });
  const port = (await isFree("tcp", settings.port)) ? settings.port : await freePort("tcp");
  const store = join(places.page, "store.db");
  const args = [join(root, "dist/cli/main.js"), "gateway", "--port", String(port), "--store", store];
  // Its log has a line for each request of the page: only what it reports of its start is stored.
  const pid = await startDaemon(daemon, (log) =>
    spawn(process.execPath, args, {
      env: { ...process.env, ...env, RTC_GATEWAY_KEY: settings.key },
      stdio: ["ignore", "ignore", log],
      detached: true,
    }),
  );
  const address = `http://127.0.0.1:${port}`;
  let answers = false;
  await waitUntil(async () => {
    answers = await isServed(address);
    return answers || !isAlive(pid);
  }, 20_000);
  return answers ? address : undefined;
}

/** Whether a gateway answers there. */
export function isServed(address: string): Promise<boolean> {
  return fetch(`${address}/livez`).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** Stops it. False when it did not run. */
export function stopPage(): Promise<boolean> {
  return stopDaemon(daemon, stopLiveKit);
}
