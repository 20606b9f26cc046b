import type { MiddlewareHandler } from "hono";
import type { KnownRooms, RtcClient } from "../client/types";
import type { Room, RoomSettings } from "../contract";
import type { GatewayEnv } from "./http/context";
import type { Keys } from "./services/keys";
import type { RecordingStore } from "./store/store";

/** What is remembered of a room: what it was made with, and the tag of the resource that declares it. */
export type RoomRecord = RoomSettings & Pick<Room, "owner">;

/**
 * The rooms that only a record is known of: where a vendor keeps no rooms, the name alone says nothing of whose room
 * it is until somebody joins, and nothing but the record ever tells its settings.
 */
export interface RoomNames extends KnownRooms {
  /** Keeps the record of a room, in the place of an older one. */
  remember(room: RoomRecord & Pick<Room, "name">): void | Promise<void>;
  /** @param id a room id */
  recordOf(id: string): RoomRecord | undefined | Promise<RoomRecord | undefined>;
  /** @param id a room id */
  forget(id: string): void | Promise<void>;
}

/** A handler that stands before those of the routes. */
export type Before = MiddlewareHandler<GatewayEnv>;

/** What a gateway is made of. */
export interface GatewayParts {
  client: RtcClient;
  keys: Keys;
  names: RoomNames;
  recordings: RecordingStore;
  /** Before everything, for every path: logs, metrics, limits per address. */
  first?: readonly Before[] | undefined;
  /** After the key was checked: limits per key. */
  checked?: readonly Before[] | undefined;
  /** Around the two routes with an idempotency key, once the request is known to be valid. */
  once?: Before | undefined;
}
