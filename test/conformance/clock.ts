import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../src/support/clock.ts";

/** A clock that whoever waits turns: minutes pass at once, and in the right order. */
export class TurnedClock implements Clock {
  #now = 0;
  /** What happens elsewhere, e.g. `[3_000, stop]`: three seconds after the start of the clock. */
  readonly #plans: [at: number, happens: () => unknown][] = [];

  now(): number {
    return this.#now;
  }

  async sleep(milliseconds: number): Promise<void> {
    this.#now += milliseconds;
    const due = this.#plans.filter(([at]) => at <= this.#now);
    for (const plan of due) {
      this.#plans.splice(this.#plans.indexOf(plan), 1);
      await plan[1]();
    }
    await setImmediate(); // whatever else can go on, does
  }

  /** Lets something happen after so many milliseconds from now. */
  after(milliseconds: number, happens: () => unknown): void {
    this.#plans.push([this.#now + milliseconds, happens]);
  }
}
