import { limitsOf, type Room } from "../contract";
import type { RtcClient } from "./types";

/** Whether the vendor or the gateway stores a created room. Else a declared room is state-only. */
export function isPersisted(client: Pick<RtcClient, "gateway" | "traits">, vendor: string): boolean {
  return client.gateway !== undefined || client.traits(vendor).keepsRooms;
}

/**
 * Whether an answer is of a room that was created. At a vendor of on-demand rooms, a gateway answers for any name, since a
 * join would create the room: one with a record has a setting or an owner.
 */
export function isCreated(client: Pick<RtcClient, "traits">, room: Room): boolean {
  const { owner, metadata } = room;
  const isRecorded = [owner, ...Object.values(limitsOf(room))].some((value) => value !== null);
  return isRecorded || Object.keys(metadata ?? {}).length > 0 || client.traits(room.vendor).keepsRooms;
}
