import { z } from "zod";
import { bytes, type ErrorCode, RtcError } from "../../contract";
import { exchange, type HttpAnswer, parseJson, retryAfterSeconds, TransportError } from "../../support/http";
import { redact } from "../../support/redact";
import { RetryBudget, sharedRateLimiter, withRetries } from "../../support/retry";
import { describeKey } from "./config";

/** The app, and the account that owns it. */
export interface Access {
  appId: string;
  customerId: string;
  customerSecret: string;
  baseUrl: string | undefined;
}

/** The regions: the hosts of the REST API. Each serves the same channels. */
export const REGIONS = [
  "us-west-1",
  "us-east-1",
  "ap-southeast-1",
  "ap-northeast-1",
  "eu-west-1",
  "eu-central-1",
  "cn-east-1",
  "cn-north-1",
];

const BASE_URL = "https://api.agora.io";
const NAME_BYTES = 63;
const MESSAGE_LENGTH = 400;

/** Of channel names and user accounts alike. */
const CHARACTERS = /^[A-Za-z0-9 !#$%&()+\-:;<=.>?@[\]^_{}|~,]*$/;

/** Whether a text has only characters of channel names and user accounts. */
export function hasKnownCharacters(text: string): boolean {
  return CHARACTERS.test(text);
}

/** Why a channel cannot have a name. https://docs.agora.io/en/video-calling/token-authentication/deploy-token-server */
export function badName(name: string): string | undefined {
  if (name === "" || bytes(name) > NAME_BYTES || !hasKnownCharacters(name)) {
    return `a name at Agora has 1 to ${NAME_BYTES} bytes of A-Z, a-z, 0-9, space and !#$%&()+-:;<=.>?@[]^_{}|~,`;
  }
  // In an address they stand for another path.
  return name === "." || name === ".." ? "Agora's REST API cannot be asked for . or .." : undefined;
}

/** The address of the REST API: a region's host, or a configured address that is none of Agora's. */
export function baseUrlOf(region: string | null, configured = BASE_URL): string {
  const url = new URL(configured);
  if (region !== null && /^api\.(agora\.io|sd-rtn\.com)$/.test(url.hostname)) {
    url.hostname = url.hostname.replace("api.", `api-${region}.`);
  }
  return `${url.origin}${url.pathname.replace(/(?<!\/)\/+$/, "")}`;
}

/** The calls that are used, as Agora counts them: 20 a second for each query of channels, 10 for each other. */
const LIMITS = { "GET channel": 20, "GET channel/user": 20, "POST kicking-rule": 10 };
type Operation = keyof typeof LIMITS;

/** The timeout that Agora documents for the creation of a rule. */
const RULE_SECONDS = 20;

const errorBody = z.object({ message: z.string().optional(), reason: z.string().optional() });

/**
 * Calls to Agora's channel management, with rate limits, deadlines, safe retries and mapped errors.
 * https://docs.agora.io/en/api-reference/api-ref/rtc
 */
export class AgoraApi {
  readonly #access: Access;
  readonly #baseUrl: string;
  readonly #secrets: readonly string[];
  readonly #authorization: string;
  readonly #budget = new RetryBudget();

  /** @param secrets redacted in messages */
  constructor(access: Access, region: string | null, secrets: readonly string[]) {
    this.#access = access;
    this.#baseUrl = baseUrlOf(region, access.baseUrl);
    this.#secrets = secrets;
    this.#authorization = `Basic ${basic(access)}`;
  }

  /** A page of the channels that exist, the first one being 0. */
  channels<T>(page: number, size: number, schema: z.ZodType<T>): Promise<T> {
    const path = `channel/${this.#access.appId}?page_no=${page}&page_size=${size}`;
    return this.#call("GET channel", path, schema);
  }

  /** Who is in a channel. */
  users<T>(channel: string, schema: z.ZodType<T>): Promise<T> {
    const path = `channel/user/${this.#access.appId}/${encodeURIComponent(channel)}`;
    return this.#call("GET channel/user", path, schema);
  }

  /**
   * Removes one participant from a channel, or without a uid all. They may join again immediately: `time: 0` creates no
   * rule, while the default would ban them for an hour. So the call is idempotent, and is retried when its answer is
   * lost.
   */
  async remove(channel: string, uid: number | undefined): Promise<void> {
    const target = { appid: this.#access.appId, cname: channel, ...(uid === undefined ? {} : { uid }) };
    const body = JSON.stringify({ ...target, time: 0, privileges: ["join_channel"] });
    await this.#call("POST kicking-rule", "kicking-rule", z.object({ status: z.literal("success") }), body);
  }

  #call<T>(operation: Operation, path: string, schema: z.ZodType<T>, body?: string): Promise<T> {
    const call = async (seconds: number) => {
      const answer = await this.#send(operation, path, body, seconds);
      return this.#read(operation, answer, schema);
    };
    // The limit is per account: all clients and regions of this process share it.
    const limit = { limit: LIMITS[operation], perMilliseconds: 1_000 };
    const limiter = sharedRateLimiter(`agora ${this.#access.customerId} ${operation}`, limit);
    const timeouts = operation === "POST kicking-rule" ? { trySeconds: RULE_SECONDS } : {};
    return withRetries(this.#budget, ({ retryable }) => retryable, call, { limiter, ...timeouts });
  }

  async #send(
    operation: Operation,
    path: string,
    body: string | undefined,
    seconds: number,
  ): Promise<HttpAnswer> {
    const headers = {
      authorization: this.#authorization,
      accept: "application/json",
      "content-type": "application/json",
    };
    const method = body === undefined ? "GET" : "POST";
    try {
      return await exchange({ method, url: `${this.#baseUrl}/dev/v1/${path}`, headers, body, seconds });
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      const hint =
        this.#access.baseUrl && error.problem === "unreachable"
          ? `: check ${describeKey("agoraBaseUrl")}`
          : "";
      throw this.#error(operation, error.code, `${error.message}${hint}`);
    }
  }

  #read<T>(operation: Operation, answer: HttpAnswer, schema: z.ZodType<T>): T {
    const { status, headers } = answer;
    const body = parseJson(answer.text);
    const { message, reason } = errorBody.safeParse(body).data ?? {};
    const words = message ?? reason;
    const id = headers["x-request-id"];
    const fail = (code: ErrorCode, text: string, retryable?: boolean) =>
      this.#error(operation, code, `${text}${id ? ` (X-Request-ID ${id})` : ""}`, {
        retryable,
        // The limits are per second, which the answer does not report.
        retryAfterSeconds: retryAfterSeconds(headers) ?? (code === "RATE_LIMITED" ? 1 : undefined),
      });
    if (status < 200 || status > 299) throw fail(...errorOf(status, words));
    if (body === undefined) throw fail("VENDOR_ERROR", `the answer is not JSON: ${IS_IT_AGORA}`, true);
    const result = schema.safeParse(body);
    if (!result.success)
      throw fail("VENDOR_ERROR", words ?? `the answer is not as documented: ${IS_IT_AGORA}`);
    return result.data;
  }

  #error(operation: Operation, code: ErrorCode, text: string, details: object = {}): RtcError {
    const message = redact(`agora ${operation}: ${text}`, this.#secrets, MESSAGE_LENGTH);
    return new RtcError(code, message, { ...details, vendor: "agora", operation });
  }
}

const IS_IT_AGORA = `is it Agora's REST API? See ${describeKey("agoraBaseUrl")}`;

/** The credentials as a header carries them. https://docs.agora.io/en/video-calling/channel-management-api/restful-authentication */
export function basic({ customerId, customerSecret }: Pick<Access, "customerId" | "customerSecret">): string {
  return Buffer.from(`${customerId}:${customerSecret}`).toString("base64");
}

/** https://docs.agora.io/en/api-reference/api-ref/rtc/response-status-codes */
function errorOf(status: number, words: string | undefined): [ErrorCode, string, boolean?] {
  const text = `HTTP ${status}${words ? `: ${words}` : ""}`;
  switch (status) {
    case 400:
      return ["INVALID_ARGUMENT", text];
    case 401: {
      const keys = (["agoraCustomerId", "agoraCustomerSecret"] as const).map(describeKey).join(" and ");
      const check = `check ${keys}, and that ${describeKey("agoraAppId")} is of that account`;
      return ["UNAUTHENTICATED", `${text}: ${check}`];
    }
    case 403:
      return ["PERMISSION_DENIED", text];
    case 404:
      // A missing channel is no 404, so this is never about a room.
      return ["VENDOR_ERROR", `${text}: ${IS_IT_AGORA}`];
    case 408:
    case 504:
      return ["DEADLINE_EXCEEDED", text];
    case 413:
      return ["PAYLOAD_TOO_LARGE", text];
    case 429:
      return ["RATE_LIMITED", text];
    case 503:
      return ["UNAVAILABLE", text];
    default:
      return ["VENDOR_ERROR", text, status >= 500];
  }
}
