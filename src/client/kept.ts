import type { Room } from "../contract";
import type { RtcClient } from "./types";

/** Whether a room that is made stays there: the vendor keeps it, or the gateway. Else only who declares it knows of it. */
export function isKept(client: Pick<RtcClient, "gateway" | "traits">, vendor: string): boolean {
  return client.gateway !== undefined || client.traits(vendor).keepsRooms;
}

/**
 * Whether an answer is of a room that somebody has made. Where the vendor keeps none, a gateway answers for any name,
 * since a join would make it: there is one of which it has a record, and tells a setting or whose it is.
 */
export function isMade(client: Pick<RtcClient, "traits">, room: Room): boolean {
  const { maxParticipants, emptyTimeoutSeconds, owner, metadata } = room;
  const told = [maxParticipants, emptyTimeoutSeconds, owner].some((value) => value !== null);
  return told || Object.keys(metadata ?? {}).length > 0 || client.traits(room.vendor).keepsRooms;
}
