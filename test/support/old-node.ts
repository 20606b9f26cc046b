import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { inject } from "vitest";

/** The folder of a released Node, from a package that holds it: to be put in front of PATH. */
export async function oldNode(version: string): Promise<string> {
  const folder = join(inject("scratch"), `node-${version}`);
  mkdirSync(folder);
  const run = promisify(execFile);
  const name = `node-${process.platform}-${process.arch}@${version}`;
  const { stdout } = await run("npm", ["pack", "--silent", "--prefer-offline", name], { cwd: folder });
  await run("tar", ["-xzf", stdout.trim(), "package/bin/node"], { cwd: folder });
  return join(folder, "package/bin");
}
