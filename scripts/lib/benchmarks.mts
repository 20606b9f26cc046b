import { readFileSync } from "node:fs";
import type { Measure } from "../../test/support/measures.ts";

/** The part of vitest's JSON report that is read here; `measures` is what test/support/measures.ts notes. */
interface Report {
  testResults: { assertionResults: { status: string; meta: { measures?: Measure[] } }[] }[];
}

/** What the benchmarks of a report have measured, in their order. */
export function measuresIn(report: string): Measure[] {
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as Report;
  return testResults.flatMap(({ assertionResults }) =>
    assertionResults.flatMap(({ status, meta }) => (status === "passed" ? (meta.measures ?? []) : [])),
  );
}

/** One row for each quantity and what it is compared with. */
export function benchmarkTable(measures: readonly Measure[]): string {
  const rows = measures.flatMap(({ what, unit, ours, beside, targets, isRate = false }) =>
    Object.entries(beside).map(([name, other]) => {
      const ratio = ours / other;
      const target = targets[name];
      const isMet = target === undefined || (isRate ? ratio >= target : ratio <= target);
      const aim = target === undefined ? "" : `${isRate ? "≥" : "≤"} ${target}${isMet ? "" : ": missed"}`;
      return `| ${what} | ${shown(ours)} ${unit} | ${name}: ${shown(other)} ${unit} | ${ratio.toFixed(2)} | ${aim} |`;
    }),
  );
  return ["| What | This package | Beside | Ratio | Target |", "|---|---|---|---|---|", ...rows].join("\n");
}

/** Three digits, as far as there are so many. */
function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
