import {
  ERROR_CODES,
  type ErrorCode,
  fieldName,
  formatIssue,
  type Issue,
  isErrorCode,
  meaningOf,
  oneLine,
  RtcError,
} from "../contract";
import { type HttpAnswer, parseJson, retryAfterSeconds } from "../support/http";
import { redact } from "../support/redact";
import { withFieldNames } from "./remote-records";

/** The length to which a gateway's message is cut. */
const MESSAGE_LENGTH = 1_000;
const MOST_ISSUES = 50;

type Fields = Record<string, unknown>;

/** The call that a gateway's error is about. */
export interface CallContext {
  /** The gateway's address. */
  endpoint: string;
  /** The capability of the call. */
  operation: string;
  /** Secrets that no message may contain. */
  secrets: readonly string[];
  /** The name of the key in messages. */
  key: string;
}

/**
 * The error of an answer of any gateway: `application/problem+json`,
 * `{ error: { code, message } }`, `{ error: "…" }`, `{ message }`, `{ code, msg }`, or a text. The code is the body's,
 * where that is one of the contract, else the one of the HTTP status; the message is passed on.
 * https://www.rfc-editor.org/rfc/rfc9457
 */
export function problemOf({ status, headers, text }: HttpAnswer, asked: CallContext): RtcError {
  const body = objectIn(text);
  const inner = fields(body["error"]) ?? {};
  const own = ownCode(body) ?? ownCode(inner);
  const retryAfter = retryAfterSeconds(headers) ?? seconds(body) ?? seconds(inner);
  const quote = (text: string) => withFieldNames(redact(text, asked.secrets, MESSAGE_LENGTH));
  const found = issuesIn(body, inner, quote);
  // With a list of inputs, 422 is what many frameworks return for 400.
  const meant = status === 422 && found.length > 0 ? 400 : status;
  const code = own ?? codeOf(meant, retryAfter !== undefined);
  const vendor = textOf(body["vendor"]) ?? textOf(inner["vendor"]);
  // Most users see the message alone.
  const sentence = quote(messageIn(body, inner) ?? "");
  const listed = found.filter(({ message }) => !sentence.includes(message)).map(formatIssue);
  const whole = [sentence, listed.join("; ")].filter((part) => part !== "").join(": ");
  const reason = quote(whole || plain(text, headers));
  const pay = code === "INSUFFICIENT_CREDIT" ? checkoutIn(body, inner) : undefined;
  const message = [
    describe(status, code, vendor, reason, asked),
    ...(pay === undefined || reason.includes(pay) ? [] : [`: ${quote(pay)}`]),
  ].join("");
  return new RtcError(code, message, {
    vendor,
    operation: asked.operation,
    issues: found.length > 0 ? found : undefined,
    retryable: flagOf(body["retryable"]) ?? (own === undefined && status >= 500 ? true : undefined),
    retryAfterSeconds: retryAfter,
  });
}

/** Whether an answer reports the contract's code NOT_FOUND. */
export function isNotFound({ text }: HttpAnswer): boolean {
  const body = objectIn(text);
  return (ownCode(body) ?? ownCode(fields(body["error"]) ?? {})) === "NOT_FOUND";
}

/** Whether a body is an error, although its status is a success: `{ code: 17, msg: "…" }`. */
export function isErrorBody(text: string): boolean {
  const body = objectIn(text);
  return ["error", "message", "msg"].some((key) => body[key] !== undefined && body[key] !== null);
}

function describe(
  status: number,
  code: ErrorCode,
  vendor: string | undefined,
  reason: string,
  { endpoint, key }: CallContext,
): string {
  const what = reason === "" ? `it answered with HTTP status ${status}` : reason;
  // The message must name whose key it is: the gateway's operator has the vendor's.
  if (vendor === undefined && code === "UNAUTHENTICATED")
    return `the gateway ${endpoint} rejects ${key}: ${what}`;
  if (status >= 300 && status < 400)
    return `the gateway ${endpoint} redirects, and redirects are not followed with a key: set the address that it redirects to`;
  return reason === "" ? `the gateway ${endpoint} rejected the request: ${what}` : reason;
}

/** The code of a status in the contract's table; of several, the one that asks least of the caller. */
function codeOf(status: number, isRetryable: boolean): ErrorCode {
  if (status === 409) return isRetryable ? "IN_PROGRESS" : "ALREADY_EXISTS";
  if (status === 422 || status === 405 || status === 501) return "UNSUPPORTED";
  if (status === 408) return "DEADLINE_EXCEEDED";
  if (status === 410) return "NOT_FOUND";
  const codes = Object.keys(ERROR_CODES) as ErrorCode[];
  const found = codes.find((code) => meaningOf(code).status === status);
  if (found !== undefined) return found;
  return status >= 400 && status < 500 ? "INVALID_ARGUMENT" : "VENDOR_ERROR";
}

function ownCode(body: Fields): ErrorCode | undefined {
  const text = [body["code"], body["error"], body["status"]].find(
    (code): code is string => typeof code === "string" && /^\w+(-\w+)*$/.test(code),
  );
  const code = text?.toUpperCase().replaceAll("-", "_");
  return isErrorCode(code) ? code : undefined;
}

function messageIn(body: Fields, inner: Fields): string | undefined {
  const places = [body["detail"], inner["message"], inner["detail"], body["message"], body["msg"]];
  return [...places, body["error"], body["error_description"], inner["code"], body["title"]]
    .map(textOf)
    .find((text) => text !== undefined);
}

/** The address of a checkout. */
function checkoutIn(body: Fields, inner: Fields): string | undefined {
  const places = [body["checkout_url"], inner["checkout_url"], body["payment_url"], inner["payment_url"]];
  return places.map(textOf).find((address) => /^https?:\/\//.test(address ?? ""));
}

/** Each problem of an input, by the field's name in TypeScript. */
function issuesIn(body: Fields, inner: Fields, quote: (text: string) => string): Issue[] {
  const places = ["issues", "errors", "details", "detail"].flatMap((name) => [body[name], inner[name]]);
  const list = places.find((one): one is unknown[] => Array.isArray(one)) ?? [];
  return list.slice(0, MOST_ISSUES).flatMap((entry) => {
    const issue = fields(entry) ?? {};
    const message = [issue["message"], issue["detail"], issue["msg"]].map(textOf).find((text) => text);
    const path = [issue["path"], issue["pointer"], issue["loc"], issue["field"]].map(pathOf).find((at) => at);
    return message === undefined ? [] : [{ path: path ?? "", message: oneLine(quote(message)) }];
  });
}

/** `#/metadata/team`, `metadata.team` and `["body", "metadata", "team"]` alike; names in metadata are the user's. */
function pathOf(path: unknown): string {
  const text = textOf(path) ?? "";
  const [first = "", ...rest] = Array.isArray(path)
    ? path.map(String).filter((part, index) => index > 0 || !/^(body|query|path)$/.test(part))
    : /^#?\//.test(text)
      ? text.replace(/^#?\//, "").split("/").map(decoded)
      : text.split(".");
  return [fieldName(first), ...rest].join(".");
}

/** A part of a JSON pointer. https://www.rfc-editor.org/rfc/rfc6901 */
function decoded(part: string): string {
  return part.replaceAll("~1", "/").replaceAll("~0", "~");
}

/** A body that is not JSON, as one line; empty for an HTML page. */
function plain(text: string, headers: HttpAnswer["headers"]): string {
  if (/html/.test(headers["content-type"] ?? "") || /^\s*[<{[]/.test(text)) return "";
  return text.replace(/\s+/g, " ").trim();
}

function seconds(body: Fields): number | undefined {
  const value = body["retryAfterSeconds"] ?? body["retry_after_s"] ?? body["retry_after"];
  return typeof value === "number" && value >= 0 && value < 1e9 ? Math.ceil(value) : undefined;
}

function objectIn(text: string): Fields {
  return fields(parseJson(text)) ?? {};
}

function fields(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function flagOf(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}
