import { randomInt } from "node:crypto";
import type { Answer, Fault } from "./faults.ts";

/** The return codes that the documents have for these calls, in short. */
const CODES = {
  0: "success",
  1: "request failed",
  2: "input parameter error",
  3: "input parameter too long",
  7: "too many requests",
  104: "room does not exist",
  206: "app qps limit",
  207: "room qps limit",
  5018: "room status does not match",
  5024: "room does not exist",
  50001: "room does not exist",
  50002: "user does not exist",
  50003: "user is not online",
  50011: "user list too long",
  100000001: "AppId format error",
  100000002: "Timestamp is empty",
  100000003: "Timestamp format error",
  100000004: "signature expired",
  100000005: "signature error",
  100000006: "Action is empty",
  100000007: "unsupported Action",
  100000008: "SignatureNonce is empty",
  100000009: "Signature is empty",
  100000010: "failed to get ServerSecret",
  100000011: "failed to get app configuration",
  100000013: "SignatureVersion is empty",
  100000014: "unsupported SignatureVersion",
  100000015: "gateway internal error",
  100000016: "app is not configured for production",
  100000017: "service is not enabled",
} as const;

/** A documented return code. */
export type ZegoCode = keyof typeof CODES;

/** Ends a call with a return code. */
export class ReturnCode extends Error {
  readonly code: ZegoCode;

  constructor(code: ZegoCode) {
    super(CODES[code]);
    this.code = code;
  }
}

/** The documented envelope; over HTTP every answer is a 200. */
export function envelope(code: ZegoCode, data?: object): Answer {
  const id = String(randomInt(2 ** 47));
  const rest = data === undefined ? {} : { Data: data };
  return { status: 200, body: { Code: code, Message: CODES[code], RequestId: id, ...rest } };
}

/**
 * A return code as a fault to plan.
 *
 * @example zego.faults.plan(zegoAnswers(5018), { api: "CloseRoom", times: 1 });
 */
export function zegoAnswers(code: ZegoCode): Fault {
  return { kind: "answer", ...envelope(code) };
}
