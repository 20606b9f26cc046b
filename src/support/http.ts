import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { ErrorCode } from "../contract";
import { excessInText } from "../contract/bounds";
import { type Clock, systemClock } from "./clock";

/** One HTTP request. */
export interface Exchange {
  method: string;
  url: string;
  headers?: Record<string, string>;
  body?: string | undefined;
  /** How long it may take, from the connection to the last byte of the body. */
  seconds: number;
  /** The largest body that is read. Default 1 MiB. */
  maxBytes?: number;
}

/** An answer of any status. Redirects are not followed. */
export interface HttpAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/**
 * Why no complete answer arrived. After `unreachable` the request was not delivered; after the others the server may have
 * executed it.
 */
export type TransportProblem = "unreachable" | "reset" | "timed out" | "too large";

const CODES = {
  unreachable: "UNAVAILABLE",
  reset: "UNAVAILABLE",
  "timed out": "DEADLINE_EXCEEDED",
  "too large": "VENDOR_ERROR",
} as const satisfies Record<TransportProblem, ErrorCode>;

/** A request without a complete answer. Its message names the server's origin and the cause, and no secret. */
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

// Loaded by the first request: TLS takes Node half as long as its own start.
const http = () => process.getBuiltinModule("node:http");
const https = () => process.getBuiltinModule("node:https");

/**
 * Sends a request and reads the answer, within a deadline and up to a size. It follows no redirect, which
 * could carry the credentials elsewhere, and repeats nothing: `withRetries` does.
 *
 * Node's fetch takes two to three times the CPU time, and its garbage needs a full collection, which stops a busy
 * gateway.
 *
 * @throws TransportError and nothing else; an answer with an error's status is an answer
 * @example const { status, text } = await exchange({ method: "GET", url, headers, seconds: 10 });
 */
export async function exchange(request: Exchange): Promise<HttpAnswer> {
  const { method, url, headers, body, seconds, maxBytes = MAX_BYTES } = request;
  const { origin, protocol } = new URL(url);
  const over = protocol === "https:" ? https() : http();
  const length = body !== undefined && { "content-length": Buffer.byteLength(body) };

  return new Promise((resolve, reject) => {
    let sent: ClientRequest | undefined;
    const fail = (problem: TransportProblem, message: string) => {
      clearTimeout(deadline);
      reject(new TransportError(problem, message));
      sent?.destroy();
    };
    const broken = (error: unknown, isAnswering: boolean) => {
      const code = codeOf(error);
      if (isAnswering || /^(ECONNRESET|EPIPE|HPE_\w+)$/.test(code))
        fail("reset", `${origin} broke off the connection${code && ` (${code})`}`);
      else fail("unreachable", `cannot reach ${origin}${inBrackets([code, connectionHint(url, code)])}`);
    };
    const deadline = setTimeout(
      () => {
        const isConnected = sent?.socket?.connecting === false;
        const hint = inBrackets([isConnected ? "" : connectionHint(url)]);
        fail("timed out", `${origin} did not answer within ${Math.round(seconds * 10) / 10} seconds${hint}`);
      },
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
      // A compressed answer could exceed the limit when it is decompressed.
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

/** ` (a: b)` of the parts that are not empty. */
function inBrackets(parts: readonly string[]): string {
  const text = parts.filter((part) => part !== "").join(": ");
  return text && ` (${text})`;
}

/** What OpenSSL calls a certificate of an authority that it does not trust. */
const UNKNOWN_AUTHORITY =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE)$/;

/** What to do about a connection that was not made, where this process can determine it; otherwise empty. */
function connectionHint(url: string, code = ""): string {
  if (UNKNOWN_AUTHORITY.test(code))
    return "Node does not know the authority of its certificate: for a private one set NODE_EXTRA_CA_CERTS to the file of that authority's certificate";
  const { protocol, hostname } = new URL(url);
  const variable = `${protocol.slice(0, -1)}_proxy`;
  const proxy = [variable.toUpperCase(), variable].find((name) => process.env[name]);
  const isUsed = process.env["NODE_USE_ENV_PROXY"] === "1" || process.execArgv.includes("--use-env-proxy");
  if (proxy === undefined || isUsed || isDirect(hostname)) return "";
  return `${proxy} is set, and Node uses it only with NODE_USE_ENV_PROXY=1, from 22.21 or 24.5 on`;
}

/** Whether a host is reached without a proxy: this machine, and those of NO_PROXY. */
function isDirect(hostname: string): boolean {
  if (/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)) return true;
  const listed = (process.env["NO_PROXY"] || process.env["no_proxy"] || "").split(/[\s,]+/);
  const suffixes = listed.map((one) => one.replace(/^\*?\.?/, "").replace(/:\d+$/, "")).filter(Boolean);
  return (
    listed.includes("*") || suffixes.some((suffix) => hostname === suffix || hostname.endsWith(`.${suffix}`))
  );
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}

/**
 * How many seconds a server asks to wait before the next request; undefined without such a header.
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

/** Parses an answer; undefined for invalid JSON, and for one nested deeper than any documented answer. */
export function parseJson(text: string): unknown {
  if (excessInText(text, Number.POSITIVE_INFINITY) !== undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
