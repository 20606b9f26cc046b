import { inspect } from "node:util";
import { oneLine, printable } from "./printable";

/** One problem of an input: where it is (`metadata.team`, `[0].name`; empty for the whole) and what is wrong. */
export interface Issue {
  path: string;
  message: string;
  /** Of a problem in a file: its name, and the line and column, which count from 1. */
  file?: string;
  line?: number;
  column?: number;
}

/** A problem of an input, with its path in parts. */
export interface Problem {
  path: PropertyKey[];
  message: string;
  /** The path names a key that should not be there, rather than a value that is wrong. */
  unknownKey?: boolean;
}

/** The most problems that an error lists. */
export const MOST_ISSUES = 100;

/** What an {@link RtcError} is made from. */
export interface RtcErrorDetails {
  /** The vendor that answered or was asked. */
  vendor?: string | undefined;
  /** The capability or vendor call that failed, e.g. `CreateRoom`. */
  operation?: string | undefined;
  /** All problems of an input at once; the error lists the first {@link MOST_ISSUES}. */
  issues?: Issue[] | undefined;
  /** Whether the same call may succeed later without a change. Default: by code. */
  retryable?: boolean | undefined;
  /** How long the vendor asked to wait. */
  retryAfterSeconds?: number | undefined;
}

const MARKER = Symbol.for("pulumi-rtc.RtcError");

/**
 * The one error of this package: a stable {@link ErrorCode}, a message for a person, and no secret, body or stack.
 *
 * @example
 * try { await client.room.get("standup"); }
 * catch (error) { if (RtcError.isInstance(error) && error.code === "NOT_FOUND") … }
 */
export class RtcError extends Error {
  readonly code: ErrorCode;
  readonly vendor?: string | undefined;
  readonly operation?: string | undefined;
  readonly issues?: Issue[] | undefined;
  /** How many more there are than `issues` lists; absent where it lists all. */
  readonly moreIssues?: number | undefined;
  readonly retryable: boolean;
  readonly retryAfterSeconds?: number | undefined;

  constructor(code: ErrorCode, message: string, details: RtcErrorDetails = {}) {
    super(message);
    this.name = "RtcError";
    this.code = code;
    this.vendor = details.vendor;
    this.operation = details.operation;
    this.issues = details.issues?.slice(0, MOST_ISSUES);
    const more = (details.issues?.length ?? 0) - MOST_ISSUES;
    if (more > 0) this.moreIssues = more;
    this.retryable = details.retryable ?? meaningOf(code).retryable === true;
    this.retryAfterSeconds = details.retryAfterSeconds;
    Object.defineProperty(this, MARKER, { value: true });
    // Messages end up in engine logs and pull-request comments, where a stack is noise and a leak.
    this.stack = `RtcError: ${code}: ${messageOf(this)}`;
  }

  /** What Node prints for an uncaught error: code and message. */
  [inspect.custom](): string {
    return this.stack ?? this.message;
  }

  /** True for an RtcError of any copy of this package, where `instanceof` fails. */
  static isInstance(error: unknown): error is RtcError {
    return typeof error === "object" && error !== null && MARKER in error;
  }
}

/**
 * An INVALID_ARGUMENT whose message lists the problems, one a line, and how many more there are.
 *
 * @param format what is displayed of a problem
 */
export function invalid(
  what: string,
  issues: Issue[],
  format: (issue: Issue, index: number) => string = formatIssue,
): RtcError {
  const lines = issues.slice(0, MOST_ISSUES).map((issue, index) => `  ${format(issue, index)}`);
  if (issues.length > MOST_ISSUES) lines.push(`  and ${issues.length - MOST_ISSUES} more`);
  return new RtcError("INVALID_ARGUMENT", [`${oneLine(what)} is not valid:`, ...lines].join("\n"), {
    issues,
  });
}

/** `path: message`, or the message alone where the whole input is meant. A message may have lines, a path has none. */
export function formatIssue({ path, message }: Issue): string {
  return path === "" ? message : `${oneLine(path)}: ${message}`;
}

/**
 * An error's message for a terminal: what others wrote makes no line in it, and no terminal obeys it. Only a list of
 * problems has lines, which are ours.
 */
export function messageOf({ message, issues }: Pick<RtcError, "message" | "issues">): string {
  return issues === undefined ? oneLine(message) : printable(message);
}

/** The answer, or undefined where there is no such thing. */
export async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (RtcError.isInstance(error) && error.code === "NOT_FOUND") return undefined;
    throw error;
  }
}

/** What a code of an error stands for. */
interface ErrorMeaning {
  /** The HTTP status of a gateway's answer. */
  status: number;
  /** The title of a gateway's problem report. */
  title: string;
  /** What kind of failure it is to `rtc`, which exits with a code for each. */
  exit: "usage" | "authentication" | "resource" | "failed";
  /** Whether the same call may succeed later without a change. */
  retryable?: true;
  /** In how many seconds to try again, where the error does not say. */
  retryAfterSeconds?: number;
}

/** Every code that an `RtcError` can carry, and all that follows from it. */
export const ERROR_CODES = {
  INVALID_ARGUMENT: { status: 400, exit: "usage", title: "The request is not valid" },
  UNAUTHENTICATED: { status: 401, exit: "authentication", title: "The key is not accepted" },
  INSUFFICIENT_CREDIT: { status: 402, exit: "resource", title: "The account has no credit" },
  PERMISSION_DENIED: { status: 403, exit: "authentication", title: "The key may not do this" },
  NOT_FOUND: { status: 404, exit: "resource", title: "There is no such thing" },
  UNKNOWN_ADDRESS: { status: 404, exit: "resource", title: "There is nothing at this address" },
  ALREADY_EXISTS: { status: 409, exit: "resource", title: "It exists with other settings" },
  ROOM_OCCUPIED: { status: 409, exit: "resource", title: "Participants are in the room" },
  ROOM_EMPTY: { status: 409, exit: "resource", title: "No participant is in the room" },
  IN_PROGRESS: {
    ...{ status: 409, exit: "resource", title: "The same request is under way" },
    ...{ retryable: true, retryAfterSeconds: 1 },
  },
  PROTECTED: { status: 409, exit: "resource", title: "It is protected" },
  ENDPOINT_MISMATCH: { status: 409, exit: "resource", title: "It belongs to another server" },
  PAYLOAD_TOO_LARGE: { status: 413, exit: "usage", title: "The request is too large" },
  UNSUPPORTED: { status: 422, exit: "usage", title: "No such vendor can do this" },
  NOT_CONFIGURED: { status: 422, exit: "usage", title: "The gateway is not configured for this" },
  IDEMPOTENCY_CONFLICT: {
    ...{ status: 422, exit: "usage", title: "The idempotency key was used for another request" },
  },
  RATE_LIMITED: {
    ...{ status: 429, exit: "resource", title: "Too many requests" },
    ...{ retryable: true, retryAfterSeconds: 1 },
  },
  INTERNAL: { status: 500, exit: "failed", title: "The gateway has failed" },
  VENDOR_ERROR: { status: 502, exit: "resource", title: "The vendor has failed" },
  UNAVAILABLE: {
    ...{ status: 503, exit: "resource", title: "The vendor or the store cannot be reached" },
    ...{ retryable: true, retryAfterSeconds: 5 },
  },
  DEADLINE_EXCEEDED: {
    ...{ status: 504, exit: "resource", title: "The vendor did not answer in time", retryable: true },
  },
} as const satisfies Record<string, ErrorMeaning>;

/** Every code that an `RtcError` can carry. Codes are stable; messages are not. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** What a code stands for. */
export function meaningOf(code: ErrorCode): ErrorMeaning {
  return ERROR_CODES[code];
}

/** Whether a text is a code. */
export function isErrorCode(text: string | undefined): text is ErrorCode {
  return text !== undefined && Object.hasOwn(ERROR_CODES, text);
}
