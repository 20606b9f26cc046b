import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../src/support/clock.ts";

interface Event {
  at: number;
  happens: () => unknown;
}

/**
 * A clock that stands while anything can go on, and then goes at once to the next moment that a timer waits for:
 * minutes pass in no time, and in the right order.
 */
export class TurnedClock implements Clock {
  #now = 0;
  #sleepers = 0;
  #turning = false;
  readonly #events: Event[] = [];

  now(): number {
    return this.#now;
  }

  sleep(milliseconds: number): Promise<void> {
    this.#sleepers += 1;
    const slept = new Promise<void>((wake) =>
      this.after(milliseconds, () => {
        this.#sleepers -= 1;
        wake();
      }),
    );
    if (!this.#turning) void this.#turn();
    return slept;
  }

  /** Schedules something so many milliseconds from now, while a caller waits. */
  after(milliseconds: number, happens: () => unknown): void {
    this.#events.push({ at: this.#now + milliseconds, happens });
  }

  async #turn(): Promise<void> {
    this.#turning = true;
    while (this.#sleepers > 0) {
      await setImmediate();
      const next = this.#events.reduce((a, b) => (b.at < a.at ? b : a));
      this.#events.splice(this.#events.indexOf(next), 1);
      this.#now = Math.max(this.#now, next.at);
      await next.happens();
    }
    this.#turning = false;
  }
}
