import { setTimeout as sleep } from "node:timers/promises";
import { nothing, waitingFor } from "../silence";

/** The longest wait after a failure. */
const MOST_SECONDS = 600;

/** The wait until the next round, which doubles with every failure in a row, up to ten minutes. */
export function waitSeconds(every: number, failures: number): number {
  return failures === 0 ? every : Math.max(every, Math.min(MOST_SECONDS, every * 2 ** failures));
}

/**
 * Runs rounds until SIGTERM or SIGINT, on which the engine of the current round finishes its calls.
 *
 * @param round returns whether it succeeded; its errors are passed to `onError`
 */
export async function watch(
  every: number,
  round: () => Promise<boolean>,
  onError: (error: unknown, waitedSeconds: number) => void,
): Promise<void> {
  const stopped = new AbortController();
  const stop = () => stopped.abort();
  process.on("SIGTERM", stop).on("SIGINT", stop);
  let failures = 0;
  try {
    while (!stopped.signal.aborted) {
      try {
        failures = (await round()) ? 0 : failures + 1;
      } catch (error) {
        failures += 1;
        if (!stopped.signal.aborted) onError(error, waitSeconds(every, failures));
      }
      const wait = waitSeconds(every, failures) * 1_000;
      const pause = () => sleep(wait, undefined, { signal: stopped.signal });
      await waitingFor(nothing, pause).catch(() => {});
    }
  } finally {
    process.off("SIGTERM", stop).off("SIGINT", stop);
  }
}
