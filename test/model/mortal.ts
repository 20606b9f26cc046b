import { RtcError, type VendorAdapter } from "../../src/contract/index.ts";
import type { Clock } from "../../src/support/clock.ts";
import type { Kill } from "./steps.ts";

/** A process of the provider that may be killed: then its calls and its waiting never end, and none of it goes on. */
export interface Mortal {
  adapter: VendorAdapter;
  clock: Clock;
  /** Resolves when it was killed. */
  killed: Promise<void>;
  /** The changing calls that have reached the vendor. */
  writes: string[];
}

const NEVER_ENDS = new Promise<never>(() => {});

/** Lets a process die at one of its calls, if it makes that call. */
export function mortal(good: VendorAdapter, time: Clock, kill: Kill | undefined): Mortal {
  let isDead = false;
  let left = kill?.at ?? Number.POSITIVE_INFINITY;
  let die = () => {};
  const killed = new Promise<void>((resolve) => {
    die = () => {
      isDead = true;
      resolve();
    };
  });
  const writes: string[] = [];
  const reads = <A extends unknown[], T>(call: (...args: A) => Promise<T>) => {
    return (...args: A): Promise<T> => (isDead ? NEVER_ENDS : call(...args));
  };
  const changes = <A extends unknown[], T>(name: string, call: (...args: A) => Promise<T>) => {
    return async (...args: A): Promise<T> => {
      if (isDead) return NEVER_ENDS;
      left -= 1;
      if (left === 0 && kill?.when === "before") {
        die();
        return NEVER_ENDS;
      }
      writes.push(name);
      const answer = await call(...args);
      if (left !== 0) return answer;
      die();
      return NEVER_ENDS;
    };
  };
  const { recordings } = good;
  if (!recordings) throw new RtcError("UNSUPPORTED", "a vendor without recordings");
  return {
    killed,
    writes,
    clock: {
      now: () => time.now(),
      sleep: (milliseconds) => (isDead ? NEVER_ENDS : time.sleep(milliseconds)),
    },
    adapter: {
      ...good,
      getRoom: reads(good.getRoom),
      listRooms: reads(good.listRooms),
      listParticipants: reads(good.listParticipants),
      createRoom: changes("createRoom", good.createRoom),
      updateRoom: changes("updateRoom", good.updateRoom),
      deleteRoom: changes("deleteRoom", good.deleteRoom),
      recordings: {
        ...recordings,
        get: reads(recordings.get),
        list: reads(recordings.list),
        start: changes("start", recordings.start),
        stop: changes("stop", recordings.stop),
        update: changes("update", recordings.update),
      },
    },
  };
}
