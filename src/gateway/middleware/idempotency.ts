import { createHash, randomUUID } from "node:crypto";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { RtcError } from "../../contract/errors";
import type { Json } from "../../contract/json";
import { steadyNow } from "../../support/clock";
import type { Before } from "../http/context";
import type { AnswerStore, Claimant } from "../store/store";

/** Without a heartbeat for this long, an attempt has died with its process. */
const LEASE_MS = 15_000;
/** Five heartbeats within the lease, since a busy process may be late. */
const HEARTBEAT_MS = 3_000;

/**
 * For routes that take an idempotency key: the same key and body have one effect and get the same answer for 24 hours,
 * also after a restart. A key is one principal's, for one route.
 *
 * The answer of an executed request is stored, be it an error or a 500, as at Stripe, except retryable ones (429, and from
 * 502 on). After such an answer, and after a crash, the next request with the key executes it again, with `resumedFrom`:
 * since when an attempt may have had an effect.
 *
 * @throws IN_PROGRESS with how long to wait; IDEMPOTENCY_CONFLICT for another body
 */
export function idempotent(
  answers: AnswerStore,
  { now = steadyNow, leaseMs = LEASE_MS, heartbeatMs = HEARTBEAT_MS } = {},
): Before {
  return async (c, next) => {
    const key = c.get("idempotencyKey");
    if (key === undefined) return next();
    const claimant: Claimant = {
      scope: digest(JSON.stringify([c.get("principal").id, c.req.method, c.req.path, key])),
      fingerprint: digest(canonical(c.get("body"))),
      leaseOwner: randomUUID(),
      now: now(),
      leaseMs,
    };
    const claim = await answers.claim(claimant);
    if (claim.state === "conflict")
      throw new RtcError(
        "IDEMPOTENCY_CONFLICT",
        "this idempotency key was used with another body: take a new one",
      );
    if (claim.state === "in progress")
      throw new RtcError("IN_PROGRESS", "a request with this idempotency key is in progress", {
        retryAfterSeconds: 1,
      });
    if (claim.state === "answered") {
      const { status, contentType, body } = claim.answer;
      // A new Response would lack this request's id and rate limit headers.
      const headers = { "content-type": contentType, "idempotent-replayed": "true" };
      return c.body(body, status as ContentfulStatusCode, headers);
    }
    c.set("request", `${claimant.scope}@${claim.since ?? claimant.now}`);
    if (claim.since !== undefined) c.set("resumedFrom", new Date(claim.since));
    const heartbeat = setInterval(() => {
      // Other heartbeats follow a failed one; the write of the answer reports the reason.
      answers.renew(claimant, now()).catch(() => {});
    }, heartbeatMs);
    try {
      await next();
    } finally {
      clearInterval(heartbeat);
      // The answer is sent even where it cannot be stored: the next attempt is then like one after a crash.
      await storeAnswer(answers, claimant, c.res.clone()).catch((error: unknown) => {
        c.set("warning", `the answer is not stored: ${error instanceof Error ? error.message : error}`);
      });
    }
    return undefined;
  };
}

async function storeAnswer(answers: AnswerStore, claimant: Claimant, response: Response): Promise<void> {
  const { status } = response;
  if (status === 429 || status >= 502) return answers.release(claimant);
  const contentType = response.headers.get("content-type") ?? "application/json";
  return answers.finish(claimant, { status, contentType, body: await response.text() });
}

/** A body without its key, with its fields in one order. */
function canonical(body: unknown): string {
  const { idempotency_key: _, ...rest } = isObject(body) ? body : { body };
  return JSON.stringify(rest, (_field, value: Json) =>
    isObject(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value,
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
