import { mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/** How the name of a folder begins in which a build or a download goes on, or was killed. */
const unfinished = ".build-";

/**
 * Gives `make` an empty folder, and puts the folder that it returns, that one or one inside of it, in the place of
 * `target`: all at once or, when `make` fails, not at all.
 */
export async function putInPlace(target: string, make: (folder: string) => Promise<string>): Promise<void> {
  const folder = await mkdtemp(join(dirname(target), unfinished));
  try {
    const ready = await make(folder);
    await rm(target, { recursive: true, force: true });
    await rename(ready, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Removes what killed runs have left. Only the holder of the lock may, since it is the only one that adds engines. */
export async function removeUnfinished(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (name.startsWith(unfinished)) await rm(join(cache, name), { recursive: true, force: true });
  }
}
