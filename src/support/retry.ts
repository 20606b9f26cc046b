import PQueue from "p-queue";
import pRetry from "p-retry";
import { RtcError } from "../contract";
import { type Clock, monotonicClock } from "./clock";

/** In an outage retries add load to a service that is down: only successful calls refill the budget. */
const BUDGET = 10;
const EARNED_PER_SUCCESS = 0.2;

/** The timeout of a call with all its tries and pauses. */
export const CALL_SECONDS = 30;
/** The timeout of one try, and of a call that is not repeated. */
export const TRY_SECONDS = 10;
/** The jitter of clients with the same Retry-After. */
const JITTER_MS = 500;
/** The time that a further try needs: the longest pause, and a second for the answer. */
const NEEDED_SECONDS = 2;

/** Limits the retries of one process: 10, and one more for each five calls that succeed. */
export class RetryBudget {
  #left = BUDGET;

  spend(): boolean {
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }

  earn(): void {
    this.#left = Math.min(BUDGET, this.#left + EARNED_PER_SUCCESS);
  }
}

/** The timeouts and limits of a call. */
export interface Timeouts {
  clock?: Clock;
  /** Each try waits for a vendor's rate limiter; that time does not count. */
  limiter?: RateLimiter;
  /** The timeout of one try. */
  trySeconds?: number;
  /** The timeout of the call with all its tries and pauses. Default 30. */
  callSeconds?: number;
  /**
   * Whether an error means that the service has limited the rate. Such a call is retried until its timeout, without the
   * budget: the service is up.
   */
  isRateLimited?: (error: RtcError) => boolean;
}

/**
 * Runs an idempotent call up to three times within 30 seconds, with backoff, where `retry` agrees and the budget
 * allows. `call` is passed the timeout of its try in seconds: ten, or `trySeconds`, or what is left. The next try comes
 * no earlier than the error's `retryAfterSeconds`; where that is too long for the call, the call fails immediately.
 */
export async function withRetries<T>(
  budget: RetryBudget,
  retry: (error: RtcError) => boolean,
  call: (seconds: number) => Promise<T>,
  {
    clock = monotonicClock,
    limiter = unlimited,
    trySeconds = TRY_SECONDS,
    callSeconds = CALL_SECONDS,
    isRateLimited = () => false,
  }: Timeouts = {},
): Promise<T> {
  let end = clock.now() + callSeconds * 1_000;
  const secondsLeft = () => (end - clock.now()) / 1_000;
  const tryOnce = () => {
    const asked = clock.now();
    return limiter(() => {
      end += clock.now() - asked;
      return call(Math.min(trySeconds, secondsLeft()));
    });
  };
  const answer = await pRetry(tryOnce, {
    retries: 2,
    minTimeout: 200,
    randomize: true,
    shouldConsumeRetry: ({ error }) => !(RtcError.isInstance(error) && isRateLimited(error)),
    shouldRetry: async ({ error }) => {
      if (!RtcError.isInstance(error) || !retry(error)) return false;
      const { retryAfterSeconds = 0 } = error;
      if (retryAfterSeconds + NEEDED_SECONDS > secondsLeft()) return false;
      const isFree = isRateLimited(error);
      if (!isFree && !budget.spend()) return false;
      // With jitter, so that clients with the same Retry-After do not retry at the same time.
      await clock.sleep(retryAfterSeconds * 1_000 + (isFree ? Math.random() * JITTER_MS : 0));
      return true;
    },
  });
  budget.earn();
  return answer;
}

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
