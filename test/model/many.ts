import fc from "fast-check";
import { play, type Tally } from "./play.ts";
import type { Stage } from "./stage.ts";
import { histories, printed, type Step } from "./steps.ts";

/** Which histories are played. */
export interface ManyOptions {
  /** How many. */
  runs: number;
  /** Which: another each time, unless given. */
  seed?: number | undefined;
  /** Those that are played first. */
  known?: readonly (readonly Step[])[];
  /** Whether the shortest that fails is searched for, and not only any. */
  shrinks?: boolean;
}

/** How they went. */
export interface Played {
  seed: number;
  /** How many were played: those until the first that failed. */
  count: number;
  tally: Tally;
  /** The history that fails, as source text for the list of known ones, and why. */
  failure: Error | undefined;
}

/** Plays many histories, each on a stage of its own. */
export async function playMany(
  stage: () => Stage,
  { runs, seed, known = [], shrinks = true }: ManyOptions,
): Promise<Played> {
  const tally: Tally = {};
  const property = fc.asyncProperty(histories, (history) => play(stage(), history, tally));
  const { failed, counterexample, errorInstance, numRuns, ...details } = await fc.check(property, {
    numRuns: runs,
    endOnFailure: !shrinks,
    examples: known.map((history) => [[...history]]),
    ...(seed === undefined ? {} : { seed }),
  });
  const report = `Seed ${details.seed}, after ${numRuns} histories. This one fails:\n${printed(counterexample?.[0] ?? [])}`;
  const why = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  const failure = failed ? new Error(`${why}\n${report}`, { cause: errorInstance }) : undefined;
  return { seed: details.seed, count: numRuns, tally, failure };
}
