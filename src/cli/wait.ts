import { setTimeout as sleep } from "node:timers/promises";
import { EXIT, Failure, Locked } from "./exit-codes";
import type { Io } from "./io";
import { nothing, waitingFor } from "./silence";

/** The longest pause between two tries, each of which asks the backend for the lock. */
const LONGEST_SECONDS = 10;
/** How often a wait is reported. */
const REPORT_SECONDS = 30;

/**
 * Runs a command, and again from its beginning while another run has locked the stack: what was previewed before is then
 * of an older state.
 *
 * @param seconds how long to wait
 * @throws LOCKED when the time is over; INTERRUPTED on SIGINT or SIGTERM
 * @example await whenUnlocked(300, io, () => apply(stack))
 */
export async function whenUnlocked<T>(
  seconds: number,
  io: Pick<Io, "note">,
  run: () => Promise<T>,
): Promise<T> {
  const now = () => performance.now() / 1_000;
  // The time begins when the lock is met: what comes before may take longer.
  let end: number | undefined;
  let reported = Number.NEGATIVE_INFINITY;
  for (let pause = 1; ; pause = Math.min(LONGEST_SECONDS, pause * 2)) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof Locked)) throw error;
      end ??= now() + seconds;
      const left = end - now();
      if (left <= 0) throw error.after(seconds);
      if (now() - reported >= REPORT_SECONDS) {
        io.note(`waiting for another run on this stack${error.ownedBy}, ${Math.ceil(left)} s at most`);
        reported = now();
      }
      await sleepUnlessStopped(Math.min(pause, left));
    }
  }
}

async function sleepUnlessStopped(seconds: number): Promise<void> {
  const stopped = new AbortController();
  const stop = () => stopped.abort();
  process.on("SIGTERM", stop).on("SIGINT", stop);
  try {
    await waitingFor(nothing, () => sleep(seconds * 1_000, undefined, { signal: stopped.signal }));
  } catch {
    throw new Failure(
      "INTERRUPTED",
      "stopped while it waited for another run: nothing was touched",
      EXIT.interrupted,
    );
  } finally {
    process.off("SIGTERM", stop).off("SIGINT", stop);
  }
}
