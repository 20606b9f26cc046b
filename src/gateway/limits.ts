import type { Context } from "hono";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { RtcError } from "../contract/errors";
import type { GatewayEnv } from "./env";
import type { Before } from "./parts";

/** So many requests within so many seconds. */
export interface Quota {
  requests: number;
  seconds: number;
}

/** How much one client may ask for. */
export interface Quotas {
  /** Of one key. */
  key: Quota;
  /** Of one address, whatever its keys: many may share one. */
  address: Quota;
  /** Requests of one address without a good key. */
  refused: Quota;
}

/** What `rtc gateway` starts with. */
export const QUOTAS: Quotas = {
  key: { requests: 1_000, seconds: 10 },
  address: { requests: 2_000, seconds: 10 },
  refused: { requests: 60, seconds: 60 },
};

/**
 * Limits per address, before anything is looked at, and harder for those who come without a good key.
 *
 * @param proxied whether a proxy stands in front, which tells the address in X-Forwarded-For
 */
export function limitedAddress({ address, refused }: Quotas, proxied: boolean): Before {
  const all = limiter(address);
  const bad = limiter(refused);
  return async (c, next) => {
    const from = addressOf(c, proxied);
    await spend(c, "address", all, from);
    const before = await bad.get(from);
    if (before !== null && before.consumedPoints >= refused.requests) throw exceeded(c, "refused", before);
    await next();
    // A 401 of a vendor's is none of the client's doing.
    if (c.res.status === 401 && !c.get("principal")) await bad.penalty(from, 1);
  };
}

/** Limits per key, once it is known to be good. */
export function limitedKey({ key }: Quotas): Before {
  const each = limiter(key);
  return async (c, next) => {
    await spend(c, "key", each, c.get("principal").id);
    await next();
  };
}

function limiter({ requests, seconds }: Quota): RateLimiterMemory {
  return new RateLimiterMemory({ points: requests, duration: seconds });
}

/** https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ */
async function spend(
  c: Context<GatewayEnv>,
  name: string,
  from: RateLimiterMemory,
  who: string,
): Promise<void> {
  c.header("RateLimit-Policy", `"${name}";q=${from.points};w=${from.duration}`);
  try {
    const left = await from.consume(who);
    c.header("RateLimit", `"${name}";r=${left.remainingPoints};t=${secondsOf(left)}`);
  } catch (error) {
    if (error instanceof RateLimiterRes) throw exceeded(c, name, error);
    throw error;
  }
}

function exceeded(c: Context<GatewayEnv>, name: string, left: RateLimiterRes): RtcError {
  const retryAfterSeconds = secondsOf(left);
  c.header("RateLimit", `"${name}";r=0;t=${retryAfterSeconds}`);
  const message = `too many requests of this ${name === "key" ? "key" : "address"}: try again in ${retryAfterSeconds} s`;
  return new RtcError("RATE_LIMITED", message, { retryAfterSeconds });
}

function secondsOf({ msBeforeNext }: RateLimiterRes): number {
  return Math.max(1, Math.ceil(msBeforeNext / 1_000));
}

/** Who asks. What stands before the last entry of X-Forwarded-For was written by the client itself. */
function addressOf(c: Context<GatewayEnv>, proxied: boolean): string {
  const told = proxied ? c.req.header("x-forwarded-for")?.split(",").at(-1)?.trim() : undefined;
  return told || (c.env?.incoming?.socket?.remoteAddress ?? "unknown");
}
