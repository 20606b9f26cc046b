import { mkdir, open, readFile, rm, stat, utimes } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "./process.mts";

const heartbeatMs = 5_000;
const silentForMs = 60_000;

/**
 * Runs `work` while holding a lock file that other processes respect.
 *
 * A lock whose owner has died is adopted. A pid alone does not prove that the owner lives, since the system
 * gives it to another process in time; so the owner also touches the file.
 */
export async function withLock<T>(
  file: string,
  onWait: (ownerPid: number) => void,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  await acquire(file, onWait);
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => {}); // only this process detects that it was removed
  }, heartbeatMs);
  const release = () => rm(file, { force: true });
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await release();
  }
}

async function acquire(file: string, onWait: (ownerPid: number) => void): Promise<void> {
  let isReported = false;
  for (;;) {
    if (await create(file)) return;
    const owner = await ownerOf(file);
    if (owner === "gone") continue;
    if (owner === "dead") {
      // Two that see this at once may both get in. That costs time and harms nothing: results are put in
      // place by an atomic rename.
      await rm(file, { force: true });
      continue;
    }
    if (!isReported) onWait(owner);
    isReported = true;
    await sleep(500);
  }
}

async function create(file: string): Promise<boolean> {
  try {
    const handle = await open(file, "wx");
    await handle.writeFile(String(process.pid));
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function ownerOf(file: string): Promise<number | "dead" | "gone"> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(file, "utf8"), stat(file)]);
    if (Date.now() - mtimeMs > silentForMs) return "dead";
    if (text === "") return 0; // created this instant, not yet written
    const pid = Number(text);
    return isAlive(pid) ? pid : "dead";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "gone";
    throw error;
  }
}
