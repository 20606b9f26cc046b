/** Time, so that tests can freeze, turn and step it. */
export interface Clock {
  /** Milliseconds. What they are counted from is up to the clock. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/**
 * The machine's wall clock, since 1970, which may step in either direction: only for times that are stored, signed, or
 * compared with those of another machine.
 */
export const systemClock: Clock = { now: () => Date.now(), sleep };

/** Counts what passes and never steps: for limits, timeouts, waits and caches. */
export const monotonicClock: Clock = { now: () => performance.now(), sleep };

/** The wall clock of this process's start plus what has passed since: milliseconds since 1970 that never step. */
export function steadyNow(): number {
  return Math.round(performance.timeOrigin + performance.now());
}
