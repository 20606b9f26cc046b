import http, { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import https from "node:https";
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
  /** What the body of a sensible answer has at most; default 1 MiB. Nothing beyond it is read. */
  maxBytes?: number;
}

/** What a server answered, with whatever status: a redirect too is an answer, and is not followed. */
export interface HttpAnswer {
  status: number;
  headers: IncomingHttpHeaders;
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
 * Not by Node's fetch: that costs two to three times the processor, and what it leaves behind is freed by a full
 * collection of memory only, for which everybody at a busy gateway waits.
 *
 * @throws TransportError and nothing else; an answer with an error's status is an answer
 * @example const { status, text } = await exchange({ method: "GET", url, headers, seconds: 10 });
 */
export async function exchange(request: Exchange): Promise<HttpAnswer> {
  const { method, url, headers, body, seconds, maxBytes = MAX_BYTES } = request;
  const { origin, protocol } = new URL(url);
  const over = protocol === "https:" ? https : http;
  const length = body !== undefined && { "content-length": Buffer.byteLength(body) };

  return new Promise((resolve, reject) => {
    let sent: ClientRequest | undefined;
    const fail = (problem: TransportProblem, says: string) => {
      clearTimeout(deadline);
      reject(new TransportError(problem, says));
      sent?.destroy();
    };
    const broken = (error: unknown, isAnswering: boolean) => {
      const code = codeOf(error);
      const cause = code && ` (${code})`;
      if (isAnswering || /^(ECONNRESET|EPIPE|HPE_\w+)$/.test(code))
        fail("reset", `${origin} broke off the connection${cause}`);
      else fail("unreachable", `cannot reach ${origin}${cause}`);
    };
    const deadline = setTimeout(
      () => fail("timed out", `${origin} did not answer within ${Math.round(seconds * 10) / 10} seconds`),
      Math.max(1, Math.ceil(seconds * 1_000)),
    );
    const read = (answer: IncomingMessage) => {
      const tooLarge = () => fail("too large", `${origin} answered with more than ${maxBytes / 2 ** 20} MiB`);
      const chunks: Buffer[] = [];
      let size = 0;
      answer.on("error", (error) => broken(error, true));
      if (Number(answer.headers["content-length"]) > maxBytes) return tooLarge();
      answer.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > maxBytes) tooLarge();
        else chunks.push(chunk);
      });
      answer.on("end", () => {
        clearTimeout(deadline);
        const text = new TextDecoder().decode(Buffer.concat(chunks));
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
      });
    };
    try {
      // An answer that is compressed could be small and become large.
      const always = { accept: "*/*", "accept-encoding": "identity", "user-agent": "pulumi-rtc" };
      sent = over.request(url, { method, headers: { ...always, ...length, ...headers } }, read);
      sent.on("error", (error) => broken(error, false));
      sent.on("upgrade", () => broken(undefined, true));
      sent.end(body);
    } catch (error) {
      broken(error, false);
    }
  });
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}

/**
 * How many seconds a server asks to wait before the next request; undefined where it does not say.
 * https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function retryAfterSeconds(
  headers: IncomingHttpHeaders,
  clock: Clock = systemClock,
): number | undefined {
  const value = headers["retry-after"]?.trim() ?? "";
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const date = / GMT$/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - clock.now()) / 1_000));
}
