import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { benchmarkTable, measuresIn } from "./lib/benchmarks.mts";
import { engines, readPin } from "./lib/engine-list.mts";
import { Problem, readFlags, runScript } from "./lib/problem.mts";
import { run } from "./lib/process.mts";

/*
 * Measures what things cost, each beside what it is compared with, and prints the table.
 * With --write the table becomes that of docs/benchmarks.md.
 */

const root = join(import.meta.dirname, "..");
/** Where vitest.config.mts says. */
const report = join(root, "node_modules/.cache/test-results.json");
const page = join(root, "docs/benchmarks.md");

async function bench(): Promise<void> {
  const flags = readFlags("node scripts/bench.mts [--write]", ["--write"]);
  const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
  const began = Date.now();
  const args = [vitest, "run", "--project", "bench", "--reporter", "verbose", "--reporter", "json"];
  const { code } = await run(process.execPath, [...args, "--outputFile.json", report], {
    cwd: root,
    stdio: "inherit",
  });
  const table = benchmarkTable(measuresIn(report));
  const minutes = Math.round((Date.now() - began) / 60_000);
  process.stdout.write(`\n${table}\n\nIn ${minutes} minutes.\n`);
  if (flags.has("--write")) writeFileSync(page, `${HEAD}\n\n${await versions()}\n\n${table}\n`);
  if (code !== 0) throw new Problem("Not everything could be measured.", "See the failed tests above.");
}

const HEAD = `# Benchmarks

What the package costs, each quantity beside the same of something else, measured in turn in one run of \`npm run bench\`:
the medians of five rounds, after one that is not counted. A ratio below 1 is less than what it is compared with; for
requests a second more is better. \`ordinary\` is the same room as a dynamic resource of closures over livekit-server-sdk,
\`floor\` a dynamic resource that does nothing. CPU is that of the Pulumi CLI and all its processes.`;

/** When, on which machine and with which versions. */
async function versions(): Promise<string> {
  const pinned = engines.filter(({ own, name }) => !own && !name.includes("language"));
  const names = await Promise.all(
    pinned.map(async (engine) => `${engine.name} ${(await readPin(engine)).version}`),
  );
  const day = new Date().toISOString().slice(0, 10);
  return `Measured on ${day} on ${cpus().length} cores, with Node ${process.versions.node}, ${names.join(", ")}.`;
}

await runScript(bench);
