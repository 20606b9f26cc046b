import { EgressClient, RoomServiceClient } from "livekit-server-sdk";
import { describeKey, type ErrorCode, RtcError } from "../../contract";
import { redact } from "../../support/redact";
import { RetryBudget, withRetries } from "../../support/retry";

/** Where a LiveKit server is, and the key pair for it. */
export interface Deployment {
  url: string;
  apiKey: string;
  apiSecret: string;
}

const CALL_SECONDS = 10;
/** Without a worker the server itself gives up after 21 s: its answer is better than a time-out of ours. */
const START_SECONDS = 25;
const MESSAGE_LENGTH = 400;

/** Answered when the node that held the room has died: the room is listed, but nobody serves it. */
export function isDeadNode(error: unknown): boolean {
  return (
    RtcError.isInstance(error) &&
    error.code === "UNAVAILABLE" &&
    error.message.includes("no response from servers")
  );
}

/** Answered to every egress call by a server that has no Redis, through which it would reach a worker. */
export function isWithoutRedis(error: unknown): boolean {
  return RtcError.isInstance(error) && error.message.includes("egress not connected");
}

/** The server's address as state remembers it: scheme http or https, no default port, no path. */
export function normaliseUrl(url: string): string {
  return new URL(url.replace(/^ws/i, "http")).origin;
}

/**
 * Calls to one LiveKit server: each with a deadline, repeated where that is safe, its errors mapped.
 * Every call of this adapter is safe to repeat: CreateRoom returns the room that exists.
 */
export class LivekitApi {
  readonly endpoint: string;
  readonly #service: RoomServiceClient;
  readonly #egress: EgressClient;
  readonly #starting: EgressClient;
  readonly #secrets: string[];
  readonly #budget = new RetryBudget();

  /** @param secrets what beside the key pair is to appear in no message: the storage's */
  constructor(deployment: Deployment, secrets: readonly string[] = []) {
    this.endpoint = normaliseUrl(deployment.url);
    this.#secrets = [deployment.apiSecret, deployment.apiKey, ...secrets];
    // The SDK's fail-over repeats any call on another region; retries are ours to decide.
    const { apiKey, apiSecret } = deployment;
    const options = { requestTimeout: CALL_SECONDS, failover: false };
    this.#service = new RoomServiceClient(this.endpoint, apiKey, apiSecret, options);
    this.#egress = new EgressClient(this.endpoint, apiKey, apiSecret, options);
    this.#starting = new EgressClient(this.endpoint, apiKey, apiSecret, {
      ...options,
      requestTimeout: START_SECONDS,
    });
  }

  /** A call of the room service. */
  call<T>(operation: string, run: (service: RoomServiceClient) => Promise<T>): Promise<T> {
    return this.#repeated(operation, () => run(this.#service));
  }

  /** A call of the room service that must not be repeated. */
  once<T>(operation: string, run: (service: RoomServiceClient) => Promise<T>): Promise<T> {
    return this.#mapping(operation, () => run(this.#service));
  }

  /** A call of the egress service. */
  egress<T>(operation: string, run: (service: EgressClient) => Promise<T>): Promise<T> {
    return this.#repeated(operation, () => run(this.#egress));
  }

  /** The start of an egress: each makes a new one, so it is never repeated. */
  startEgress<T>(operation: string, run: (service: EgressClient) => Promise<T>): Promise<T> {
    return this.#mapping(operation, () => run(this.#starting), START_SECONDS);
  }

  #repeated<T>(operation: string, run: () => Promise<T>): Promise<T> {
    const retry = (error: RtcError) => error.retryable && !isDeadNode(error) && !isWithoutRedis(error);
    return withRetries(this.#budget, retry, () => this.#mapping(operation, run));
  }

  async #mapping<T>(operation: string, run: () => Promise<T>, seconds = CALL_SECONDS): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw this.#mapped(operation, error, seconds);
    }
  }

  /** What a vendor says, without the credentials that it was given. */
  redact(text: string): string {
    return redact(text, this.#secrets);
  }

  /** A text of the server's without secrets, and not too long. Cut last: half a secret would not be recognised as one. */
  quote(text: string): string {
    return this.redact(text).slice(0, MESSAGE_LENGTH);
  }

  #mapped(operation: string, error: unknown, seconds: number): RtcError {
    const fail = (code: ErrorCode, text: string, retryable?: boolean) =>
      new RtcError(code, this.quote(`livekit ${operation}: ${text}`), {
        vendor: "livekit",
        operation,
        retryable,
      });
    if (!(error instanceof Error)) return fail("VENDOR_ERROR", "failed");
    if (error.name === "TimeoutError") {
      return fail("DEADLINE_EXCEEDED", `${this.endpoint} did not answer within ${seconds} seconds`);
    }
    if ("status" in error && typeof error.status === "number") {
      return fail(...answer(error.status, "code" in error ? error.code : undefined, error.message));
    }
    if (error instanceof SyntaxError) {
      return fail(
        "VENDOR_ERROR",
        `${this.endpoint} answered with something that is not JSON: is it a LiveKit server?`,
        true,
      );
    }
    if (error instanceof TypeError) {
      const cause =
        error.cause instanceof Error && "code" in error.cause ? ` (${String(error.cause.code)})` : "";
      return fail(
        "UNAVAILABLE",
        `cannot reach ${this.endpoint}${cause}: check ${describeKey("livekitUrl")}, and that the server runs`,
      );
    }
    return fail("VENDOR_ERROR", error.message);
  }
}

/** LiveKit's HTTP status and message as one of our codes. `code` in its body is left out for some statuses. */
function answer(status: number, code: unknown, vendorMessage: string): [ErrorCode, string, boolean?] {
  const message = vendorMessage.replace(/^twirp error unknown: /, "");
  switch (status) {
    case 401:
      // Middleware answers quote the whole token; a missing grant says "permissions denied".
      if (message.includes("permissions denied"))
        return ["PERMISSION_DENIED", "the API key lacks the permission"];
      return [
        "UNAUTHENTICATED",
        `the server refused the credentials: check ${describeKey("livekitApiKey")} and ${describeKey("livekitApiSecret")}, and this machine's clock`,
      ];
    case 403:
      return ["PERMISSION_DENIED", message];
    case 404:
      // A proxy without its server behind it says 404 too, and no room is gone because of that.
      if (code !== "not_found") return ["VENDOR_ERROR", `HTTP 404: is it a LiveKit server? ${message}`];
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
      return ["VENDOR_ERROR", `HTTP ${status}: ${message}`, status >= 500];
  }
}
