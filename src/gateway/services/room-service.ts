import { isCreated } from "../../client/room-existence";
import { requireSameSettings } from "../../client/rooms";
import { RECORDED_SETTINGS, type Room, type RoomInput } from "../../contract";
import type { Call } from "../http/route";

type Asking = Pick<Call<unknown>, "client" | "names">;

/** Completes an on-demand room, whose settings and owner the vendor does not store, from its record. */
export async function withRecord({ client, names }: Asking, room: Room): Promise<Room> {
  if (client.traits(room.vendor).keepsRooms) return room;
  const record = await names.recordOf(room.room);
  if (!record) return room;
  const missing = [...RECORDED_SETTINGS, "owner" as const].filter((field) => room[field] === null);
  return { ...room, ...Object.fromEntries(missing.map((field) => [field, record[field]])) };
}

/** Stores the record of a changed on-demand room. */
export async function recordChange(asking: Asking, changed: Room): Promise<Room> {
  if (asking.client.traits(changed.vendor).keepsRooms) return changed;
  const room = await withRecord(asking, changed);
  // A record has metadata, while that of other rooms is unknown.
  const record = { ...room, metadata: room.metadata ?? {} };
  await asking.names.save(record);
  return record;
}

/**
 * Stores the record of a created on-demand room. With a resource's ownership tag, the declaration replaces the record;
 * without one, settings that were not requested stay. Returns an existing room of another owner.
 *
 * @throws ALREADY_EXISTS where that one has other settings, with the differences
 */
export async function recordCreation(
  asking: Asking,
  asked: RoomInput,
  room: Room,
  owner: string | undefined,
): Promise<Room> {
  const { client, names } = asking;
  if (client.traits(room.vendor).keepsRooms) return room;
  const record = await names.recordOf(room.room);
  const known = { ...room, ...record };
  const hasOtherOwner = record !== undefined && (record.owner ?? undefined) !== owner;
  if (hasOtherOwner && isCreated(client, known)) return requireSameSettings(asked, known);
  if (owner === undefined) return recordChange(asking, room);
  const declared = { ...room, owner, metadata: room.metadata ?? {} };
  await names.save(declared);
  return declared;
}
