import { parseArgs } from "node:util";
import { Problem, runScript } from "./lib/problem.mts";
import { DEFAULTS, type Parameters, simulate, tablesOf } from "./lib/simulation.mts";

/*
 * Simulates a day of a million rooms at three vendors, and prints which limits it reaches: docs/scale.md. Each parameter of
 * scripts/lib/simulation.mts is an option, e.g. --rooms-per-day 200000 --seed 7; --json prints the outcome as JSON.
 */

const names = Object.keys(DEFAULTS) as (keyof Parameters)[];

function readParameters(): { json: boolean; given: Partial<Parameters> } {
  const options = Object.fromEntries(names.map((name) => [name, { type: "string" as const }]));
  const usage = `Usage: node scripts/simulate.mts [--json] ${names.map((name) => `[--${name} ${DEFAULTS[name]}]`).join(" ")}`;
  try {
    const { values } = parseArgs({ options: { ...options, json: { type: "boolean" } } });
    const { json = false, ...texts } = values;
    const given = Object.entries(texts).map(([name, text]) => [name, Number(text)] as const);
    const wrong = given.find(([, value]) => !(value >= 0 && value < Number.POSITIVE_INFINITY));
    if (wrong) throw new Error(`--${wrong[0]} must be a number, 0 or more.`);
    return { json: json === true, given: Object.fromEntries(given) };
  } catch (error) {
    throw new Problem(error instanceof Error ? error.message : String(error), usage);
  }
}

await runScript(async () => {
  const { json, given } = readParameters();
  const outcome = simulate(given);
  process.stdout.write(`${json ? JSON.stringify(outcome, null, 2) : tablesOf(outcome)}\n`);
});
