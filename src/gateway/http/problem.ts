import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { z } from "zod";
import {
  about,
  ERROR_CODES,
  type ErrorCode,
  type Issue,
  meaningOf,
  RtcError,
  wireName,
} from "../../contract";
import type { GatewayEnv } from "./context";
import { pointer, withWireNames } from "./schemas";

const CODES = Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]];

/** The report of a failure: RFC 9457, and what the contract's errors carry. */
export const problemRecord = z.object({
  type: about(z.enum(CODES.map(typeOf)), "Stable, one for each code."),
  code: z.enum(CODES),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  requestId: z.string(),
  errors: about(
    z.array(z.object({ pointer: z.string(), message: z.string() })).optional(),
    "The problems of the input, a hundred at most: `detail` counts the others.",
  ),
  vendor: about(z.string().optional(), "The vendor that answered; absent where the gateway itself rejects."),
  retryable: about(z.boolean(), "Whether the same request may succeed later."),
});
export type Problem = z.output<typeof problemRecord>;

/** The statuses that HTTP itself asks for, for requests that no code of the contract is about. */
const HTTP_TITLES = {
  405: "The address takes another method",
  408: "The request did not come in time",
  415: "The request has another type than JSON",
  431: "The request's headers are too large",
};

/** An error with a status of HTTP's own. */
export class HttpRejection extends RtcError {
  readonly status: keyof typeof HTTP_TITLES;
  /** The methods that a path has. */
  readonly allow: string | undefined;

  constructor(status: keyof typeof HTTP_TITLES, message: string, allow?: string) {
    super("INVALID_ARGUMENT", message);
    this.status = status;
    this.allow = allow;
  }
}

/** A problem, and the headers that go with it. */
export interface ProblemAnswer {
  status: number;
  headers: Record<string, string>;
  body: Problem;
}

/**
 * The answer for an error.
 *
 * @param redact takes the configured secrets out of a text
 */
export function problemOf(
  error: unknown,
  requestId: string,
  redact: (text: string) => string = (text) => text,
): ProblemAnswer {
  const known = RtcError.isInstance(error) ? error : foreign(error);
  const { code, vendor, issues, moreIssues = 0, retryable } = known;
  const rejection = known instanceof HttpRejection ? known : undefined;
  const status = rejection?.status ?? meaningOf(code).status;
  const clean = (text: string) => redact(withWireNames(text));
  const more = moreIssues > 0 ? [`and ${moreIssues} more`] : [];
  const body: Problem = {
    type: typeOf(code),
    code,
    title: rejection === undefined ? meaningOf(code).title : HTTP_TITLES[rejection.status],
    status,
    // An input's problems stand in `errors`, each with its pointer.
    detail: issues?.length
      ? redact([...issues.map(describeIssue), ...more].join("; "))
      : clean(known.message),
    requestId,
    ...(issues?.length && {
      errors: issues.map(({ path, message }) => ({
        pointer: redact(pointerOf(path)),
        message: clean(message),
      })),
    }),
    ...(vendor !== undefined && { vendor }),
    retryable,
  };
  const wait = known.retryAfterSeconds ?? meaningOf(code).retryAfterSeconds;
  return {
    status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      ...(wait !== undefined && { "retry-after": String(Math.max(1, Math.ceil(wait))) }),
      ...(rejection?.allow !== undefined && { allow: rejection.allow }),
      // Ours, not the vendor's.
      ...(code === "UNAUTHENTICATED" && vendor === undefined && { "www-authenticate": 'Bearer realm="rtc"' }),
    },
    body,
  };
}

/** The `type` of a code's problems. */
export function typeOf(code: ErrorCode): string {
  return `urn:pulumi-rtc:problem:${code.toLowerCase().replaceAll("_", "-")}`;
}

/** An error for what is none of the contract's. It reports nothing of a defect, whose message may hold anything. */
function foreign(error: unknown): RtcError {
  if (isCutOff(error)) return new RtcError("INVALID_ARGUMENT", "the request ended before its end");
  const status = error instanceof HTTPException ? error.status : 500;
  if (status === 413) return new RtcError("PAYLOAD_TOO_LARGE", "the request's body is too large");
  if (status === 415) return new HttpRejection(415, "send the body as application/json");
  if (status >= 400 && status < 500) return new RtcError("INVALID_ARGUMENT", "the request cannot be read");
  return new RtcError("INTERNAL", "the gateway has failed: report the request id to its operator");
}

/** Whether a client has gone, or was cut off for being too slow, while its body was read: no failure of ours. */
function isCutOff(error: unknown): boolean {
  return (
    error instanceof Error && error.message === "aborted" && "code" in error && error.code === "ECONNRESET"
  );
}

/** An issue in words. The path stays as it came: a field in another spelling is what is wrong with it. */
function describeIssue({ path, message }: Issue): string {
  const field = pointerOf(path).slice(1);
  return field === "" ? withWireNames(message) : `${field}: ${withWireNames(message)}`;
}

/** The pointer of an issue: it is one already, or a path as the client writes it (`metadata.team[0]`). */
function pointerOf(path: string): string {
  if (path === "" || path.startsWith("/")) return path;
  return pointer(
    path
      .split(/[.[\]]+/)
      .filter((part) => part !== "")
      .map(wireName),
  );
}

/** Answers a request with the problem of an error. */
export function answerProblem(
  c: Context<GatewayEnv>,
  error: unknown,
  redact: (text: string) => string,
): Response {
  const { status, headers, body } = problemOf(error, c.get("requestId"), redact);
  if (body.vendor !== undefined) c.set("vendor", body.vendor);
  return c.body(JSON.stringify(body), status as ContentfulStatusCode, headers);
}
