import { existsSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { run } from "./process.mts";

const root = join(import.meta.dirname, "../..");

/**
 * Compiles src/ to dist/. False when it does not compile; the compiler has then said why.
 *
 * @param clean start from nothing, so that what is packed is what the source says, whatever was in dist/
 */
export async function buildPackage({ clean = false } = {}): Promise<boolean> {
  const dist = join(root, "dist");
  if (clean) rmSync(dist, { recursive: true, force: true });
  // Compiled incrementally: without its output the compiler would believe that there is nothing to write.
  if (!existsSync(dist)) rmSync(join(root, "node_modules/.cache/tsbuildinfo"), { force: true });
  else removeOrphans(dist);
  const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  const { code } = await run(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: "inherit",
  });
  return code === 0;
}

/** Removes output whose source has gone: it would be packed, and imports of it would go on working. */
function removeOrphans(dist: string): void {
  for (const name of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
    const source = /^(.*)\.(?:js|d\.ts)$/.exec(name)?.[1];
    if (source !== undefined && !existsSync(join(root, "src", `${source}.ts`))) rmSync(join(dist, name));
  }
}
