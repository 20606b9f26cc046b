import { tryGetContext } from "hono/context-storage";
import PQueue from "p-queue";
import type { VendorAdapter } from "../../contract/adapter";
import { RtcError } from "../../contract/errors";
import type { GatewayEnv } from "../http/context";
import type { Metrics } from "../middleware/metrics";

/** The limits of calls to one vendor. */
export interface Bounds {
  concurrency: number;
  /**
   * The concurrency of one key. With all of the vendor's, one client would block the others; and the answers of a near
   * vendor arrive together, so that each request waits until the ones before it are read.
   */
  concurrencyOfKey: number;
  /** The queue of one key; further calls are rejected. */
  waiting: number;
}

/** The limits of `rtc gateway`. */
const BOUNDS: Bounds = { concurrency: 20, concurrencyOfKey: 4, waiting: 100 };

/**
 * The bulkhead between the client and the vendors: limits the calls in progress at each, so that neither a vendor that
 * hangs nor a client with too many requests blocks others, and counts the calls.
 */
export class VendorBulkhead {
  /** The vendors that were wrapped. */
  readonly adapters: VendorAdapter[] = [];
  readonly #metrics: Metrics;
  readonly #bounds: Bounds;

  constructor(metrics: Metrics, bounds: Partial<Bounds> = {}) {
    this.#metrics = metrics;
    this.#bounds = { ...BOUNDS, ...bounds };
  }

  /** Wraps an adapter, whose calls are limited and counted. */
  readonly wrap = (adapter: VendorAdapter): VendorAdapter => {
    const { vendor, persistentRooms, issuesTokensByCall, recordings } = adapter;
    const queues = new Queues(this.#bounds);
    const run = <T>(operation: string, call: () => Promise<T>) => this.#run(queues, vendor, operation, call);
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

  async #run<T>(queues: Queues, vendor: string, operation: string, call: () => Promise<T>): Promise<T> {
    const key = tryGetContext<GatewayEnv>()?.get("principal")?.id ?? "";
    const waiting = queues.waiting(key);
    if (waiting >= this.#bounds.waiting)
      // No vendor has answered, so the error names none.
      throw new RtcError("RATE_LIMITED", `${waiting} calls of this key to ${vendor} wait already`, {
        operation,
        retryAfterSeconds: 1,
      });
    const answer = queues.add(key, async () => {
      this.#metrics.setWaiting(vendor, queues.allWaiting);
      const begun = performance.now();
      const count = (outcome: string) =>
        this.#metrics.recordCall(vendor, operation, outcome, (performance.now() - begun) / 1_000);
      try {
        const result = await call();
        count("ok");
        return result;
      } catch (error) {
        count(RtcError.isInstance(error) ? error.code : "INTERNAL");
        throw error;
      }
    });
    this.#metrics.setWaiting(vendor, queues.allWaiting);
    return answer;
  }
}

/** The queues of one vendor: each key has a queue, from which a few of its calls go on to the shared one. */
class Queues {
  readonly #all: PQueue;
  readonly #concurrencyOfKey: number;
  readonly #ofKeys = new Map<string, PQueue>();

  constructor({ concurrency, concurrencyOfKey }: Bounds) {
    this.#all = new PQueue({ concurrency: concurrency });
    this.#concurrencyOfKey = concurrencyOfKey;
  }

  add<T>(key: string, run: () => Promise<T>): Promise<T> {
    const own = this.#ofKeys.get(key) ?? new PQueue({ concurrency: this.#concurrencyOfKey });
    this.#ofKeys.set(key, own);
    return own.add(() => this.#all.add(run));
  }

  /** How many calls of a key wait. */
  waiting(key: string): number {
    return this.#ofKeys.get(key)?.size ?? 0;
  }

  /** Of all keys. */
  get allWaiting(): number {
    return [...this.#ofKeys.values()].reduce((sum, { size }) => sum + size, this.#all.size);
  }
}
