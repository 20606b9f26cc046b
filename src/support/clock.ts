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

let latest = { seconds: 0, text: "1970-01-01T00:00:00.000Z" };

/**
 * Unix seconds in RFC 3339. Tokens that are issued within a second expire together, and to write the time out takes a
 * tenth of what it takes to sign one: the latest is kept.
 *
 * @example timeOf(1_700_000_000) // "2023-11-14T22:13:20.000Z"
 */
export function timeOf(seconds: number): string {
  if (latest.seconds !== seconds) latest = { seconds, text: new Date(seconds * 1_000).toISOString() };
  return latest.text;
}

/** Milliseconds since 1970 that never step: the wall clock at the start of this process, plus the time since. */
export function steadyNow(): number {
  return Math.round(performance.timeOrigin + performance.now());
}
