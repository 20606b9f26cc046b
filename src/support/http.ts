import type { ErrorCode } from "../contract";
import { type Clock, systemClock } from "./clock";

/** One HTTP request. */
export interface Exchange {
  method: string;
  url: string;
  headers?: Record<string, string>;
  body?: string | undefined;
  /** How long it may take, from the connection to the last byte of the body. */
  seconds: number;
  /** What the body of a sensible answer has at most, uncompressed; default 1 MiB. Nothing beyond it is read. */
  maxBytes?: number;
}

/** What a server answered, with whatever status: a redirect too is an answer, and is not followed. */
export interface HttpAnswer {
  status: number;
  headers: Headers;
  text: string;
}

/**
 * What kept an answer from arriving whole. After `unreachable` the server has not seen the request;
 * after the others it may have done what was asked.
 */
export type TransportProblem = "unreachable" | "reset" | "timed out" | "too large";

const CODES = {
  unreachable: "UNAVAILABLE",
  reset: "UNAVAILABLE",
  "timed out": "DEADLINE_EXCEEDED",
  "too large": "VENDOR_ERROR",
} as const satisfies Record<TransportProblem, ErrorCode>;

/** A request without a whole answer. Its message names the server's origin and the cause, and nothing secret. */
export class TransportError extends Error {
  readonly problem: TransportProblem;
  /** The code for an RtcError about it. */
  readonly code: ErrorCode;

  constructor(problem: TransportProblem, message: string) {
    super(message);
    this.name = "TransportError";
    this.problem = problem;
    this.code = CODES[problem];
  }
}

const MAX_BYTES = 2 ** 20;

/**
 * Sends a request and reads the answer, within a deadline and up to a size. It follows no redirect, which
 * could carry the credentials elsewhere, and repeats nothing: `withRetries` does.
 *
 * @throws TransportError and nothing else; an answer with an error's status is an answer
 * @example const { status, text } = await exchange({ method: "GET", url, headers, seconds: 10 });
 */
export async function exchange(request: Exchange): Promise<HttpAnswer> {
  const { method, url, headers, body, seconds, maxBytes = MAX_BYTES } = request;
  const { origin } = new URL(url);
  const signal = AbortSignal.timeout(Math.max(1, Math.ceil(seconds * 1_000)));
  let response: Response | undefined;
  try {
    response = await fetch(url, { method, headers, body: body ?? null, redirect: "manual", signal });
    const text = await readText(response, maxBytes);
    if (text !== undefined) return { status: response.status, headers: response.headers, text };
  } catch (error) {
    throw transportError(error, { origin, seconds, answering: response !== undefined });
  }
  throw new TransportError("too large", `${origin} answered with more than ${maxBytes / 2 ** 20} MiB`);
}

/** The whole body, or undefined where it is too large: it is then let go of, not read to its end. */
async function readText(response: Response, maxBytes: number): Promise<string | undefined> {
  if (Number(response.headers.get("content-length")) > maxBytes) {
    await response.body?.cancel();
    return undefined;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function transportError(
  error: unknown,
  at: { origin: string; seconds: number; answering: boolean },
): TransportError {
  // Node's fetch says "fetch failed" or "terminated", and why in `cause`.
  const code = codeOf(error instanceof Error ? error.cause : undefined);
  if ((error instanceof Error && error.name === "TimeoutError") || /^UND_ERR_.*_TIMEOUT$/.test(code)) {
    const seconds = Math.round(at.seconds * 10) / 10;
    return new TransportError("timed out", `${at.origin} did not answer within ${seconds} seconds`);
  }
  const cause = code && ` (${code})`;
  return at.answering || /^(ECONNRESET|EPIPE|UND_ERR_SOCKET|HPE_\w+|HTTPParserError)$/.test(code)
    ? new TransportError("reset", `${at.origin} broke off the connection${cause}`)
    : new TransportError("unreachable", `cannot reach ${at.origin}${cause}`);
}

function codeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return "";
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.name;
}

/**
 * How many seconds a server asks to wait before the next request; undefined where it does not say.
 * https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function retryAfterSeconds(headers: Headers, clock: Clock = systemClock): number | undefined {
  const value = headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const date = / GMT$/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - clock.now()) / 1_000));
}
