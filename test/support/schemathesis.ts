import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { type Finished, run } from "../../scripts/lib/process.mts";
import { repo } from "./clone.ts";

const VERSION = "4.32.5";

/**
 * What a schema cannot say is rejected with 400 or 422, and that is no failure: a vendor that is not configured, a
 * kick whose path and body differ, an invented cursor.
 */
const SETTINGS = `
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "404", "409", "422"]
`;

/** Below what a key may ask for: what is turned away is not tested. */
const RATE = "90/s";

/** Runs Schemathesis against a document, with all its checks. It is installed once, from PyPI, into node_modules. */
export async function schemathesis(document: string, key: string, examples: number): Promise<Finished> {
  const folder = join(repo, "node_modules/.cache", `schemathesis-${VERSION}`);
  const program = join(folder, "bin/st");
  if (!existsSync(program)) {
    await must("python3", ["-m", "venv", folder]);
    await must(join(folder, "bin/pip"), ["install", "--quiet", `schemathesis==${VERSION}`]);
  }
  const cwd = mkdtempSync(join(inject("scratch"), "schemathesis-"));
  writeFileSync(join(cwd, "schemathesis.toml"), SETTINGS);
  const much = ["--checks", "all", "--max-examples", String(examples), "--continue-on-failure"];
  const args = [...much, "--rate-limit", RATE, "--no-color"];
  return run(program, ["run", document, "--header", `Authorization: Bearer ${key}`, ...args], { cwd });
}

async function must(file: string, args: string[]): Promise<void> {
  const { code, stderr } = await run(file, args);
  if (code !== 0) throw new Error(`Schemathesis cannot be installed, so nothing was checked:\n${stderr}`);
}
