/** A clock that tests can control. */
export interface Clock {
  /** Milliseconds since an epoch of the clock. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/**
 * The machine's wall clock, since 1970, which may step in either direction: only for times that are stored, signed, or
 * compared with those of another machine.
 */
export const systemClock: Clock = { now: () => Date.now(), sleep };

/** Never steps: for limits, timeouts, waits and caches. */
export const monotonicClock: Clock = { now: () => performance.now(), sleep };

/** Milliseconds since 1970 that never step: the wall clock at the start of this process, plus the time since. */
export function steadyNow(): number {
  return Math.round(performance.timeOrigin + performance.now());
}
