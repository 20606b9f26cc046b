import { setTimeout as sleep } from "node:timers/promises";

/** The longest that a failure is waited out. */
const MOST_SECONDS = 600;

/** How long to wait for the next round: longer with every failure in a row, but not beyond ten minutes. */
export function waitSeconds(every: number, failures: number): number {
  return failures === 0 ? every : Math.max(every, Math.min(MOST_SECONDS, every * 2 ** failures));
}

/**
 * Runs rounds until SIGTERM or SIGINT, on which the engine of a round that is under way finishes its calls.
 *
 * @param round tells whether it went well; what it throws is for `wrong`, and no end
 */
export async function watch(
  every: number,
  round: () => Promise<boolean>,
  wrong: (error: unknown, waitedSeconds: number) => void,
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
        if (!stopped.signal.aborted) wrong(error, waitSeconds(every, failures));
      }
      const wait = waitSeconds(every, failures) * 1_000;
      await sleep(wait, undefined, { signal: stopped.signal }).catch(() => {});
    }
  } finally {
    process.off("SIGTERM", stop).off("SIGINT", stop);
  }
}
