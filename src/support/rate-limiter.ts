import PQueue from "p-queue";

/** Runs a call as soon as its limit allows, first come, first served. */
export type RateLimiter = <T>(run: () => Promise<T>) => Promise<T>;

/** At most `limit` calls within `perMilliseconds`. */
export interface Limit {
  limit: number;
  perMilliseconds: number;
}

/** Clocks and timers differ by a little. */
const MARGIN = 1.05;
/** Without an answer, a call counts as arrived after so many milliseconds, so that an outage does not block others. */
const ARRIVES_WITHIN = 2_000;

/**
 * Keeps a vendor's rate limit: at most `limit` calls arrive within any `perMilliseconds`. A call may arrive at any time
 * until it is answered (the first ones wait for their connections, and then arrive with the next), so its slot is free
 * that long after its answer, not after it was sent.
 *
 * @example
 * const limiter = rateLimiter({ limit: 10, perMilliseconds: 1_000 });
 * await Promise.all(names.map((name) => limiter(() => close(name))));
 */
export function rateLimiter({ limit, perMilliseconds }: Limit): RateLimiter {
  const slots = new PQueue({ concurrency: limit });
  const resting = new Set<NodeJS.Timeout>();
  const rest = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        resting.delete(timer);
        resolve();
      }, perMilliseconds * MARGIN);
      resting.add(timer);
      // A process whose calls are all answered may exit.
      if (slots.size === 0) timer.unref();
    });
  return (run) => {
    for (const timer of resting) timer.ref();
    return new Promise((resolve, reject) => {
      slots.add(async () => {
        const answer = run();
        answer.then(resolve, reject);
        await waitForArrival(answer);
        await rest();
      });
    });
  };
}

/** Resolves when a call has certainly arrived, whatever its result. */
function waitForArrival(answer: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, ARRIVES_WITHIN);
    const arrived = () => {
      clearTimeout(late);
      resolve();
    };
    answer.then(arrived, arrived);
  });
}

const shared = new Map<string, { limiter: RateLimiter; users: number; expiry?: NodeJS.Timeout }>();

/**
 * The {@link rateLimiter} of what a vendor counts by (an account, a room of an app), shared by all callers in this process
 * with the same key.
 *
 * @example sharedRateLimiter("zego 123 CloseRoom", { limit: 1, perMilliseconds: 1_000 })(() => close(name))
 */
export function sharedRateLimiter(key: string, limit: Limit): RateLimiter {
  return async (run) => {
    const mine = shared.get(key) ?? { limiter: rateLimiter(limit), users: 0 };
    shared.set(key, mine);
    clearTimeout(mine.expiry);
    mine.users += 1;
    try {
      return await mine.limiter(run);
    } finally {
      mine.users -= 1;
      // There may be a key for each room: a limiter expires when it is unused for the time of its limit.
      if (mine.users === 0)
        mine.expiry = setTimeout(() => shared.delete(key), limit.perMilliseconds * MARGIN).unref();
    }
  };
}

/** Runs calls without a limit. */
export const unlimited: RateLimiter = (run) => run();
