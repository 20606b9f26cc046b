import PQueue from "p-queue";

/** Runs a call when it is its turn, first come, first served. */
export type Turns = <T>(run: () => Promise<T>) => Promise<T>;

/** Not more than so many calls within so many milliseconds. */
export interface Limit {
  limit: number;
  perMilliseconds: number;
}

/** Clocks and timers differ by a little. */
const MARGIN = 1.05;
/** Without an answer, a call counts as arrived after so many milliseconds: an outage is not to hold up the others. */
const ARRIVES_WITHIN = 2_000;

/**
 * Keeps a vendor's limit on calls: not more than `limit` arrive within any `perMilliseconds`. A call may arrive at any
 * time until it is answered (the first ones wait for their connections, and then bunch up with the next), so its place
 * is free again that long after its answer, not after it was sent.
 *
 * @example
 * const inTurn = turns({ limit: 10, perMilliseconds: 1_000 });
 * await Promise.all(names.map((name) => inTurn(() => close(name))));
 */
export function turns({ limit, perMilliseconds }: Limit): Turns {
  const places = new PQueue({ concurrency: limit });
  const resting = new Set<NodeJS.Timeout>();
  const rest = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        resting.delete(timer);
        resolve();
      }, perMilliseconds * MARGIN);
      resting.add(timer);
      // A process whose calls are all answered may end.
      if (places.size === 0) timer.unref();
    });
  return (run) => {
    for (const timer of resting) timer.ref();
    return new Promise((resolve, reject) => {
      places.add(async () => {
        const answer = run();
        answer.then(resolve, reject);
        await arrival(answer);
        await rest();
      });
    });
  };
}

/** When a call has certainly arrived, whatever became of it. */
function arrival(answer: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, ARRIVES_WITHIN);
    const arrived = () => {
      clearTimeout(late);
      resolve();
    };
    answer.then(arrived, arrived);
  });
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
