import { z } from "zod";
import {
  type Capability,
  capability as capabilitySchema,
  type Discovery,
  describeApiKey,
  describeKey,
  fromWire,
  parse,
  RtcError,
  toWire,
} from "../contract";
import { exchange, type HttpAnswer, parseJson, TransportError } from "../support/http";
import { CALL_SECONDS, RetryBudget, withRetries } from "../support/retry";
import type { RtcConfig } from "./config";
import { type CallContext, isErrorBody, isNotFound, problemOf } from "./remote-problem";
import { discoverySchema, vendorOf } from "./remote-records";

/** A gateway retries its vendors itself: a longer timeout lets it report the result. */
const TIMEOUT_SECONDS = CALL_SECONDS + 5;

/** A call of a gateway. */
export interface Call {
  capability: Capability | "discovery";
  method: "GET" | "POST" | "DELETE";
  /** Below the address, e.g. `/v1/rtc/room/list`. */
  path: string;
  /** With TypeScript field names. */
  body?: Record<string, unknown>;
  /** Whether the call is idempotent. Else it is repeated only where it was not delivered. */
  repeatable: boolean;
  /** Finds out, independently of this call's path, whether what it names does not exist. */
  isMissing?: () => Promise<boolean>;
}

/** Calls a gateway at an address with a key. */
export class GatewayClient {
  /** The normalised address, which the state stores. */
  readonly endpoint: string;
  readonly #apiKey: string | undefined;
  readonly #secrets: readonly string[];
  readonly #budget = new RetryBudget();

  constructor({ endpoint = "", apiKey }: Pick<RtcConfig, "endpoint" | "apiKey">, secrets: readonly string[]) {
    const { origin, pathname } = new URL(endpoint);
    this.endpoint = `${origin}${pathname.replace(/(?<!\/)\/+$/, "")}`;
    this.#apiKey = apiKey;
    this.#secrets = secrets;
  }

  /** Why no call can be made. */
  get problem(): string | undefined {
    return this.#apiKey === undefined
      ? `the gateway ${this.endpoint} needs a key: set ${describeApiKey(this.endpoint)}`
      : undefined;
  }

  /** Makes a call, retries it where that is safe, and reads the answer. @throws RtcError and nothing else */
  async call<T extends z.ZodType>(call: Call, answer: T): Promise<z.infer<T>> {
    if (this.problem !== undefined) throw new RtcError("NOT_CONFIGURED", this.problem);
    const undelivered = new WeakSet<RtcError>();
    return withRetries(
      this.#budget,
      // The gateway has already retried a failure of a vendor: retries must not multiply.
      (error) => error.retryable && error.vendor === undefined && (call.repeatable || undelivered.has(error)),
      async (seconds) => {
        const got = await this.#send(call, seconds, undelivered);
        if (got.status >= 200 && got.status < 300) return this.#read(call, got, answer);
        const problem = await this.#problemOf(call, got);
        if (problem.code === "RATE_LIMITED") undelivered.add(problem);
        throw problem;
      },
      { trySeconds: TIMEOUT_SECONDS, callSeconds: TIMEOUT_SECONDS, isRateLimited },
    );
  }

  async #send(call: Call, seconds: number, undelivered: WeakSet<RtcError>): Promise<HttpAnswer> {
    const { method, path, body, capability } = call;
    const headers: Record<string, string> = {
      accept: "application/json, application/problem+json",
      authorization: `Bearer ${this.#apiKey}`,
      // Our gateway compares it with the path that arrives, which a proxy may have decoded.
      "x-rtc-path": path,
    };
    if (body !== undefined) headers["content-type"] = "application/json";
    const text = body === undefined ? undefined : JSON.stringify(toWire(body));
    const maxBytes = 16 * 2 ** 20;
    try {
      return await exchange({
        method,
        url: `${this.endpoint}${path}`,
        headers,
        body: text,
        seconds,
        maxBytes,
      });
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      const message = `${error.message}: check ${describeKey("endpoint")}, and the network`;
      const problem = new RtcError(error.code, message, { operation: capability });
      if (error.problem === "unreachable") undelivered.add(problem);
      throw problem;
    }
  }

  /** The record in an answer, bare or in an envelope: `{ data }`, `{ result }`. */
  async #read<T extends z.ZodType>(call: Call, { text }: HttpAnswer, schema: T): Promise<z.infer<T>> {
    const body = fromWire(parseJson(text));
    const bare = schema.safeParse(body);
    if (bare.success) return bare.data;
    const envelope = z.object({ data: z.unknown(), result: z.unknown() }).partial().safeParse(body);
    const inside = schema.safeParse(envelope.data?.data ?? envelope.data?.result);
    if (inside.success) return inside.data;
    if (isErrorBody(text)) throw await this.#problemOf(call, { status: 200, headers: {}, text });
    const places = bare.error.issues.map(({ path }) => path.map(String).join(".") || "the body");
    const where = [...new Set(places)].slice(0, 5).join(", ");
    const operation = call.capability;
    const message = `the answer of the gateway ${this.endpoint} to ${operation} does not match the contract (${where})`;
    throw new RtcError("VENDOR_ERROR", message, { operation, retryable: true });
  }

  /** The error of an answer. One that does not prove that something is missing is not NOT_FOUND. */
  async #problemOf(call: Call, got: HttpAnswer): Promise<RtcError> {
    const problem = problemOf(got, this.#contextOf(call));
    const { code, vendor } = problem;
    const operation = call.capability;
    const check = `check ${describeKey("endpoint")}, and that no proxy in front of the gateway decodes paths`;
    if (code === "UNKNOWN_ADDRESS")
      return new RtcError(code, `the gateway ${this.endpoint}: ${problem.message}; ${check}`, { operation });
    if (code !== "NOT_FOUND" || vendor !== undefined || (await this.#isMissing(call, got))) return problem;
    const message = `the gateway ${this.endpoint} has nothing at the path of ${operation}, which does not mean that what it names is gone: ${check} (${problem.message})`;
    return new RtcError("VENDOR_ERROR", message, { operation, retryable: false });
  }

  /**
   * Whether a 404 that names no vendor means that what a call names does not exist. A wrong address, a proxy or a gateway's
   * own router answers 404 too, so the address must prove to be a gateway. The answer must have the contract's code, for an
   * id that a proxy cannot have changed, or another answer must show that it does not exist.
   */
  async #isMissing(call: Call, got: HttpAnswer): Promise<boolean> {
    const isUnchanged = !/%(?!3A|40)/.test(call.path.replace(/\?.*$/s, ""));
    if (call.capability === "discovery" || (isNotFound(got) && isUnchanged)) return this.#isGateway();
    return (await call.isMissing?.()) ?? false;
  }

  async #isGateway(): Promise<boolean> {
    const path = "/v1/discovery/rtc.room.get";
    const call: Call = { capability: "discovery", method: "GET", path, repeatable: true };
    const got = await this.#send(call, TIMEOUT_SECONDS, new WeakSet());
    if (got.status === 429 || got.status >= 500) throw problemOf(got, this.#contextOf(call));
    return got.status >= 200 && got.status < 300 && typeof parseJson(got.text) === "object";
  }

  #contextOf({ capability }: Call): CallContext {
    return {
      endpoint: this.endpoint,
      operation: capability,
      secrets: this.#secrets,
      key: describeApiKey(this.endpoint),
    };
  }
}

/** Whether the gateway itself has limited the rate; a vendor's limit names the vendor. */
function isRateLimited({ code, vendor, retryAfterSeconds = 0 }: RtcError): boolean {
  return code === "RATE_LIMITED" && vendor === undefined && retryAfterSeconds > 0;
}

/** A room or recording in a path. A segment of one or two dots would be taken for a folder, however it is written. */
export function inPath(what: "room" | "recording", id: unknown): string {
  if (typeof id !== "string" || id === "")
    throw new RtcError(
      "INVALID_ARGUMENT",
      `${what} must be a ${what} id${what === "room" ? " or name" : ""}`,
    );
  if (id === "." || id === "..")
    throw new RtcError("INVALID_ARGUMENT", `${what} ${id} cannot be addressed by its name: pass its id`);
  // Half a surrogate pair cannot be sent.
  return encodeURIComponent(Buffer.from(id).toString());
}

/** How long an answer of discovery is cached: an upgraded gateway advertises more. */
const FRESH_MS = 60_000;
/** The errors of a gateway that does not know a capability. A wrong key or an outage is none of these. */
const NOT_ADVERTISED: ReadonlySet<string> = new Set(["NOT_FOUND", "INVALID_ARGUMENT", "UNSUPPORTED"]);

/** The dependencies of a gateway client's parts. */
export interface Remote {
  gateway: GatewayClient;
  capabilities: GatewayCapabilities;
  /** The vendors of this version. */
  known: readonly string[];
  /** Whether a vendor of this version has on-demand rooms. */
  isOnDemand(vendor: string): boolean;
}

/** The optional capabilities that a gateway advertises. */
export class GatewayCapabilities {
  readonly #gateway: GatewayClient;
  readonly #known: readonly string[];
  readonly #answers = new Map<Capability, { at: number; answer: Promise<Discovery> }>();

  constructor(gateway: GatewayClient, known: readonly string[]) {
    this.#gateway = gateway;
    this.#known = known;
  }

  /** Which vendors have a capability there; none where the gateway does not know it. */
  async discover(asked: Capability): Promise<Discovery> {
    const capability = parse(capabilitySchema, asked, "the capability");
    const before = this.#answers.get(capability);
    if (before && performance.now() - before.at < FRESH_MS) return before.answer;
    const answer = this.#fetch(capability);
    this.#answers.set(capability, { at: performance.now(), answer });
    // A failure is not cached.
    answer.catch(() => this.#answers.delete(capability));
    return answer;
  }

  /** @throws UNSUPPORTED where the gateway does not advertise it for the vendor of a room or recording */
  async assertAdvertised(capability: Capability, id?: string): Promise<void> {
    const { vendors } = await this.discover(capability);
    const vendor = vendorOf(id ?? "");
    const own = vendors.find((one) => one.vendor === vendor);
    if (own ? own.available : vendors.some(({ available }) => available)) return;
    const reasons = (own ? [own] : vendors).map((one) => `${one.vendor}: ${one.reason ?? "cannot"}`);
    const why = reasons.length > 0 ? `: ${reasons.join("; ")}` : "";
    const message = `the gateway ${this.#gateway.endpoint} does not advertise ${capability}${why}`;
    throw new RtcError("UNSUPPORTED", message, { operation: capability });
  }

  async #fetch(capability: Capability): Promise<Discovery> {
    const path = `/v1/discovery/${capability}`;
    try {
      const call = { capability: "discovery", method: "GET", path, repeatable: true } as const;
      const { vendors } = await this.#gateway.call(call, discoverySchema);
      return { capability, vendors };
    } catch (error) {
      if (!RtcError.isInstance(error) || !NOT_ADVERTISED.has(error.code)) throw error;
      const reason = "the gateway does not know it";
      return { capability, vendors: this.#known.map((vendor) => ({ vendor, available: false, reason })) };
    }
  }
}
