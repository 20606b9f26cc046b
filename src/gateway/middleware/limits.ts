import type { Context } from "hono";
import { RtcError } from "../../contract/errors";
import { type Clock, monotonicClock } from "../../support/clock";
import type { Before } from "../dependencies";
import { clientOf } from "../http/addresses";
import type { GatewayEnv } from "../http/context";

/** A quota of requests, which refills evenly within so many seconds. */
export interface Quota {
  requests: number;
  seconds: number;
  /** How many of these run immediately. Further ones wait, and run one by one as the quota refills. */
  prompt: number;
}

/** The quotas of one client. */
export interface Quotas {
  /** For one key. */
  key: Quota;
  /** For one address, with all its keys. */
  address: Quota;
}

/**
 * The quotas of `rtc gateway`. A hundred requests at once may be the start of a class: none is rejected, and the last runs
 * within a second. New requests take CPU time from the others, so only a few run immediately.
 */
export const QUOTAS: Quotas = {
  key: { requests: 100, seconds: 1, prompt: 20 },
  address: { requests: 200, seconds: 1, prompt: 200 },
};

/**
 * Limits requests per address, before they are validated.
 *
 * Wrong keys have no stricter limit: it would lock out others at the same address, and a key cannot be guessed.
 *
 * @param proxied whether a proxy in front sets X-Forwarded-For
 */
export function limitAddresses({ address }: Quotas, proxied: boolean, clock = monotonicClock): Before {
  const each = new Allowances("address", address, clock);
  return async (c, next) => {
    await spend(c, each, addressOf(c, proxied));
    await next();
  };
}

/** Limits requests per key, once it is valid. */
export function limitKeys({ key }: Quotas, clock = monotonicClock): Before {
  const each = new Allowances("key", key, clock);
  return async (c, next) => {
    await spend(c, each, c.get("principal").id);
    await next();
  };
}

/**
 * The remaining quota of each client. It refills evenly, not with each window: a client that never stops would otherwise
 * send a burst at the start of each, behind which the others wait.
 */
class Allowances {
  readonly name: string;
  readonly quota: Quota;
  readonly #clock: Clock;
  /** When the quota of each client is full; without an entry it is full. */
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

  /** Takes one of the remaining requests, and waits until it may run. */
  async take(who: string): Promise<void> {
    const now = this.#clock.now();
    const msUntilFull = this.#msUntilFull(who) + this.#msEach;
    this.#fullAt.set(who, now + msUntilFull);
    this.#sweep(now);
    const ms = msUntilFull - this.quota.prompt * this.#msEach;
    if (ms > 0) await this.#clock.sleep(ms);
  }

  /** Seconds until one request is available, rounded up. */
  secondsUntilOne(who: string): number {
    return inSeconds((1 - this.left(who)) * this.#msEach);
  }

  /** Seconds until the quota is full, rounded up. */
  secondsUntilFull(who: string): number {
    return inSeconds(this.#msUntilFull(who));
  }

  get #msEach(): number {
    return (this.quota.seconds * 1_000) / this.quota.requests;
  }

  #msUntilFull(who: string): number {
    return Math.max(0, (this.#fullAt.get(who) ?? 0) - this.#clock.now());
  }

  /** Removes clients with a full quota. */
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
  const ready = from.take(who);
  c.header("RateLimit", `"${name}";r=${Math.floor(from.left(who))};t=${from.secondsUntilFull(who)}`);
  await ready;
}

function inSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000));
}

/** The client's address. Only the last entry of X-Forwarded-For was written by the proxy. */
function addressOf(c: Context<GatewayEnv>, proxied: boolean): string {
  const forwarded = proxied ? (c.req.header("x-forwarded-for") ?? "") : "";
  const last = forwarded.slice(forwarded.lastIndexOf(",") + 1).trim();
  return clientOf(last) ?? clientOf(c.env?.incoming?.socket?.remoteAddress ?? "") ?? "unknown";
}
