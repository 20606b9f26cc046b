import type { Hono, MiddlewareHandler } from "hono";
import type { RequestIdVariables } from "hono/request-id";
import type { RtcClient } from "../../client/types";
import type { Keys, Principal } from "../services/keys";
import type { RecordingStore, RoomStore } from "../store/store";

/** What a gateway is made of. */
export interface GatewayParts {
  client: RtcClient;
  keys: Keys;
  names: RoomStore;
  recordings: RecordingStore;
  /** Before everything, for every path: logs, metrics, limits per address. */
  first?: readonly Before[] | undefined;
  /** After the key was checked: limits per key. */
  checked?: readonly Before[] | undefined;
  /** Around the two routes with an idempotency key, after the request was validated. */
  idempotent?: Before | undefined;
}

/** What a valid request is answered with. */
export interface Answering extends Pick<GatewayParts, "client" | "names" | "recordings"> {
  principal: Principal;
  /** What all attempts at the same request share; undefined where there can be only one. */
  request: string | undefined;
  /** Since when an earlier attempt at the same request may have created something. */
  resumedFrom: Date | undefined;
}

/** Hono's context variables of a request. */
export interface GatewayEnv {
  Variables: RequestIdVariables & {
    principal: Principal;
    /** The operation that was matched, e.g. `rtc.room.create`. Undefined: none. */
    operation: string | undefined;
    /** Answers the request, which is valid, with a record. */
    run: (answering: Answering) => Promise<unknown>;
    /** The request's body as JSON, which is valid. Undefined where there is none. */
    body: unknown;
    /** Of the body or the header. */
    idempotencyKey: string | undefined;
    /** What all attempts at the same request share, and no other has. Undefined where it came without a key. */
    request: string | undefined;
    /**
     * When an earlier attempt with the same idempotency key began that has died, or failed without a final answer: it
     * may have created something. Undefined: there was none.
     */
    resumedFrom: Date | undefined;
    /** For the log: what has failed although the request did not. */
    warning: string | undefined;
    /** The vendor that the answer is of, where one is. */
    vendor: string | undefined;
  };
  /** What the server for Node passes on; its `url` is as it was sent, before it is normalised. */
  Bindings: {
    incoming?: { url?: string | undefined; socket?: { remoteAddress?: string | undefined } | undefined };
  };
}

/** A handler that stands before those of the routes. */
export type Before = MiddlewareHandler<GatewayEnv>;

/** A gateway: a Hono app. */
export type GatewayApp = Hono<GatewayEnv>;
