import PQueue from "p-queue";
import type { VendorAdapter } from "../contract/adapter";
import { RtcError } from "../contract/errors";
import type { Metrics } from "./metrics";

/** Calls to one vendor at once. */
const AT_ONCE = 20;
/** Calls that wait for their turn; what comes then is refused. */
const WAITING = 200;

/**
 * Stands between the client and the vendors: bounds what is under way at each, so that one that hangs holds up nobody
 * else's requests, and counts its calls.
 */
export class VendorGuard {
  /** The vendors that were wrapped. */
  readonly adapters: VendorAdapter[] = [];
  readonly #metrics: Metrics;
  readonly #atOnce: number;
  readonly #waiting: number;

  constructor(metrics: Metrics, { atOnce = AT_ONCE, waiting = WAITING } = {}) {
    this.#metrics = metrics;
    this.#atOnce = atOnce;
    this.#waiting = waiting;
  }

  /** The same adapter, whose calls are counted and take their turn. What it does without a call stays as it is. */
  readonly wrap = (adapter: VendorAdapter): VendorAdapter => {
    const { vendor, keepsRooms, recordings } = adapter;
    const queue = new PQueue({ concurrency: this.#atOnce });
    const run = <T>(operation: string, call: () => Promise<T>) => this.#run(queue, vendor, operation, call);
    const wrapped: VendorAdapter = {
      ...adapter,
      getRoom: (place) => run("getRoom", () => adapter.getRoom(place)),
      listRooms: (region, names) => run("listRooms", () => adapter.listRooms(region, names)),
      deleteRoom: (place) => run("deleteRoom", () => adapter.deleteRoom(place)),
      listParticipants: (place) => run("listParticipants", () => adapter.listParticipants(place)),
      kickParticipant: (place, who) => run("kickParticipant", () => adapter.kickParticipant(place, who)),
      ...(keepsRooms && {
        createRoom: (spec) => run("createRoom", () => adapter.createRoom(spec)),
        updateRoom: (...change) => run("updateRoom", () => adapter.updateRoom(...change)),
      }),
      ...(recordings && {
        recordings: {
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

  async #run<T>(queue: PQueue, vendor: string, operation: string, call: () => Promise<T>): Promise<T> {
    if (queue.size >= this.#waiting)
      throw new RtcError("RATE_LIMITED", `${queue.size} calls to ${vendor} wait already`, {
        vendor,
        operation,
        retryAfterSeconds: 1,
      });
    const turn = queue.add(async () => {
      this.#metrics.waiting(vendor, queue.size);
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
    this.#metrics.waiting(vendor, queue.size);
    return turn;
  }
}
