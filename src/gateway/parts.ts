import type { MiddlewareHandler } from "hono";
import type { RequestIdVariables } from "hono/request-id";
import type { KnownRooms, RtcClient } from "../client/types";
import type { Room } from "../contract";

/** Who asks. */
export interface Principal {
  /** The key's id, which is no secret. */
  id: string;
  name: string;
  /** May look, and nothing else. */
  readOnly: boolean;
  /** Only rooms whose names begin with it. */
  prefix?: string | undefined;
}

/** The keys that a gateway takes. */
export interface Keys {
  /** Whose key it is; undefined: nobody's, or one that is over. In constant time. */
  check(bearer: string): Principal | undefined | Promise<Principal | undefined>;
}

/**
 * The rooms that only a record is known of: where a vendor keeps no rooms, the name alone says nothing of whose room
 * it is until somebody joins.
 */
export interface RoomNames extends KnownRooms {
  /** Keeps the record of a room, in the place of an older one. */
  remember(room: Room): void | Promise<void>;
  /** @param id a room id */
  forget(id: string): void | Promise<void>;
}

/** What the handlers of a request share. */
export interface GatewayEnv {
  Variables: RequestIdVariables & {
    principal: Principal;
    /** The operation that was matched, e.g. `rtc.room.create`. */
    operation: string;
    /** The request's body as JSON, which is valid. Undefined where there is none. */
    body: unknown;
    /** Of the body or the header. */
    idempotencyKey: string | undefined;
    /** The vendor that the answer is of, where one is. */
    vendor: string | undefined;
  };
  /** What the server for Node hands over; its `url` is as it came, before anybody makes it shorter. */
  Bindings: { incoming?: { url?: string | undefined } };
}

/** A handler that stands before those of the routes. */
export type Before = MiddlewareHandler<GatewayEnv>;

/** What a gateway is made of. */
export interface GatewayParts {
  client: RtcClient;
  keys: Keys;
  names: RoomNames;
  /** Before everything, for every path: logs, metrics, limits per address. */
  first?: readonly Before[] | undefined;
  /** After the key was checked: limits per key. */
  checked?: readonly Before[] | undefined;
  /** Around the two routes with an idempotency key, once the request is known to be valid. */
  once?: Before | undefined;
}
