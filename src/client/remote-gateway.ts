import { z } from "zod";
import { type Capability, describeApiKey, describeKey, fromWire, RtcError, toWire } from "../contract";
import { exchange, type HttpAnswer, TransportError } from "../support/http";
import { parseJson } from "../support/json";
import { CALL_SECONDS, RetryBudget, withRetries } from "../support/retry";
import type { RtcConfig } from "./config";
import { type Asked, isRefusal, problemOf, saysNotFound } from "./remote-problem";

/** A gateway tries its vendors itself: only who waits a little longer than it hears what has become of a call. */
const PATIENCE_SECONDS = CALL_SECONDS + 5;

/** A call of a gateway. */
export interface Call {
  capability: Capability | "discovery";
  method: "GET" | "POST" | "DELETE";
  /** Below the address, e.g. `/v1/rtc/room/list`. */
  path: string;
  /** As TypeScript spells it. */
  body?: Record<string, unknown>;
  /** Whether the same call twice does what one does; else it is repeated only where it has not arrived. */
  repeatable: boolean;
}

/** Somebody's gateway: its address, its key, and how it is called. */
export class GatewayClient {
  /** The normalised address, which state remembers. */
  readonly endpoint: string;
  readonly #apiKey: string | undefined;
  readonly #secrets: readonly string[];
  readonly #budget = new RetryBudget();
  #isThere: Promise<boolean> | undefined;

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

  /** Makes a call, again where that is safe and may help, and reads the answer. @throws RtcError and nothing else */
  async call<T extends z.ZodType>(call: Call, answer: T): Promise<z.infer<T>> {
    if (this.problem !== undefined) throw new RtcError("NOT_CONFIGURED", this.problem);
    const unseen = new WeakSet<RtcError>();
    return withRetries(
      this.#budget,
      // What a vendor has failed at, the gateway has tried again itself: tries must not multiply.
      (error) => error.retryable && error.vendor === undefined && (call.repeatable || unseen.has(error)),
      async (seconds) => {
        const got = await this.#send(call, seconds, unseen);
        if (got.status >= 200 && got.status < 300) return this.#read(call, got, answer);
        if (got.status === 404 && call.capability !== "discovery" && !saysNotFound(got))
          await this.#mustBeThere();
        const problem = problemOf(got, this.#asked(call));
        if (problem.code === "RATE_LIMITED") unseen.add(problem);
        throw problem;
      },
      { trySeconds: PATIENCE_SECONDS, callSeconds: PATIENCE_SECONDS, turnedAway: isTurnedAway },
    );
  }

  async #send(call: Call, seconds: number, unseen: WeakSet<RtcError>): Promise<HttpAnswer> {
    const { method, path, body, capability } = call;
    const headers: Record<string, string> = {
      accept: "application/json, application/problem+json",
      authorization: `Bearer ${this.#apiKey}`,
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
      if (error.problem === "unreachable") unseen.add(problem);
      throw problem;
    }
  }

  /** The record in an answer, bare or in an envelope: `{ data }`, `{ result }`. */
  #read<T extends z.ZodType>(call: Call, { text }: HttpAnswer, schema: T): z.infer<T> {
    const body = fromWire(parseJson(text));
    const bare = schema.safeParse(body);
    if (bare.success) return bare.data;
    const envelope = z.object({ data: z.unknown(), result: z.unknown() }).partial().safeParse(body);
    const inside = schema.safeParse(envelope.data?.data ?? envelope.data?.result);
    if (inside.success) return inside.data;
    const asked = this.#asked(call);
    if (isRefusal(text)) throw problemOf({ status: 200, headers: {}, text }, asked);
    const places = bare.error.issues.map(({ path }) => path.map(String).join(".") || "the body");
    const where = [...new Set(places)].slice(0, 5).join(", ");
    const { operation } = asked;
    const message = `what the gateway ${this.endpoint} answered to ${operation} is not what the contract says (${where})`;
    throw new RtcError("VENDOR_ERROR", message, { operation, retryable: true });
  }

  /**
   * A 404 of a wrong address, or of something in between, must not pass for a room that is gone: where it does not
   * say itself what is missing, the gateway has to show that it is one.
   */
  async #mustBeThere(): Promise<void> {
    this.#isThere ??= this.#look();
    const isThere = await this.#isThere.catch((error: unknown) => {
      this.#isThere = undefined;
      throw error;
    });
    if (isThere) return;
    this.#isThere = undefined;
    const message = `there is no gateway of this contract at ${this.endpoint}: check ${describeKey("endpoint")}`;
    throw new RtcError("VENDOR_ERROR", message, { retryable: false });
  }

  async #look(): Promise<boolean> {
    const path = "/v1/discovery/rtc.room.get";
    const call: Call = { capability: "discovery", method: "GET", path, repeatable: true };
    const got = await this.#send(call, PATIENCE_SECONDS, new WeakSet());
    if (got.status === 429 || got.status >= 500) throw problemOf(got, this.#asked(call));
    return got.status >= 200 && got.status < 300 && typeof parseJson(got.text) === "object";
  }

  #asked({ capability }: Call): Asked {
    return {
      endpoint: this.endpoint,
      operation: capability,
      secrets: this.#secrets,
      key: describeApiKey(this.endpoint),
    };
  }
}

/** A gateway that counts requests says when to come again. A vendor that does so has told the gateway. */
function isTurnedAway({ code, vendor, retryAfterSeconds = 0 }: RtcError): boolean {
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
    throw new RtcError("INVALID_ARGUMENT", `${what} ${id} has no address by its name: pass its id`);
  // Half a character is no text that could be sent.
  return encodeURIComponent(Buffer.from(id).toString());
}
