import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { benchmarkTable, measuresIn, missedNotes } from "../../../scripts/lib/benchmarks.mts";
import { plotsOf } from "../../../scripts/lib/plots.mts";
import type { Measure } from "../../support/measures.ts";

const preview: Measure = {
  ...{ what: "preview, 200 rooms", unit: "s", ours: 8, beside: { ordinary: 10, floor: 7 } },
  targets: { ordinary: 0.85, floor: 1.1 },
};
const rate: Measure = {
  ...{ what: "token.issue through a gateway", unit: "requests/s", ours: 700, beside: { constant: 1_000 } },
  ...{ targets: { constant: 0.6 }, isRate: true },
};
const calls: Measure = { what: "calls", unit: "calls", ours: 4, beside: {}, targets: {}, most: 3 };

const folder = mkdtempSync(join(tmpdir(), "rtc-benchmarks-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("A table has a row for each comparison, and marks the targets that are missed", () => {
  expect(benchmarkTable([preview, rate, calls]).split("\n").slice(2)).toEqual([
    "| preview, 200 rooms | 8 s | ordinary: 10 s | 0.80 | ≤ 0.85 |",
    "| preview, 200 rooms | 8 s | floor: 7 s | 1.14 | ≤ 1.1: missed |",
    "| token.issue through a gateway | 700 requests/s | constant: 1000 requests/s | 0.70 | ≥ 0.6 |",
    "| calls | 4 calls | | | ≤ 3 calls: missed |",
  ]);
});

test("A missed target has a reason, and one that is met has none", () => {
  expect(missedNotes([preview, rate])).toEqual([expect.stringMatching(/^A stack: /)]);
  expect(missedNotes([{ ...rate, ours: 500 }])).toEqual([expect.stringMatching(/^A gateway: /)]);
  expect(missedNotes([rate])).toEqual([]);
});

test("Measures of a report come in the order of the parts, without those of failed benchmarks", () => {
  const report = join(folder, "report.json");
  const result = (name: string, status: string, ...measures: Measure[]) => ({
    ...{ name: join(process.cwd(), name), assertionResults: [{ status, meta: { measures } }] },
  });
  const testResults = [
    result("b.ts", "passed", rate),
    result("a.ts", "passed", preview),
    result("a.ts", "failed", calls),
  ];
  writeFileSync(report, JSON.stringify({ testResults }));
  expect(measuresIn(report, ["a.ts", "b.ts"])).toEqual([preview, rate]);
});

test("A plot has a line for this package and for each other one, and none of a single point", () => {
  const at = (x: number, ours: number): Measure => ({
    ...preview,
    ...{ ours, plot: { name: "preview: s by the number of rooms", x, xUnit: "rooms" } },
  });
  expect(plotsOf([at(200, 8)])).toEqual([]);
  const [plot, ...others] = plotsOf([at(400, 16), at(200, 8)]);
  expect(others).toEqual([]);
  expect(plot?.file).toBe("benchmark-preview-s-by-the-number-of-rooms.svg");
  expect([...(plot?.svg.matchAll(/<polyline points="([^"]*)"/g) ?? [])].map(([, points]) => points)).toEqual([
    "265.0,155.0 470.0,30.0",
    "265.0,123.8 470.0,123.8",
    "265.0,170.6 470.0,170.6",
  ]);
});
