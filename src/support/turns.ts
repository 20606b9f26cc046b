import PQueue from "p-queue";

/** Runs a call when it is its turn, first come, first served. */
export type Turns = <T>(run: () => Promise<T>) => Promise<T>;

/** Not more than so many calls within so many milliseconds. */
export interface Limit {
  limit: number;
  perMilliseconds: number;
}

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
export function turns({ limit, perMilliseconds }: Limit): Turns {
  const interval = Math.ceil(perMilliseconds * MARGIN);
  const queue = new PQueue({ intervalCap: limit, interval, strict: true });
  return (run) => queue.add(run);
}

const shared = new Map<string, { turn: Turns; users: number; forget?: NodeJS.Timeout }>();

/**
 * The {@link turns} of what a vendor counts by (an account, a room of an app), the same for everybody in this process
 * who names it by the same key.
 *
 * @example sharedTurns("zego 123 CloseRoom", { limit: 1, perMilliseconds: 1_000 })(() => close(name))
 */
export function sharedTurns(key: string, limit: Limit): Turns {
  return async (run) => {
    const mine = shared.get(key) ?? { turn: turns(limit), users: 0 };
    shared.set(key, mine);
    clearTimeout(mine.forget);
    mine.users += 1;
    try {
      return await mine.turn(run);
    } finally {
      mine.users -= 1;
      // There may be a key for each room: nothing is kept of what has not been used for the time of its limit.
      if (mine.users === 0)
        mine.forget = setTimeout(() => shared.delete(key), limit.perMilliseconds * MARGIN).unref();
    }
  };
}

/** A turn at once, for what has no limit. */
export const atOnce: Turns = (run) => run();
