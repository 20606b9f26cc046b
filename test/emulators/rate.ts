import type { EmulatorClock } from "./http.ts";

/** How many calls of each API are taken per second. Tests may change the numbers at any time. */
export interface Limits<Api extends string> {
  perSecond: Record<Api, number>;
  /** How long such a second lasts, in milliseconds of the emulator's clock: less for a client whose clock is hurried. */
  secondMs: number;
}

/** Counts calls over a sliding second. The vendors do not say how they count; rejected calls do not count here. */
export class Rate {
  readonly #taken = new Map<string, number[]>();
  readonly #clock: EmulatorClock;

  constructor(clock: EmulatorClock) {
    this.#clock = clock;
  }

  /** Accepts a call, or reports that there were too many. */
  take(key: string, limit: number, secondMs: number): boolean {
    const now = this.#clock.now();
    const recent = (this.#taken.get(key) ?? []).filter((time) => time > now - secondMs);
    const fits = recent.length < limit;
    if (fits) recent.push(now);
    this.#taken.set(key, recent);
    return fits;
  }
}
