import { tryGetContext } from "hono/context-storage";
import PQueue from "p-queue";
import type { VendorAdapter } from "../../contract/adapter";
import { RtcError } from "../../contract/errors";
import type { GatewayEnv } from "../http/context";
import type { Metrics } from "../middleware/metrics";

/** How many calls to one vendor there may be. */
export interface Bounds {
  /** At once. */
  atOnce: number;
  /**
   * Of these, for one key. It must not be all of them, or one client's requests would be everybody's queue; and the
   * answers of a vendor that is near come together, and then each request waits until those before it are read.
   */
  ofOneKey: number;
  /** Of one key, that wait for their turn; what comes then is refused. */
  waiting: number;
}

/** What `rtc gateway` starts with. */
const BOUNDS: Bounds = { atOnce: 20, ofOneKey: 4, waiting: 100 };

/**
 * Stands between the client and the vendors: bounds what is under way at each, so that neither a vendor that hangs nor
 * a client that asks for too much holds up other requests, and counts the calls.
 */
export class VendorGuard {
  /** The vendors that were wrapped. */
  readonly adapters: VendorAdapter[] = [];
  readonly #metrics: Metrics;
  readonly #bounds: Bounds;

  constructor(metrics: Metrics, bounds: Partial<Bounds> = {}) {
    this.#metrics = metrics;
    this.#bounds = { ...BOUNDS, ...bounds };
  }

  /** The same adapter, whose calls are counted and take their turn. What it does without a call stays as it is. */
  readonly wrap = (adapter: VendorAdapter): VendorAdapter => {
    const { vendor, persistentRooms, issuesTokensByCall, recordings } = adapter;
    const turns = new Turns(this.#bounds);
    const run = <T>(operation: string, call: () => Promise<T>) => this.#run(turns, vendor, operation, call);
    const wrapped: VendorAdapter = {
      ...adapter,
      getRoom: (place) => run("getRoom", () => adapter.getRoom(place)),
      listRooms: (region, names) => run("listRooms", () => adapter.listRooms(region, names)),
      deleteRoom: (place) => run("deleteRoom", () => adapter.deleteRoom(place)),
      listParticipants: (place) => run("listParticipants", () => adapter.listParticipants(place)),
      kickParticipant: (place, who) => run("kickParticipant", () => adapter.kickParticipant(place, who)),
      ...(issuesTokensByCall && {
        issueToken: (spec) => run("issueToken", () => adapter.issueToken(spec)),
      }),
      ...(persistentRooms && {
        createRoom: (spec) => run("createRoom", () => adapter.createRoom(spec)),
        updateRoom: (...change) => run("updateRoom", () => adapter.updateRoom(...change)),
      }),
      ...(recordings && {
        recordings: {
          ...recordings,
          start: (spec) => run("startRecording", () => recordings.start(spec)),
          stop: (region, id) => run("stopRecording", () => recordings.stop(region, id)),
          get: (region, id) => run("getRecording", () => recordings.get(region, id)),
          list: (region, options) => run("listRecordings", () => recordings.list(region, options)),
          update: (region, id, layout) => run("updateRecording", () => recordings.update(region, id, layout)),
        },
      }),
    };
    this.adapters.push(wrapped);
    return wrapped;
  };

  async #run<T>(turns: Turns, vendor: string, operation: string, call: () => Promise<T>): Promise<T> {
    const key = tryGetContext<GatewayEnv>()?.get("principal")?.id ?? "";
    const waiting = turns.waiting(key);
    if (waiting >= this.#bounds.waiting)
      // It names no vendor, since none has answered.
      throw new RtcError("RATE_LIMITED", `${waiting} calls of this key to ${vendor} wait already`, {
        operation,
        retryAfterSeconds: 1,
      });
    const turn = turns.add(key, async () => {
      this.#metrics.waiting(vendor, turns.allWaiting);
      const begun = performance.now();
      const count = (outcome: string) =>
        this.#metrics.called(vendor, operation, outcome, (performance.now() - begun) / 1_000);
      try {
        const answer = await call();
        count("ok");
        return answer;
      } catch (error) {
        count(RtcError.isInstance(error) ? error.code : "INTERNAL");
        throw error;
      }
    });
    this.#metrics.waiting(vendor, turns.allWaiting);
    return turn;
  }
}

/** The turns at one vendor: each key has a queue of its own, from which few of its calls at once go on to the common one. */
class Turns {
  readonly #all: PQueue;
  readonly #ofOneKey: number;
  readonly #ofKeys = new Map<string, PQueue>();

  constructor({ atOnce, ofOneKey }: Bounds) {
    this.#all = new PQueue({ concurrency: atOnce });
    this.#ofOneKey = ofOneKey;
  }

  /** Runs it when it is its turn. */
  add<T>(key: string, run: () => Promise<T>): Promise<T> {
    const own = this.#ofKeys.get(key) ?? new PQueue({ concurrency: this.#ofOneKey });
    this.#ofKeys.set(key, own);
    return own.add(() => this.#all.add(run));
  }

  /** How many calls of a key wait for their turn. */
  waiting(key: string): number {
    return this.#ofKeys.get(key)?.size ?? 0;
  }

  /** Of all keys. */
  get allWaiting(): number {
    return [...this.#ofKeys.values()].reduce((sum, { size }) => sum + size, this.#all.size);
  }
}
