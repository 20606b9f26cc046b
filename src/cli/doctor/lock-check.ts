import { readdirSync, readFileSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { Check } from "../../client/diagnosis";
import { shortName } from "../stack/declared";
import type { Engine } from "../stack/engine";

/** A run's lock on a stack, as a file backend stores it. */
const lockFile = z.object({
  pid: z.number(),
  username: z.string(),
  hostname: z.string(),
  timestamp: z.string(),
});

/**
 * Whether a run has locked a stack. Only the files of a folder show that without a run of our own.
 *
 * @param backend its address, as `pulumi whoami` has it
 * @example lockCheck("file:///home/ann/rtc-state?metadata=skip", engine)
 */
export function lockCheck(
  backend: string | undefined,
  { project, name }: Pick<Engine, "project" | "name">,
): Check {
  const check = "lock";
  const folder = /^file:\/\/([^?]*)/.exec(backend ?? "")?.[1];
  if (folder === undefined)
    return { check, status: "unknown", message: "with this backend only a run shows whether another has it" };
  const stack = `organization/${project}/${shortName(name)}`;
  const root = folder.replace(/^~(?=\/|$)/, homedir());
  const [lock, ...more] = locksIn(join(root, ".pulumi/locks", stack));
  if (lock === undefined) return { check, status: "ok", message: "no run has it" };
  const count = more.length > 0 ? ` (and ${more.length} more)` : "";
  const owner = `${lock.username}@${lock.hostname} (pid ${lock.pid}) has it since ${lock.timestamp}${count}`;
  const isDead = lock.hostname === hostname() && !isAlive(lock.pid);
  const advice = isDead
    ? `that process has ended: remove the lock with "pulumi cancel ${stack}"`
    : `wait for that run, or if it was killed, remove the lock with "pulumi cancel ${stack}"`;
  return { check, status: isDead ? "failed" : "warning", message: `${owner}; ${advice}` };
}

/** The locks in a folder; one that is removed meanwhile is none. */
function locksIn(folder: string): z.output<typeof lockFile>[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
    return names.map((name) => lockFile.parse(JSON.parse(readFileSync(join(folder, name), "utf8"))));
  } catch {
    return [];
  }
}

/** Whether a process exists on this machine, whoever owns it. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
