import type { TestContext } from "vitest";

/** A quantity of this package beside the same of others, a row of docs/benchmarks.md. */
export interface Measure {
  /** What is measured, e.g. `preview of 200 rooms`. */
  what: string;
  /** `s`, `s CPU`, `MB`, `bytes`, `calls`, `µs`, `requests/s` or `ms`. */
  unit: string;
  /** Of this package: the median of its rounds. */
  ours: number;
  /** Of what it is compared with, by name. */
  beside: Record<string, number>;
  /** The ratio to each of them that is aimed at: at most, or for what is better when it is more at least. */
  targets: Record<string, number>;
  /** More is better. */
  isRate?: boolean;
  /** The most that is aimed at, where the aim is no ratio. */
  most?: number;
  /**
   * Where it is a point of a plot: the plot's name, the quantity on which the measured one depends, with its unit, and the
   * line of the plot where it has several beside those of `beside`.
   */
  plot?: { name: string; x: number; xUnit: string; line?: string };
}

declare module "vitest" {
  interface TaskMeta {
    measures?: Measure[];
  }
}

/** Adds what a benchmark has measured: `npm run bench` prints the table of all. */
export function measured(task: TestContext["task"], ...measures: Measure[]): void {
  task.meta.measures = [...(task.meta.measures ?? []), ...measures];
}
