import { readFileSync } from "node:fs";
import { relative } from "node:path";
import type { Measure } from "../../test/support/measures.ts";

/** The part of vitest's JSON report that is read here; `measures` is what test/support/measures.ts notes. */
interface Report {
  testResults: {
    name: string;
    assertionResults: { status: string; meta: { measures?: Measure[] } }[];
  }[];
}

/** What the benchmarks of a report have measured, in the order of their files. */
export function measuresIn(report: string, files: readonly string[]): Measure[] {
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as Report;
  const place = ({ name }: { name: string }) => files.indexOf(relative("", name));
  return testResults
    .toSorted((a, b) => place(a) - place(b))
    .flatMap(({ assertionResults }) =>
      assertionResults.flatMap(({ status, meta }) => (status === "passed" ? (meta.measures ?? []) : [])),
    );
}

/** One row for each quantity and what it is compared with. */
export function benchmarkTable(measures: readonly Measure[]): string {
  const rows = measures.flatMap((measure) => {
    const { what, unit, ours, beside, most } = measure;
    const start = `| ${what} | ${shown(ours)} ${unit} |`;
    const absolute = most === undefined ? "" : `≤ ${shown(most)} ${unit}${ours <= most ? "" : ": missed"}`;
    const others = Object.entries(beside);
    if (others.length === 0) return [`${start} | | ${absolute} |`];
    return others.map(([name, other]) => {
      const aim = aimOf(measure, name);
      const target = aim === undefined ? absolute : `${aim.text}${aim.isMet ? "" : ": missed"}`;
      return `${start} ${name}: ${shown(other)} ${unit} | ${(ours / other).toFixed(2)} | ${target} |`;
    });
  });
  return ["| What | This package | Beside | Ratio | Target |", "|---|---|---|---|---|", ...rows].join("\n");
}

/** The ratio that is aimed at, and whether it is met; undefined where there is none. */
function aimOf(
  { ours, beside, targets, isRate = false }: Measure,
  name: string,
): { text: string; isMet: boolean } | undefined {
  const target = targets[name];
  const ratio = ours / (beside[name] ?? Number.NaN);
  if (target === undefined) return undefined;
  return { text: `${isRate ? "≥" : "≤"} ${target}`, isMet: isRate ? ratio >= target : ratio <= target };
}

/** Whether a target of a quantity is missed. */
function isMissed(measure: Measure): boolean {
  const { ours, beside, most = Number.POSITIVE_INFINITY } = measure;
  return ours > most || Object.keys(beside).some((name) => aimOf(measure, name)?.isMet === false);
}

/** Why a target is out of reach, by what it is of: what would have to change, and the profile that shows it. */
const REASONS: [RegExp, string][] = [
  [
    /^rtc (--help|validate)/,
    "The start of `rtc`: a profile of `rtc validate` (`node --cpu-prof`, compiled code cached) spends its time in `require`. In CPU beside the 26 ms of Node itself, `zod` takes 41 ms (49 languages of messages among its modules), `yaml` 23 ms (80 modules), the schemas of the contract 32 ms, and commander 8 ms. Bundled into one file each, `zod` takes 5 ms and `yaml` 2 ms: either these packages or a bundle of ours would have to change.",
  ],
  [
    /through a gateway/,
    "A gateway: a profile of `token.issue` under load spends 30 % in writing to the socket, 11 % in livekit-server-sdk, which imports its key anew for each signature, 10 % in the request log, 7 % in the limits, and 3 % in metrics. `room.get` makes two calls of LiveKit, each signed by the SDK.",
  ],
  [
    /rooms \d+ ms away/,
    "A vendor far away: the engine runs a fixed number of resources at once (`--parallel`), and each waits for its calls. More of them at once, or a provider that the engine asks for several resources in one call, would be needed.",
  ],
  [
    /, \d+ rooms$/,
    "A stack: most of its time is that of the engine and Pulumi's SDK, as `floor` shows, which does nothing for its rooms. Below that only the engine can go: it writes the whole state after each change, and calls check and diff once for each resource.",
  ],
];

/** The reasons for the targets that are missed, as a list. */
export function missedNotes(measures: readonly Measure[]): string[] {
  const missed = measures.filter(isMissed);
  return REASONS.flatMap(([of, reason]) => (missed.some(({ what }) => of.test(what)) ? [reason] : []));
}

/** Three digits, as far as there are so many. */
function shown(value: number): string {
  return value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toPrecision(3);
}
