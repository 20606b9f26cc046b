import { z } from "zod";
import { type ErrorCode, nodeCrypto, RtcError } from "../../contract";
import { exchange, type HttpAnswer, parseJson, retryAfterSeconds, TransportError } from "../../support/http";
import { redact } from "../../support/redact";
import { type RateLimiter, RetryBudget, sharedRateLimiter, withRetries } from "../../support/retry";
import { describeKey } from "./config";

/** A ZEGO app. */
export interface App {
  appId: number;
  /** 32 ASCII characters. It signs calls and tokens. */
  serverSecret: string;
}

/** The calls of the server API that are used, with ZEGO's limit a second for one app. */
const CALLS_PER_SECOND = { DescribeUserNum: 10, DescribeUserList: 200, KickoutUser: 50, CloseRoom: 1 };
type Action = keyof typeof CALLS_PER_SECOND;

/** The parameters of a call, in order; a list is one name several times. */
type Input = [name: string, value: string][];

/** A call, and the data of its answer. */
export interface ZegoCall<T> {
  action: Action;
  input: Input;
  data: z.ZodType<T>;
  /** The room, where the limit is one call a second for each. */
  room?: string;
  /** Called before each try. */
  sending?: () => void;
}

const MESSAGE_LENGTH = 300;

/** The error of a return code, and whether it is retryable where the error code alone does not decide. */
type Failure = [ErrorCode, text: string, retryable?: boolean];

/** The envelope of every answer. A call may fail with HTTP 200: `Code` decides. */
const envelope = z.object({
  Code: z.int(),
  Message: z.string().catch(""),
  RequestId: z.string().catch(""),
  Data: z.unknown().optional(),
});

const TOO_MANY: Failure = ["RATE_LIMITED", "too many calls a second"];
const NO_ROOM: Failure = ["NOT_FOUND", "there is no such room"];
const NO_USER: Failure = ["NOT_FOUND", "there is no such user"];
const CHECK_APP_ID = `check ${describeKey("zegoAppId")}`;
const CHECK_SECRET = `check ${describeKey("zegoServerSecret")}`;
const CHECK_URL = `is it ZEGO's server API? check ${describeKey("zegoBaseUrl")}`;

/** What ZEGO's return codes mean. https://www.zegocloud.com/docs/live-streaming-server/api-reference/return-codes */
const CODES: Record<number, Failure> = {
  1: ["VENDOR_ERROR", "the call failed", true],
  2: ["INVALID_ARGUMENT", "ZEGO rejects this input"],
  // Older pages document a failed verification, which is 100000005.
  3: ["INVALID_ARGUMENT", "ZEGO finds a value too long"],
  7: TOO_MANY,
  9: ["PERMISSION_DENIED", "ask ZEGO's support team to allow this call for the app"],
  104: NO_ROOM,
  105: NO_USER,
  154: ["VENDOR_ERROR", "ZEGO could not make the list", true],
  206: TOO_MANY,
  207: TOO_MANY,
  5018: ["VENDOR_ERROR", "the room is between two states", true],
  5024: NO_ROOM,
  50001: NO_ROOM,
  50002: NO_USER,
  50003: NO_USER,
  50011: ["INVALID_ARGUMENT", "ZEGO finds the list of users too long"],
  100000001: ["UNAUTHENTICATED", `this is no app id: ${CHECK_APP_ID}`],
  100000004: [
    "UNAUTHENTICATED",
    "the signature has expired: set this machine's clock, which may be 10 minutes off",
  ],
  100000005: ["UNAUTHENTICATED", `the signature is wrong: ${CHECK_SECRET}`],
  100000010: ["UNAUTHENTICATED", `ZEGO has no secret for this app id: ${CHECK_APP_ID}`],
  100000011: ["UNAUTHENTICATED", `ZEGO does not know this app id: ${CHECK_APP_ID}`],
  100000015: ["VENDOR_ERROR", "ZEGO's gateway failed", true],
  100000016: ["PERMISSION_DENIED", "the app is not in production: switch that on in ZEGO's console"],
  100000017: ["PERMISSION_DENIED", "the app lacks this service: see ZEGO's console, or ask its support team"],
};

/** HTTP answers without an envelope, as of a proxy. */
const STATUSES: Record<number, Failure> = {
  401: ["UNAUTHENTICATED", `${CHECK_APP_ID} and ${CHECK_SECRET}`],
  403: ["PERMISSION_DENIED", "the call is not allowed"],
  408: ["DEADLINE_EXCEEDED", "the server gave up"],
  413: ["PAYLOAD_TOO_LARGE", "the call is too large"],
  429: ["RATE_LIMITED", "too many calls"],
  503: ["UNAVAILABLE", "the service is not there"],
  504: ["DEADLINE_EXCEEDED", "the server gave up"],
};

/** The rate limiter of a call. All clients in this process share ZEGO's limits. */
function limiterOf(appId: number, action: Action, room: string | undefined): RateLimiter {
  const perSecond = (limit: number) => ({ limit, perMilliseconds: 1_000 });
  const ofApp = sharedRateLimiter(`zego ${appId} ${action}`, perSecond(CALLS_PER_SECOND[action]));
  if (room === undefined) return ofApp;
  const ofRoom = sharedRateLimiter(`zego ${appId} ${action} ${room}`, perSecond(1));
  return (run) => ofApp(() => ofRoom(run));
}

/** ZEGO's signature over app and time. The parameters of a call are not part of it. */
export function sign({ appId, serverSecret }: App, nonce: string, timestamp: number): string {
  return nodeCrypto().createHash("md5").update(`${appId}${nonce}${serverSecret}${timestamp}`).digest("hex");
}

/**
 * Calls to ZEGO's server API, with rate limits, deadlines, retries and mapped errors. Every call is idempotent. https://www.zegocloud.com/docs/live-streaming-server/api-reference/accessing-server-apis
 */
export class ZegoApi {
  readonly #app: App;
  readonly #url: string;
  readonly #budget = new RetryBudget();

  constructor(app: App, url: string) {
    this.#app = app;
    this.#url = url;
  }

  /** Makes a call, and returns the data of its answer. */
  call<T>({ action, input, data, room, sending }: ZegoCall<T>): Promise<T> {
    const retry = (error: RtcError) => error.retryable;
    const limiter = limiterOf(this.#app.appId, action, room);
    const send = (seconds: number) => {
      sending?.();
      return this.#send(action, input, data, seconds);
    };
    return withRetries(this.#budget, retry, send, { limiter });
  }

  async #send<T>(action: Action, input: Input, data: z.ZodType<T>, seconds: number): Promise<T> {
    const nonce = nodeCrypto().randomBytes(8).toString("hex");
    const timestamp = Math.floor(Date.now() / 1_000);
    const signature = sign(this.#app, nonce, timestamp);
    const query = new URLSearchParams([
      ["Action", action],
      ...input,
      ["AppId", String(this.#app.appId)],
      ["SignatureNonce", nonce],
      ["Timestamp", String(timestamp)],
      ["SignatureVersion", "2.0"],
      ["Signature", signature],
    ]);
    const fail: Fail = (code, text, details = {}) => {
      const message = redact(`zego ${action}: ${text}`, [this.#app.serverSecret, signature]);
      throw new RtcError(code, message, { vendor: "zego", operation: action, ...details });
    };
    const url = new URL(`?${query}`, this.#url).href;
    const answer = await exchange({ method: "GET", url, seconds }).catch((error: unknown) => {
      if (!(error instanceof TransportError)) throw error;
      return fail(error.code, `${error.message}: check ${describeKey("zegoBaseUrl")}, and the network`);
    });
    const result = data.safeParse(read(answer, fail, (text) => this.#quote(text, signature)));
    return result.success ? result.data : fail("VENDOR_ERROR", "the answer is not what ZEGO documents");
  }

  /** A text of ZEGO's without secrets, and not too long. */
  #quote(text: string, signature: string): string {
    return redact(text, [this.#app.serverSecret, signature], MESSAGE_LENGTH);
  }
}

type Fail = (
  code: ErrorCode,
  text: string,
  details?: { retryable?: boolean | undefined; retryAfterSeconds?: number | undefined },
) => never;

/** The data of an answer. @throws its error */
function read({ status, headers, text }: HttpAnswer, fail: Fail, quote: (text: string) => string): unknown {
  const body = envelope.safeParse(parseJson(text));
  const ok = status >= 200 && status < 300;
  const code = body.data?.Code ?? 0;
  const retryAfter = retryAfterSeconds(headers);
  if (body.success && code !== 0) {
    const [ours, what, retryable] = CODES[code] ?? ["VENDOR_ERROR", "the call failed"];
    const message = body.data.Message === "" ? "" : `: ${quote(body.data.Message)}`;
    const request = body.data.RequestId === "" ? "" : `, request ${quote(body.data.RequestId)}`;
    // The limits are per second.
    const after = retryAfter ?? (ours === "RATE_LIMITED" ? 1 : undefined);
    fail(ours, `${what} (code ${code}${request})${message}`, { retryable, retryAfterSeconds: after });
  }
  if (!ok) {
    const [ours, what, retryable] = STATUSES[status] ?? ["VENDOR_ERROR", CHECK_URL, status >= 500];
    fail(ours, `HTTP ${status}: ${what}`, { retryable, retryAfterSeconds: retryAfter });
  }
  if (!body.success) fail("VENDOR_ERROR", `the answer is not ZEGO's: ${CHECK_URL}`, { retryable: true });
  return body.data.Data;
}
