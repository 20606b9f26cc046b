import pRetry from "p-retry";
import { RtcError } from "../contract";
import { type Clock, monotonicClock } from "./clock";
import { atOnce, type Turns } from "./turns";

/** In an outage a retry is one call more for a service that is down: what is spent here comes back with successes only. */
const BUDGET = 10;
const EARNED_PER_SUCCESS = 0.2;

/** What a call may take with all its tries and pauses. */
export const CALL_SECONDS = 30;
/** What one try may take, and a call that is not repeated. */
export const TRY_SECONDS = 10;
/** Clients that were told to come again at the same time come back within so many milliseconds of each other. */
const APART_MS = 500;
/** What has to be left for a further try to make sense: the longest pause of ours, and a second for the answer. */
const NEEDED_SECONDS = 2;

/** Limits what retries may add to the calls of one process: 10, and one more for each five calls that succeeded. */
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

/** How a call is tried. */
export interface Patience {
  clock?: Clock;
  /** Each try takes its turn at a vendor's limit; the time until then is not the call's. */
  turn?: Turns;
  /** What one try may take. */
  trySeconds?: number;
  /** What the call may take with all its tries and pauses: 30, unless it is of somebody who tries as long itself. */
  callSeconds?: number;
  /**
   * Whether an error says that the call was turned away at the door, for asking too often: it is tried again for as
   * long as it has time, since that costs a service that is up nothing, and says nothing of an outage.
   */
  turnedAway?: (error: RtcError) => boolean;
}

/**
 * Runs an idempotent call up to three times within 30 seconds, with backoff, where `retry` agrees and the budget
 * allows. `call` is told how many seconds its try has: ten, or `trySeconds`, or what is left. Where the error says
 * `retryAfterSeconds`, the next try comes after that and never before; where that is too long for the call, it fails at
 * once with that error.
 */
export async function withRetries<T>(
  budget: RetryBudget,
  retry: (error: RtcError) => boolean,
  call: (seconds: number) => Promise<T>,
  {
    clock = monotonicClock,
    turn = atOnce,
    trySeconds = TRY_SECONDS,
    callSeconds = CALL_SECONDS,
    turnedAway = () => false,
  }: Patience = {},
): Promise<T> {
  let end = clock.now() + callSeconds * 1_000;
  const secondsLeft = () => (end - clock.now()) / 1_000;
  const inTurn = () => {
    const asked = clock.now();
    return turn(() => {
      end += clock.now() - asked;
      return call(Math.min(trySeconds, secondsLeft()));
    });
  };
  const answer = await pRetry(inTurn, {
    retries: 2,
    minTimeout: 200,
    randomize: true,
    shouldConsumeRetry: ({ error }) => !(RtcError.isInstance(error) && turnedAway(error)),
    shouldRetry: async ({ error }) => {
      if (!RtcError.isInstance(error) || !retry(error)) return false;
      const { retryAfterSeconds = 0 } = error;
      if (retryAfterSeconds + NEEDED_SECONDS > secondsLeft()) return false;
      const isFree = turnedAway(error);
      if (!isFree && !budget.spend()) return false;
      // A pause of ours comes on top, so that clients that were told the same do not come back as one.
      await clock.sleep(retryAfterSeconds * 1_000 + (isFree ? Math.random() * APART_MS : 0));
      return true;
    },
  });
  budget.earn();
  return answer;
}
