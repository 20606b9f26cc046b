import type { MiddlewareHandler } from "hono";
import type { RtcClient } from "../client/types";
import type { GatewayEnv } from "./http/context";
import type { Keys } from "./services/keys";
import type { RecordingStore, RoomStore } from "./store/store";

/** A handler that stands before those of the routes. */
export type Before = MiddlewareHandler<GatewayEnv>;

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
