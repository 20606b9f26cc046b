import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { Problem, readFlags, runScript } from "./lib/problem.mts";
import { run } from "./lib/process.mts";

/*
 * Runs every test that proves something of the package's reliability, and prints what each has proved.
 * With --write the table of docs/reliability.md becomes that of this run.
 */

const root = join(import.meta.dirname, "..");
/** Where vitest.config.mts says. */
const report = join(root, "node_modules/.cache/test-results.json");
const page = join(root, "docs/reliability.md");
const TABLE = /(<!-- proofs -->\n)[\s\S]*?(<!-- \/proofs -->)/;

/** The part of vitest's JSON report that is read here. */
interface Report {
  testResults: { name: string; assertionResults: { status: string; meta: { proof?: Proof } }[] }[];
}

/** What test/support/reliability.ts notes. */
interface Proof {
  promise: string;
  figure: string;
}

async function reliability(): Promise<void> {
  const flags = readFlags("node scripts/reliability.mts [--write]", ["--write"]);
  const began = Date.now();
  const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
  const { code } = await run(process.execPath, [vitest, "run", ...reportingFiles()], {
    cwd: root,
    stdio: "inherit",
  });
  const results = (JSON.parse(readFileSync(report, "utf8")) as Report).testResults;
  const rows = results
    .flatMap(({ name, assertionResults }) =>
      assertionResults.flatMap(({ status, meta }) =>
        meta.proof && status === "passed" ? [{ ...meta.proof, file: relative(root, name) }] : [],
      ),
    )
    .sort((a, b) => (a.promise < b.promise ? -1 : 1));
  const table = [
    "| What is promised | Last run | Test |",
    "|---|---|---|",
    ...rows.map(({ promise, figure, file }) => `| ${promise} | ${figure} | [${file}](../${file}) |`),
  ].join("\n");
  const day = new Date(began).toISOString().slice(0, 10);
  const lastRun = `Run on ${day}, in ${Math.round((Date.now() - began) / 60_000)} minutes.`;
  process.stdout.write(`\n${table}\n\n${lastRun}\n`);
  if (code !== 0) throw new Problem("Not everything holds.", "See the failed tests above.");
  if (flags.has("--write")) {
    const text = readFileSync(page, "utf8");
    writeFileSync(
      page,
      text.replace(TABLE, (_all, open, close) => `${open}\n${table}\n\n${lastRun}\n\n${close}`),
    );
  }
}

/** The test files that report a proof. */
function reportingFiles(): string[] {
  return readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => join("test", name))
    .filter((file) => /from ".*support\/reliability\.ts"/.test(readFileSync(join(root, file), "utf8")));
}

await runScript(reliability);
