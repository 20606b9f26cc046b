import { nothing, waitingFor } from "../silence";
import { Wakes, type Woken } from "./wakes";

/** The longest wait after a failure. */
const MOST_SECONDS = 600;

/** The wait until the next round, which doubles with every failure in a row, up to ten minutes. */
export function waitSeconds(every: number, failures: number): number {
  return failures === 0 ? every : Math.max(every, Math.min(MOST_SECONDS, every * 2 ** failures));
}

/** The events of a watch, and the round that follows them. */
export interface Waking {
  wakes: Wakes;
  round(woken: Woken): Promise<void>;
}

/**
 * Runs rounds until SIGTERM or SIGINT, on which the engine of the current round finishes its calls. One round runs at a
 * time; events do not postpone the next polled one.
 *
 * @param round a polled one: returns whether it succeeded; its errors are passed to `onError`
 * @param onError with the seconds until the next polled round
 * @param waking events that begin a round before that
 */
export async function watch(
  every: number,
  round: () => Promise<boolean>,
  onError: (error: unknown, waitedSeconds: number) => void,
  waking: Waking = { wakes: new Wakes(), round: async () => {} },
): Promise<void> {
  const stopped = new AbortController();
  const stop = () => stopped.abort();
  process.on("SIGTERM", stop).on("SIGINT", stop);
  const { wakes } = waking;
  let failures = 0;
  let due = 0;
  const secondsLeft = () => Math.max(0, due - performance.now()) / 1_000;
  const report = (error: unknown) => {
    if (!stopped.signal.aborted) onError(error, secondsLeft());
  };
  const poll = async () => {
    wakes.clear();
    let failure: { error: unknown } | undefined;
    try {
      failures = (await round()) ? 0 : failures + 1;
    } catch (error) {
      failures += 1;
      failure = { error };
    }
    due = performance.now() + waitSeconds(every, failures) * 1_000;
    if (failure) report(failure.error);
  };
  try {
    while (!stopped.signal.aborted) {
      const woken = secondsLeft() > 0 ? wakes.take() : undefined;
      await (woken ? waking.round(woken).catch(report) : poll());
      await waitingFor(nothing, () => wakes.wait(secondsLeft() * 1_000, stopped.signal));
    }
  } finally {
    process.off("SIGTERM", stop).off("SIGINT", stop);
  }
}
