import pRetry from "p-retry";
import { RtcError } from "../contract";
import { type Clock, monotonicClock } from "./clock";
import { type RateLimiter, unlimited } from "./rate-limiter";

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
