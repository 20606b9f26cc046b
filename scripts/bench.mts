import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { benchmarkTable, measuresIn, missedNotes } from "./lib/benchmarks.mts";
import { engines, readPin } from "./lib/engine-list.mts";
import { plotsOf } from "./lib/plots.mts";
import { Problem, readFlags, runScript } from "./lib/problem.mts";
import { run } from "./lib/process.mts";

/*
 * Measures what things cost, each beside what it is compared with, and prints the table: all parts, or those that are named.
 * With --write, which takes all parts, the table and the plots become docs/benchmarks.md.
 */

const root = join(import.meta.dirname, "..");
/** As vitest.config.mts sets it. */
const report = join(root, "node_modules/.cache/test-results.json");
const page = join(root, "docs/benchmarks.md");
/** Files of test/bench, in the order of the page, with what they measure. */
const PARTS = {
  start: "the start of the command line, and large manifests",
  tokens: "join tokens",
  gateway: "a gateway under load",
  "gateway-fairness": "a gateway with clients that behave badly",
  engine: "a stack, beside an ordinary resource and one that does nothing",
  latency: "a stack at a vendor that is far away",
  scale: "a stack by its number of rooms",
};

async function bench(): Promise<void> {
  const names = Object.keys(PARTS) as (keyof typeof PARTS)[];
  const list = names.map((name) => `  ${name.padEnd(18)}${PARTS[name]}`).join("\n");
  const usage = `node scripts/bench.mts [--write] [part…]\n${list}`;
  const given = readFlags(usage, ["--write", ...names]);
  const parts = names.filter((name) => given.has(name));
  if (given.has("--write") && parts.length > 0)
    throw new Problem("The page is written from one run of all parts.", `Usage: ${usage}`);
  const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
  const began = Date.now();
  const files = (parts.length > 0 ? parts : names).map((name) => `test/bench/${name}.test.ts`);
  const args = [vitest, "run", "--project", "bench", ...files, "--reporter", "verbose", "--reporter", "json"];
  const { code } = await run(process.execPath, [...args, "--outputFile.json", report], {
    cwd: root,
    stdio: "inherit",
  });
  const measures = measuresIn(report, files);
  const table = benchmarkTable(measures);
  const minutes = Math.round((Date.now() - began) / 60_000);
  process.stdout.write(`\n${table}\n\nIn ${minutes} minutes.\n`);
  if (code !== 0) throw new Problem("Not everything could be measured.", "See the failed tests above.");
  if (!given.has("--write")) return;
  const images = plotsOf(measures).map(({ name, file, svg }) => {
    mkdirSync(join(root, "docs/images"), { recursive: true });
    writeFileSync(join(root, "docs/images", file), svg);
    return `![${name}](images/${file})`;
  });
  const notes = missedNotes(measures);
  const missed = notes.length === 0 ? [] : ["## Targets that are missed", ...notes];
  const sections = [HEAD, await versions(minutes), table, "## Plots", ...images, ...missed];
  writeFileSync(page, `${sections.join("\n\n")}\n`);
}

const HEAD = `# Benchmarks

<!-- written by \`npm run bench -- --write\`: do not edit -->

What the package costs, each quantity beside the same of something else, measured in turn in one run of \`npm run bench\`:
the medians of several rounds, after one that is not counted. A ratio below 1 is less than what it is compared with; for
requests a second more is better. \`ordinary\` is the same room as a dynamic resource of closures over livekit-server-sdk,
\`floor\` a dynamic resource that does nothing. CPU of a stack is that of the Pulumi CLI and all its processes. A bare proxy is a
server of the gateway's framework that passes on what LiveKit answers to the same calls.`;

/** When, on which machine, with which versions, and how long it took. */
async function versions(minutes: number): Promise<string> {
  const pinned = engines.filter(({ own, name }) => !own && !name.includes("language"));
  const names = await Promise.all(
    pinned.map(async (engine) => `${engine.name} ${(await readPin(engine)).version}`),
  );
  const day = new Date().toISOString().slice(0, 10);
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"})`;
  return `Measured on ${day} on ${machine}, with Node ${process.versions.node}, ${names.join(", ")}, in ${minutes} minutes.`;
}

await runScript(bench);
