import type { EgressClient, RoomServiceClient } from "livekit-server-sdk";
import { type ErrorCode, RtcError } from "../../contract";
import { exchange, TransportError, type TransportProblem } from "../../support/http";
import { redact } from "../../support/redact";
import { RetryBudget, withRetries } from "../../support/retry";
import { describeKey } from "./config";
import { RejectedCall, type Sending, sendingBy } from "./rpc";

/** The address of a LiveKit server, and its key pair. */
export interface Deployment {
  url: string;
  apiKey: string;
  apiSecret: string;
}

/** Without a worker the server answers after 10 or 21 s, which explains more than our timeout. */
const START_SECONDS = 25;
const MESSAGE_LENGTH = 400;
/** How long the token of a join that is only asked about is valid. */
const PROBE_SECONDS = 60;
/** What a server answers to a join of a room that neither exists nor would be created. */
const NO_SUCH_ROOM = "requested room does not exist";
const NOT_OURS = `is it a LiveKit server? Check ${describeKey("livekitUrl")}, which is the address without /twirp and /rtc`;
const HINTS: Partial<Record<TransportProblem, string>> = {
  unreachable: `check ${describeKey("livekitUrl")}, and that the server runs`,
  "too large": NOT_OURS,
};

/** Whether the node of the room has died: the room is listed, but no node serves it. */
export function isDeadNode(error: unknown): boolean {
  return (
    RtcError.isInstance(error) &&
    error.code === "UNAVAILABLE" &&
    error.message.includes("no response from servers")
  );
}

/** Whether the server has no Redis, through which it would reach an egress worker. */
export function isWithoutRedis(error: unknown): boolean {
  return RtcError.isInstance(error) && error.message.includes("egress not connected");
}

/** The server's address as the state stores it: scheme http or https, no default port, no slash at the end. */
export function normaliseUrl(url: string): string {
  const { origin, pathname } = new URL(url.replace(/^ws/i, "http"));
  return `${origin}${pathname.replace(/(?<!\/)\/+$/, "")}`;
}

/** Why an address cannot be a server's; it is not quoted, since it may hold a password. */
export function urlProblem(url: string | undefined): string | undefined {
  const http = url?.replace(/^ws/i, "http") ?? "";
  if (!/^https?:\/\//i.test(http) || !URL.canParse(http)) return "is no http(s) or ws(s) address";
  const { username, password, search, hash } = new URL(http);
  return `${username}${password}${search}${hash}` === ""
    ? undefined
    : "must be an address without credentials, query or fragment";
}

/**
 * Calls to one LiveKit server, with deadlines, safe retries and mapped errors. Calls are idempotent unless their method
 * says otherwise: CreateRoom returns an existing room.
 */
export class LivekitApi {
  readonly endpoint: string;
  readonly #deployment: Deployment;
  readonly #secrets: string[];
  readonly #budget = new RetryBudget();

  /** @param secrets redacted in messages beside the key pair: those of the storage */
  constructor(deployment: Deployment, secrets: readonly string[] = []) {
    this.endpoint = normaliseUrl(deployment.url);
    this.#deployment = deployment;
    this.#secrets = [deployment.apiSecret, deployment.apiKey, ...secrets];
  }

  /** A call of the room service. */
  call<T>(operation: string, run: (service: RoomServiceClient) => Promise<T>): Promise<T> {
    return this.#repeated(operation, (sending) => run(this.#client(sdk().RoomServiceClient, sending)));
  }

  /** A call of the room service that also starts an egress, which is not idempotent and is sent once. */
  createWithEgress<T>(operation: string, run: (service: RoomServiceClient) => Promise<T>): Promise<T> {
    return this.#sent(operation, START_SECONDS, (sending) =>
      run(this.#client(sdk().RoomServiceClient, sending)),
    );
  }

  /** A call of the egress service. */
  egress<T>(operation: string, run: (service: EgressClient) => Promise<T>): Promise<T> {
    return this.#repeated(operation, (sending) => run(this.#client(sdk().EgressClient, sending)));
  }

  /** The start of an egress, which is not idempotent and is sent once. */
  startEgress<T>(operation: string, run: (service: EgressClient) => Promise<T>): Promise<T> {
    return this.#sent(operation, START_SECONDS, (sending) => run(this.#client(sdk().EgressClient, sending)));
  }

  /**
   * Whether a join creates a room that does not exist: `room.auto_create` of the server. No call reports it, so the server
   * is asked whether a join of a room with a name of chance would be valid, which joins nothing and creates nothing. Any
   * answer but the one to a missing room means yes, also that of a proxy.
   */
  createsOnJoin(): Promise<boolean> {
    const { apiKey, apiSecret } = this.#deployment;
    return this.#repeated("validate", async ({ endpoint, seconds }) => {
      const token = new (sdk().AccessToken)(apiKey, apiSecret, { identity: "rtc", ttl: PROBE_SECONDS });
      token.addGrant({ roomJoin: true, room: `rtc-${crypto.randomUUID()}` });
      const headers = { authorization: `Bearer ${await token.toJwt()}` };
      const url = `${endpoint}/rtc/validate`;
      const { status, text } = await exchange({ method: "GET", url, headers, seconds });
      return !(status === 404 && text.includes(NO_SUCH_ROOM));
    });
  }

  #client<Client extends object>(
    Client: new (host: string, apiKey: string, secret: string) => Client,
    sending: Sending,
  ): Client {
    const { apiKey, apiSecret } = this.#deployment;
    return sendingBy(sending, new Client(this.endpoint, apiKey, apiSecret));
  }

  #repeated<T>(operation: string, run: (sending: Sending) => Promise<T>): Promise<T> {
    const retry = (error: RtcError) => error.retryable && !isDeadNode(error) && !isWithoutRedis(error);
    const requestId = crypto.randomUUID();
    return withRetries(this.#budget, retry, (seconds) => this.#sent(operation, seconds, run, requestId));
  }

  async #sent<T>(
    operation: string,
    seconds: number,
    run: (sending: Sending) => Promise<T>,
    requestId: string = crypto.randomUUID(),
  ): Promise<T> {
    try {
      return await run({ endpoint: this.endpoint, seconds, requestId });
    } catch (error) {
      throw this.#mapped(operation, error);
    }
  }

  /** A text of the server's without credentials. */
  redact(text: string): string {
    return redact(text, this.#secrets);
  }

  /** {@link redact}, cut to a message's length. */
  quote(text: string): string {
    return redact(text, this.#secrets, MESSAGE_LENGTH);
  }

  #mapped(operation: string, error: unknown): RtcError {
    if (RtcError.isInstance(error)) return error;
    const fail = (code: ErrorCode, text: string, retryable?: boolean, retryAfterSeconds?: number) => {
      // Before the server's message, which may be cut.
      const later = retryAfterSeconds === undefined ? "" : `try again in ${retryAfterSeconds} seconds: `;
      const message = this.quote(`livekit ${operation}: ${later}${text}`);
      return new RtcError(code, message, { vendor: "livekit", operation, retryable, retryAfterSeconds });
    };
    if (error instanceof TransportError) {
      const hint = HINTS[error.problem];
      return fail(error.code, hint === undefined ? error.message : `${error.message}: ${hint}`);
    }
    if (error instanceof RejectedCall) {
      const [code, text, retryable] = answer(error.status, error.code, error.message);
      return fail(code, text, retryable, error.retryAfterSeconds);
    }
    if (error instanceof SyntaxError) {
      return fail(
        "VENDOR_ERROR",
        `${this.endpoint} answered with something that is not JSON: ${NOT_OURS}`,
        true,
      );
    }
    return fail("VENDOR_ERROR", error instanceof Error ? error.message : "failed");
  }
}

/** Maps LiveKit's HTTP status and message to our code. Some statuses have no `code` in the body. */
function answer(status: number, code: unknown, vendorMessage: string): [ErrorCode, string, boolean?] {
  const message = vendorMessage.replace(/^twirp error unknown: /, "");
  switch (status) {
    case 401:
      // Middleware answers quote the whole token; a missing grant is "permissions denied".
      if (message.includes("permissions denied"))
        return ["PERMISSION_DENIED", "the API key lacks the permission"];
      return [
        "UNAUTHENTICATED",
        `the server rejected the credentials: check ${describeKey("livekitApiKey")} and ${describeKey("livekitApiSecret")}, and this machine's clock`,
      ];
    case 403:
      return ["PERMISSION_DENIED", message];
    case 404:
      // A proxy without its server returns 404 too, which does not mean that a room is gone.
      if (code !== "not_found") return ["VENDOR_ERROR", `HTTP 404: ${NOT_OURS}: ${message}`];
      return ["NOT_FOUND", message];
    case 408:
    case 504:
      return ["DEADLINE_EXCEEDED", message];
    case 400:
      return ["INVALID_ARGUMENT", message];
    case 413:
      return ["PAYLOAD_TOO_LARGE", message];
    case 429:
      return ["RATE_LIMITED", message];
    case 503:
      return ["UNAVAILABLE", message];
    default:
      if (status >= 300 && status < 400) {
        const text = `HTTP ${status}: it redirects, which is not followed: check ${describeKey("livekitUrl")}`;
        return ["VENDOR_ERROR", text];
      }
      return ["VENDOR_ERROR", `HTTP ${status}: ${message}`, status >= 500];
  }
}

let loaded: typeof import("livekit-server-sdk") | undefined;

/**
 * LiveKit's SDK, loaded at the first call: a preview makes none, and the SDK is half of its modules. It is kept, since
 * Node takes a microsecond to find a loaded module, and more where it is traced.
 */
export function sdk(): typeof import("livekit-server-sdk") {
  loaded ??= require("livekit-server-sdk") as typeof import("livekit-server-sdk");
  return loaded;
}
