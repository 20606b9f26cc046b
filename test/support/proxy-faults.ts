import type { ServerResponse } from "node:http";
import { deliver, type Fault as HttpFault } from "../emulators/faults.ts";

/**
 * How a call goes wrong: with an answer that the server did not give, or without any; or with the server's own answer,
 * 100 MB long, or byte by byte and more slowly than any client waits.
 */
export type Fault =
  | { status: number; body?: object | string; headers?: Record<string, string> }
  | "reset"
  | "silence"
  | "huge"
  | "drip";

const KINDS = {
  reset: { kind: "reset" },
  silence: { kind: "silence" },
  huge: { kind: "huge", bytes: 100 * 2 ** 20 },
  drip: { kind: "drip", ms: 6_000 },
} satisfies Record<string, HttpFault>;

/** Answers a call wrongly; `answer` is what the server has answered. */
export function answerWith(outgoing: ServerResponse, fault: Fault, answer: string): Promise<void> {
  const { status = 200, body = answer, headers = {} } = typeof fault === "string" ? {} : fault;
  const whole = { status, body, headers: { "content-type": "application/json", ...headers } };
  return deliver(outgoing, () => whole, typeof fault === "string" ? KINDS[fault] : undefined);
}
