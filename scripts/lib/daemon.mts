import type { ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { Problem } from "./problem.mts";
import { commandLineOf } from "./process.mts";

/** A program that `npm run up` starts and that goes on when it ends. */
export interface Daemon {
  name: string;
  pidFile: string;
  log: string;
  /** Part of its command line that no other program has: after a reboot the noted pid may be another program's. */
  commandPart: string;
}

/** Starts it and notes its pid. */
export async function startDaemon(daemon: Daemon, spawn: (log: number) => ChildProcess): Promise<number> {
  const log = openSync(daemon.log, "w", 0o600);
  const child = spawn(log);
  closeSync(log);
  child.once("error", () => {}); // then there is no pid
  if (child.pid === undefined)
    throw new Problem(`${daemon.name} cannot be started.`, "Can its program be run?");
  await writeFile(daemon.pidFile, String(child.pid));
  child.unref();
  return child.pid;
}

/** Its pid, if it runs. */
export async function daemonPid({ pidFile, commandPart }: Daemon): Promise<number | undefined> {
  const pid = Number(await readFile(pidFile, "utf8").catch(() => ""));
  return pid > 0 && (await commandLineOf(pid))?.includes(commandPart) === true ? pid : undefined;
}

/** Stops it and forgets its pid. False when it did not run. */
export async function stopDaemon(
  daemon: Daemon,
  stop: (pid: number, isGone: () => Promise<boolean>) => Promise<void>,
): Promise<boolean> {
  const pid = await daemonPid(daemon);
  if (pid !== undefined) await stop(pid, async () => (await daemonPid(daemon)) === undefined);
  await rm(daemon.pidFile, { force: true });
  return pid !== undefined;
}
