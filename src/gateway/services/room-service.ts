import { isCreated } from "../../client/room-existence";
import { requireSameSettings } from "../../client/rooms";
import type { Room, RoomInput } from "../../contract";
import type { Call } from "../http/route";

type Asking = Pick<Call<unknown>, "client" | "names">;

/**
 * A room with what its vendor, which keeps no rooms, cannot tell of it and its record does: what it was made with, and
 * whose it is.
 */
export async function withRecord({ client, names }: Asking, room: Room): Promise<Room> {
  if (client.traits(room.vendor).keepsRooms) return room;
  const record = await names.recordOf(room.room);
  if (!record) return room;
  const { maxParticipants, emptyTimeoutSeconds, departureTimeoutSeconds, metadata, owner } = record;
  return {
    ...room,
    maxParticipants: room.maxParticipants ?? maxParticipants,
    emptyTimeoutSeconds: room.emptyTimeoutSeconds ?? emptyTimeoutSeconds,
    departureTimeoutSeconds: room.departureTimeoutSeconds ?? departureTimeoutSeconds,
    metadata: room.metadata ?? metadata,
    owner: room.owner ?? owner,
  };
}

/** A room that was changed, with its record, which is the gateway's to remember where the vendor keeps none. */
export async function remembered(asking: Asking, changed: Room): Promise<Room> {
  if (asking.client.traits(changed.vendor).keepsRooms) return changed;
  const room = await withRecord(asking, changed);
  // What is remembered has no metadata, while of any other room that is not known.
  const kept = { ...room, metadata: room.metadata ?? {} };
  await asking.names.remember(kept);
  return kept;
}

/**
 * A room that was made, with its record. A resource's mark comes with all that is declared, which takes the place of
 * what was remembered of it; without one, what was not asked for stays. A room that is there and not its own is returned.
 *
 * @throws ALREADY_EXISTS where that one has other settings, with the differences
 */
export async function made(
  asking: Asking,
  asked: RoomInput,
  room: Room,
  owner: string | undefined,
): Promise<Room> {
  const { client, names } = asking;
  if (client.traits(room.vendor).keepsRooms) return room;
  const record = await names.recordOf(room.room);
  const known = { ...room, ...record };
  const isAnothers = record !== undefined && (record.owner ?? undefined) !== owner;
  if (isAnothers && isCreated(client, known)) return requireSameSettings(asked, known);
  if (owner === undefined) return remembered(asking, room);
  const declared = { ...room, owner, metadata: room.metadata ?? {} };
  await names.remember(declared);
  return declared;
}
