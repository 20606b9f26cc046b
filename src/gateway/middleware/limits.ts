import type { Context } from "hono";
import { RtcError } from "../../contract/errors";
import { type Clock, monotonicClock } from "../../support/clock";
import type { Before } from "../dependencies";
import { clientOf } from "../http/addresses";
import type { GatewayEnv } from "../http/context";

/** How many requests there may be; they come back evenly, all of them within so many seconds. */
export interface Quota {
  requests: number;
  seconds: number;
  /** Of these, how many go on at once. Those after them wait, and go on one by one, as requests come back. */
  prompt: number;
}

/** How much one client may ask for. */
export interface Quotas {
  /** Of one key. */
  key: Quota;
  /** Of one address, whatever its keys: many may share one. */
  address: Quota;
}

/**
 * What `rtc gateway` starts with. A hundred requests at once may be a class that begins: none is refused, and the last
 * is let in within a second. What has just come in takes the processor from everybody else, so it is few.
 */
export const QUOTAS: Quotas = {
  key: { requests: 100, seconds: 1, prompt: 20 },
  address: { requests: 200, seconds: 1, prompt: 200 },
};

/**
 * Limits per address, before anything is looked at.
 *
 * Wrong keys cost no more than others: who shares an address with somebody that sends them would be locked out, and a
 * key cannot be guessed.
 *
 * @param proxied whether a proxy stands in front, which tells the address in X-Forwarded-For
 */
export function limitedAddress({ address }: Quotas, proxied: boolean, clock = monotonicClock): Before {
  const each = new Allowances("address", address, clock);
  return async (c, next) => {
    await spend(c, each, addressOf(c, proxied));
    await next();
  };
}

/** Limits per key, once it is known to be good. */
export function limitedKey({ key }: Quotas, clock = monotonicClock): Before {
  const each = new Allowances("key", key, clock);
  return async (c, next) => {
    await spend(c, each, c.get("principal").id);
    await next();
  };
}

/**
 * What each client has left. It comes back bit by bit, not all at once with a new window: of a client that never stops
 * asking, that would let in a crowd at the start of each, and everybody else would wait behind it.
 */
class Allowances {
  readonly name: string;
  readonly quota: Quota;
  readonly #clock: Clock;
  /** When each has all of it again. Who is not here has all. */
  readonly #fullAt = new Map<string, number>();
  #sweptAt = 0;

  constructor(name: string, quota: Quota, clock: Clock) {
    this.name = name;
    this.quota = quota;
    this.#clock = clock;
  }

  left(who: string): number {
    return this.quota.requests - this.#msUntilFull(who) / this.#msEach;
  }

  /** Takes one of those that are left, and waits until it may be used. */
  async take(who: string): Promise<void> {
    const now = this.#clock.now();
    const msUntilFull = this.#msUntilFull(who) + this.#msEach;
    this.#fullAt.set(who, now + msUntilFull);
    this.#sweep(now);
    const ms = msUntilFull - this.quota.prompt * this.#msEach;
    if (ms > 0) await this.#clock.sleep(ms);
  }

  /** Seconds until there is one again, rounded up. */
  secondsUntilOne(who: string): number {
    return inSeconds((1 - this.left(who)) * this.#msEach);
  }

  /** Seconds until there is all of it again, rounded up. */
  secondsUntilFull(who: string): number {
    return inSeconds(this.#msUntilFull(who));
  }

  get #msEach(): number {
    return (this.quota.seconds * 1_000) / this.quota.requests;
  }

  #msUntilFull(who: string): number {
    return Math.max(0, (this.#fullAt.get(who) ?? 0) - this.#clock.now());
  }

  /** Forgets those who have not asked for a while. */
  #sweep(now: number): void {
    if (now - this.#sweptAt < this.quota.seconds * 1_000) return;
    this.#sweptAt = now;
    for (const [one, fullAt] of this.#fullAt) if (fullAt <= now) this.#fullAt.delete(one);
  }
}

/** https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ */
async function spend(c: Context<GatewayEnv>, from: Allowances, who: string): Promise<void> {
  const { name, quota } = from;
  c.header("RateLimit-Policy", `"${name}";q=${quota.requests};w=${quota.seconds}`);
  if (from.left(who) < 1) {
    const retryAfterSeconds = from.secondsUntilOne(who);
    c.header("RateLimit", `"${name}";r=0;t=${retryAfterSeconds}`);
    const message = `too many requests of this ${name}: try again in ${retryAfterSeconds} s`;
    throw new RtcError("RATE_LIMITED", message, { retryAfterSeconds });
  }
  const turn = from.take(who);
  c.header("RateLimit", `"${name}";r=${Math.floor(from.left(who))};t=${from.secondsUntilFull(who)}`);
  await turn;
}

function inSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000));
}

/** Who asks. What stands before the last entry of X-Forwarded-For was written by the client itself. */
function addressOf(c: Context<GatewayEnv>, proxied: boolean): string {
  const told = proxied ? (c.req.header("x-forwarded-for") ?? "") : "";
  const last = told.slice(told.lastIndexOf(",") + 1).trim();
  return clientOf(last) ?? clientOf(c.env?.incoming?.socket?.remoteAddress ?? "") ?? "unknown";
}
