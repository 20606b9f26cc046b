/** Something to time: its own seconds where they are less than the whole call's. */
export interface Timed {
  name: string;
  run(): Promise<number | undefined>;
}

/** What two things took, run in turn, so that a machine that is slower for a while is slower for both. */
export interface Pair {
  a: number[];
  b: number[];
  /** A/B of each pair. */
  ratios: number[];
}

/** Runs A and B in turn, after one uncounted run of each. */
export async function paired(a: Timed, b: Timed, rounds: number): Promise<Pair> {
  const pair: Pair = { a: [], b: [], ratios: [] };
  for (let round = 0; round <= rounds; round++) {
    const [first, second] = [await secondsOf(a), await secondsOf(b)];
    if (round === 0) continue;
    pair.a.push(first);
    pair.b.push(second);
    pair.ratios.push(first / second);
  }
  const lines = [
    `  A  ${a.name}: ${spread(pair.a, time)}`,
    `  B  ${b.name}: ${spread(pair.b, time)}`,
    `  A/B  ${spread(pair.ratios, (ratio) => ratio.toFixed(2))}${isNoisy(pair) ? "   noisy: run it again on a quiet machine" : ""}`,
  ];
  console.log(lines.join("\n"));
  return pair;
}

/** The one in the middle. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** A time as a person reads it, e.g. `3.2 ms`. */
export function time(seconds: number): string {
  if (seconds >= 1) return `${seconds.toFixed(2)} s`;
  return seconds >= 1e-3 ? `${(seconds * 1e3).toFixed(1)} ms` : `${(seconds * 1e6).toFixed(0)} µs`;
}

async function secondsOf({ run }: Timed): Promise<number> {
  const began = performance.now();
  const own = await run();
  return own ?? (performance.now() - began) / 1_000;
}

/** Minimum, median and maximum. */
function spread(values: readonly number[], shown: (value: number) => string): string {
  return `${shown(median(values))} (${shown(Math.min(...values))} to ${shown(Math.max(...values))})`;
}

/** Whether the pairs differ so much that the ratio means little. */
function isNoisy({ ratios }: Pair): boolean {
  return Math.max(...ratios) / Math.min(...ratios) > 1.5;
}
