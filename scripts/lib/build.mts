import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { run } from "./process.mts";

const root = join(import.meta.dirname, "../..");
const require = createRequire(import.meta.url);
const { resolve } = require;

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
  copyPage(join(dist, "gateway/swagger-ui"));
  const compiler = resolve("typescript/bin/tsc");
  const { code } = await run(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: "inherit",
  });
  if (code === 0) describeKeys(dist);
  return code === 0;
}

/** Puts what each configuration key is for beside its type, where an editor shows it: the compiler knows the type alone. */
function describeKeys(dist: string): void {
  const { CONFIG_KEYS } = require(
    join(dist, "client/config.js"),
  ) as typeof import("../../src/client/config.ts");
  const files = readdirSync(dist, { recursive: true, encoding: "utf8" });
  for (const file of files.filter((name) => /(^vendors\/.*|config)\.d\.ts$/.test(name))) {
    const types = readFileSync(join(dist, file), "utf8");
    const described = types.replace(
      /(?<!\*\/\n)^( +)(\w+): (?:z|import\("zod"\))\./gm,
      (line, indent: string, key: string) => {
        const description = CONFIG_KEYS[key]?.description;
        return description === undefined ? line : `${indent}/** ${description} */\n${line}`;
      },
    );
    if (described !== types) writeFileSync(join(dist, file), described);
  }
}

/**
 * Puts what the gateway's reference page is made of beside its code. Copied, and no dependency of the package: that
 * one would report each of its installs to somebody.
 */
function copyPage(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const from = dirname(resolve("swagger-ui-dist/package.json"));
  const licences = ["LICENSE", "NOTICE", "swagger-ui-bundle.js.LICENSE.txt"];
  for (const name of ["swagger-ui-bundle.js", "swagger-ui.css", ...licences])
    copyFileSync(join(from, name), join(folder, name));
}

/** Removes output whose source has gone: it would be packed, and imports of it would go on working. */
function removeOrphans(dist: string): void {
  for (const name of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
    const source = /^(.*)\.(?:js|d\.ts)$/.exec(name)?.[1];
    if (source !== undefined && !existsSync(join(root, "src", `${source}.ts`))) rmSync(join(dist, name));
  }
}
