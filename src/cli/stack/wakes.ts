import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

/** How often a room wakes a watch between two polled rounds: where another owner deletes what a round creates, they end. */
const MOST_OF_ROOM = 5;
/** What comes within this time of the first event belongs to the same round, as where a server closes many rooms. */
const GATHER_MS = 50;

/** The rooms that have woken a round, by their id, each with the vendor's name of the event. */
export type Woken = ReadonlyMap<string, string>;

/**
 * The events that wake a watch. While a round runs they gather, so that one round follows, however many they are.
 *
 * @example
 * const wakes = new Wakes();
 * wakes.add("livekit:standup", "room_finished");
 * wakes.take(); // Map { "livekit:standup" => "room_finished" }
 */
export class Wakes {
  readonly #changed = new EventTarget();
  #gathered = new Map<string, string>();
  #counts = new Map<string, number>();

  /** Adds an event; false where its room has woken too many rounds since the last polled one, which then repairs it. */
  add(room: string, event: string): boolean {
    if (!this.#gathered.has(room)) {
      const count = (this.#counts.get(room) ?? 0) + 1;
      if (count > MOST_OF_ROOM) return false;
      this.#counts.set(room, count);
      this.#gathered.set(room, event);
    }
    this.#changed.dispatchEvent(new Event("added"));
    return true;
  }

  /** What has gathered, for a round that begins now; undefined where nothing has. */
  take(): Woken | undefined {
    if (this.#gathered.size === 0) return undefined;
    const woken = this.#gathered;
    this.#gathered = new Map();
    return woken;
  }

  /** A polled round begins, which observes all rooms. */
  clear(): void {
    this.#gathered = new Map();
    this.#counts = new Map();
  }

  /** Waits for so many milliseconds, or until an event has come; ends at once when it is to stop. */
  async wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    const event =
      this.#gathered.size > 0 ? Promise.resolve() : once(this.#changed, "added", { signal: either });
    try {
      await Promise.race([sleep(milliseconds, undefined, { signal: either }), event]);
      if (this.#gathered.size > 0) await sleep(GATHER_MS, undefined, { signal });
    } catch {
      // It is to stop.
    } finally {
      over.abort();
    }
  }
}
