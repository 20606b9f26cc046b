import type { Answer, Claim, Claimant } from "./store";

/** How long an answer is stored. */
export const ANSWER_LIFETIME_MS = 24 * 3_600_000;

/**
 * By how much an attempt's time may be behind that of another: it has waited for the other to write, or is at a gateway whose
 * clock is behind.
 */
const SKEW_MS = 60_000;

/** A request with an idempotency key, as a store keeps it. */
export interface AnswerRow {
  fingerprint: string;
  begun_at: number;
  lease_until: number;
  status: number | null;
  content_type: string | null;
  body: string | null;
}

/** What a claim gets where its key was used before. `ours`: it takes the lease of an attempt that has died. */
export function claimOf(row: AnswerRow, { fingerprint, now, leaseMs }: Claimant): Claim {
  if (row.fingerprint !== fingerprint) return { state: "conflict" };
  const answer = answerOf(row);
  if (answer) return { state: "answered", answer };
  const remainingMs = row.lease_until - now;
  // A far longer lease means that the clock was stepped back since, so the lease does not count.
  if (remainingMs > 0 && remainingMs <= leaseMs + SKEW_MS) return { state: "in progress" };
  return { state: "ours", since: row.begun_at };
}

function answerOf({ status, content_type: contentType, body }: AnswerRow): Answer | undefined {
  if (status === null) return undefined;
  return { status, contentType: contentType ?? "", body: body ?? "" };
}
