import PQueue from "p-queue";

/** Runs a call when it is its turn, first come, first served. */
export type Turns = <T>(run: () => Promise<T>) => Promise<T>;

/** Calls arrive less evenly than they are sent: what is sent a second apart may arrive sooner one after the other. */
const MARGIN = 1.1;

/**
 * Keeps a vendor's limit on calls: not more than `limit` begin within any `perMilliseconds`, and a little more. How
 * long they take does not matter.
 *
 * @example
 * const inTurn = turns({ limit: 10, perMilliseconds: 1_000 });
 * await Promise.all(names.map((name) => inTurn(() => close(name))));
 */
export function turns({ limit, perMilliseconds }: { limit: number; perMilliseconds: number }): Turns {
  const interval = Math.ceil(perMilliseconds * MARGIN);
  const queue = new PQueue({ intervalCap: limit, interval, strict: true });
  return (run) => queue.add(run);
}

/** A turn at once, for what has no limit. */
export const atOnce: Turns = (run) => run();
