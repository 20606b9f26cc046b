import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Problem, readFlags, runScript } from "./lib/problem.mts";
import { run } from "./lib/process.mts";
import { proved, tableOf, withRows } from "./lib/proofs.mts";

/*
 * Runs every test that proves something of the package's reliability, and prints what each has proved.
 * With --write the rows of docs/reliability.md become those of this run.
 */

const root = join(import.meta.dirname, "..");
/** As vitest.config.mts sets it. */
const report = join(root, "node_modules/.cache/test-results.json");
const page = join(root, "docs/reliability.md");

async function reliability(): Promise<void> {
  const flags = readFlags("node scripts/reliability.mts [--write]", ["--write"]);
  const began = Date.now();
  const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
  const once = ["!seam-*", "!e2e-gateway", "!e2e-core"].flatMap((name) => ["--project", name]);
  const { code } = await run(process.execPath, [vitest, "run", ...once, ...reportingFiles()], {
    cwd: root,
    stdio: "inherit",
  });
  const rows = proved(report, root);
  const minutes = Math.round((Date.now() - began) / 60_000);
  process.stdout.write(`\n${tableOf(rows)}\n\nIn ${minutes} minutes.\n`);
  if (flags.has("--write")) writeFileSync(page, withRows(readFileSync(page, "utf8"), rows));
  if (code !== 0) throw new Problem("Not everything holds.", "See the failed tests above.");
}

/** The test files that report a proof. */
function reportingFiles(): string[] {
  return readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => join("test", name))
    .filter((file) => /from ".*support\/reliability\.ts"/.test(readFileSync(join(root, file), "utf8")));
}

await runScript(reliability);
