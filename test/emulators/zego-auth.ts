import { createHash } from "node:crypto";
import type { EmulatorClock } from "./http.ts";
import { ReturnCode } from "./zego-codes.ts";

const TEN_MINUTES = 600;

/** Checks the common parameters of calls and their signature, with the documented return code for each wrong one. */
export class ZegoAuth {
  readonly #options: { appId: number; serverSecret: string; clock: EmulatorClock };
  readonly #nonces = new Set<string>();

  constructor(options: { appId: number; serverSecret: string; clock: EmulatorClock }) {
    this.#options = options;
  }

  /** Throws a `ReturnCode` unless all is well. */
  check(query: URLSearchParams): void {
    const { appId, serverSecret, clock } = this.#options;
    const asked = query.get("AppId") ?? "";
    const timestamp = need(query, "Timestamp", 100000002);
    const nonce = need(query, "SignatureNonce", 100000008);
    const signature = need(query, "Signature", 100000009);
    const version = need(query, "SignatureVersion", 100000013);
    if (!/^[1-9]\d{0,9}$/.test(asked) || Number(asked) > 0xffff_ffff) throw new ReturnCode(100000001);
    if (!/^\d{1,12}$/.test(timestamp)) throw new ReturnCode(100000003);
    if (version !== "2.0") throw new ReturnCode(100000014);
    if (Number(asked) !== appId) throw new ReturnCode(100000010);
    if (Math.abs(Number(timestamp) - clock.now() / 1_000) > TEN_MINUTES) throw new ReturnCode(100000004);
    if (signature !== signatureOf(asked, nonce, serverSecret, timestamp)) throw new ReturnCode(100000005);
    if (!/^[0-9a-f]{16}$/i.test(nonce) || this.#nonces.has(nonce)) throw new ReturnCode(100000005);
    this.#nonces.add(nonce);
  }
}

/** The documented signature, in lower-case hex. */
export function signatureOf(appId: string, nonce: string, serverSecret: string, timestamp: string): string {
  return createHash("md5").update(`${appId}${nonce}${serverSecret}${timestamp}`).digest("hex");
}

function need(
  query: URLSearchParams,
  name: string,
  code: 100000002 | 100000008 | 100000009 | 100000013,
): string {
  const value = query.get(name) ?? "";
  if (value === "") throw new ReturnCode(code);
  return value;
}
