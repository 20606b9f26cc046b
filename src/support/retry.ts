import pRetry from "p-retry";
import { RtcError } from "../contract";

/** In an outage a retry is one call more for a service that is down: what is spent here comes back with successes only. */
const BUDGET = 10;
const EARNED_PER_SUCCESS = 0.2;

/** Limits what retries may add to the calls of one process. */
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

/** Runs an idempotent call up to three times, with backoff, where `retry` agrees and the budget allows. */
export async function withRetries<T>(
  budget: RetryBudget,
  retry: (error: RtcError) => boolean,
  call: () => Promise<T>,
): Promise<T> {
  const answer = await pRetry(call, {
    retries: 2,
    minTimeout: 200,
    randomize: true,
    shouldRetry: ({ error }) => RtcError.isInstance(error) && retry(error) && budget.spend(),
  });
  budget.earn();
  return answer;
}
