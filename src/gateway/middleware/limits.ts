import type { Context } from "hono";
import { RtcError } from "../../contract/errors";
import { type Clock, monotonicClock } from "../../support/clock";
import { clientOf } from "../http/connections";
import type { Before, GatewayEnv } from "../http/context";
import type { QuotaStore, Taken } from "../store/store";

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

/**
 * Limits requests per key, once it is valid.
 *
 * @param shared counts over several gateways; while it is away, each counts for itself
 */
export function limitKeys({ key }: Quotas, clock = monotonicClock, shared?: QuotaStore): Before {
  const each = new Allowances("key", key, clock, shared);
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
  readonly msEach: number;
  readonly #clock: Clock;
  readonly #shared: QuotaStore | undefined;
  /** When the quota of each client is full; without an entry it is full. */
  readonly #fullAt = new Map<string, number>();
  #sweptAt = 0;

  constructor(name: string, quota: Quota, clock: Clock, shared?: QuotaStore) {
    this.name = name;
    this.quota = quota;
    this.msEach = (quota.seconds * 1_000) / quota.requests;
    this.#clock = clock;
    this.#shared = shared;
  }

  /** Takes one of the remaining requests. */
  async take(who: string): Promise<Taken> {
    if (!this.#shared) return this.#takeHere(who);
    try {
      return await this.#shared.take(who, this.msEach, this.quota.seconds * 1_000);
    } catch (error) {
      if (RtcError.isInstance(error) && error.code === "UNAVAILABLE") return this.#takeHere(who);
      throw error;
    }
  }

  /** How many requests are left. */
  left({ msUntilFull }: Taken): number {
    return this.quota.requests - msUntilFull / this.msEach;
  }

  /** Waits until a request that was taken may run. */
  async ready({ msUntilFull }: Taken): Promise<void> {
    const ms = msUntilFull - this.quota.prompt * this.msEach;
    if (ms > 0) await this.#clock.sleep(ms);
  }

  #takeHere(who: string): Taken {
    const now = this.#clock.now();
    const before = Math.max(0, (this.#fullAt.get(who) ?? 0) - now);
    const after = before + this.msEach;
    if (after > this.quota.seconds * 1_000) return { taken: false, msUntilFull: before };
    this.#fullAt.set(who, now + after);
    this.#sweep(now);
    return { taken: true, msUntilFull: after };
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
  const taken = await from.take(who);
  const left = from.left(taken);
  if (!taken.taken) {
    const retryAfterSeconds = inSeconds((1 - left) * from.msEach);
    c.header("RateLimit", `"${name}";r=0;t=${retryAfterSeconds}`);
    const message = `too many requests of this ${name}: try again in ${retryAfterSeconds} s`;
    throw new RtcError("RATE_LIMITED", message, { retryAfterSeconds });
  }
  c.header("RateLimit", `"${name}";r=${Math.floor(left)};t=${inSeconds(taken.msUntilFull)}`);
  await from.ready(taken);
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
