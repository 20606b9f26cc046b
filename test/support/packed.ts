import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { withLock } from "../../scripts/lib/lock.mts";
import { borrowPackages, cloneRepo } from "./clone.ts";

/** What an earlier build could have left behind; {@link packed} plants it. */
export const LEFTOVER = "dist/leftover.js";

/**
 * The package as `npm pack` makes it, at its path. Packed in a clone, since packing rebuilds and other tests use
 * what is built here; once a run, whichever test file asks first.
 */
export async function packed(): Promise<string> {
  const folder = join(inject("scratch"), "packed");
  const tarball = join(folder, "package.tgz");
  await withLock(join(inject("scratch"), "packed.lock"), noWord, async () => {
    if (existsSync(tarball)) return;
    mkdirSync(folder, { recursive: true });
    const clone = cloneRepo(folder);
    borrowPackages(clone);
    mkdirSync(join(clone, "dist"));
    writeFileSync(join(clone, LEFTOVER), "");
    const name = execFileSync("npm", ["pack", "--silent"], { cwd: clone, encoding: "utf8" }).trim();
    renameSync(join(clone, name), tarball);
  });
  return tarball;
}

function noWord(): void {}
