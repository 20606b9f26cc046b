import { readFileSync } from "node:fs";
import { relative } from "node:path";

/** A row of docs/reliability.md. */
export interface Row {
  promise: string;
  /** What its last run has measured. */
  figure: string;
  /** The day of that run. */
  day: string;
  /** The test, from the root of the repository. */
  file: string;
}

/** The part of vitest's JSON report that is read here; `proof` is what test/support/reliability.ts notes. */
interface Report {
  startTime: number;
  testResults: {
    name: string;
    assertionResults: { status: string; meta: { proof?: { promise: string; figure: string } } }[];
  }[];
}

/** What the tests of a report have proved. */
export function proved(report: string, root: string): Row[] {
  const { startTime, testResults } = JSON.parse(readFileSync(report, "utf8")) as Report;
  const day = new Date(startTime).toISOString().slice(0, 10);
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.flatMap(({ status, meta }) =>
      meta.proof && status === "passed" ? [{ ...meta.proof, day, file: relative(root, name) }] : [],
    ),
  );
}

const TABLE = /(<!-- proofs -->\n)[\s\S]*?(<!-- \/proofs -->)/;

/** The rows of a page. */
export function rowsOf(page: string): Row[] {
  const lines = page.matchAll(/^\| (.+?) \| (.+?) \| ([\d-]+) \| \[(.+?)\]\(.+?\) \|$/gm);
  return [...lines].map(([, promise = "", figure = "", day = "", file = ""]) => ({
    promise,
    figure,
    day,
    file,
  }));
}

/** The rows as a table, ordered by what is promised. */
export function tableOf(rows: readonly Row[]): string {
  const sorted = rows.toSorted((a, b) => (a.promise < b.promise ? -1 : 1));
  return [
    "| What is promised | Last run | On | Test |",
    "|---|---|---|---|",
    ...sorted.map(
      ({ promise, figure, day, file }) => `| ${promise} | ${figure} | ${day} | [${file}](../${file}) |`,
    ),
  ].join("\n");
}

/** The page with these rows; those of files that did not run stay as they were. */
export function withRows(page: string, rows: readonly Row[]): string {
  const ran = new Set(rows.map(({ file }) => file));
  const others = rowsOf(page).filter(({ file }) => !ran.has(file));
  return page.replace(TABLE, (_all, open, close) => `${open}\n${tableOf([...others, ...rows])}\n\n${close}`);
}
