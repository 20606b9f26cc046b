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
