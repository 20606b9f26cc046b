import type { OpenAPIHono } from "@hono/zod-openapi";
import type { RequestIdVariables } from "hono/request-id";
import type { Principal } from "../services/keys";

/** The content of a request. */
export interface Asked<In = unknown> {
  /** What the path names: a room, a recording or a capability. Empty where it names nothing. */
  id: string;
  input: In;
  /** The ownership tag that came within the metadata. */
  owner?: string;
  /** Of the body or the header, where the route takes one. */
  idempotencyKey?: string;
  /** The body as it came. */
  body?: unknown;
}

/** Hono's context variables of a request. */
export interface GatewayEnv {
  Variables: RequestIdVariables & {
    principal: Principal;
    /** The operation that was matched, e.g. `rtc.room.create`. Undefined: none. */
    operation: string | undefined;
    /** The content of a valid request. */
    asked: Asked;
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

/** A gateway: a Hono app. */
export type GatewayApp = OpenAPIHono<GatewayEnv>;
