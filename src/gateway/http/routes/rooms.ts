import { isCreated, requireSameSettings } from "../../../client/rooms";
import { parseRoomId, RECORDED_SETTINGS, type Room, type RoomInput, roomId } from "../../../contract";
import { assertAutoRecordingAllowed, assertNameAllowed } from "../../middleware/access";
import type { Answering } from "../context";
import { type Call, type GatewayRoute, route } from "../route";
import { INPUTS, NOTHING } from "../schemas";

type Asking = Pick<Answering, "client" | "names">;

/** The routes of rooms. */
export const rooms: readonly GatewayRoute[] = [
  route(
    "rtc.room.create",
    {
      method: "post",
      summary: "Create a room; one that exists is returned when the settings that were given agree",
      input: INPUTS.RoomInput,
      isIdempotent: true,
      owned: true,
      answers: ["Room"],
    },
    createRoom,
  ),
  route(
    "rtc.room.get",
    {
      method: "get",
      names: "room",
      summary: "A room with its state and its current number of participants",
      input: NOTHING,
      answers: ["Room"],
    },
    async (call) => withRecord(call, await call.client.room.get(call.id)),
  ),
  route(
    "rtc.room.list",
    {
      method: "get",
      summary: "The active rooms of every vendor, by id, a page at a time",
      input: INPUTS.PageInput,
      answers: ["RoomPage"],
    },
    async (call) => {
      const { prefix } = call.principal;
      const page = await call.client.room.list(call.input, { prefix });
      return { ...page, items: await Promise.all(page.items.map((room) => withRecord(call, room))) };
    },
  ),
  route(
    "rtc.room.delete",
    {
      method: "delete",
      names: "room",
      summary: "Delete a room with every participant in it; one that is gone is fine",
      input: NOTHING,
      answers: ["Done"],
    },
    async ({ client, names, id }) => {
      await client.room.delete(id);
      // A name that means several rooms was rejected.
      const ids = parseRoomId(id, client.vendors()) ? [id] : await names.idsOf(id);
      for (const known of ids) await names.remove(known);
      return { ok: true };
    },
  ),
  route(
    "rtc.room.update",
    {
      method: "post",
      names: "room",
      summary: "Set the metadata of a room",
      input: INPUTS.RoomUpdateInput,
      owned: true,
      answers: ["Room"],
    },
    async (call) => {
      const { client, id, input, owner } = call;
      return recordChange(
        call,
        await client.room.update(id, input, owner === undefined ? undefined : { owner }),
      );
    },
  ),
];

/** Creates a room; that of a resource carries its ownership tag, unless the room exists. */
async function createRoom(call: Call<RoomInput & { idempotencyKey?: string | undefined }>): Promise<Room> {
  const { client, input, owner } = call;
  const { idempotencyKey: _, ...asked } = input;
  assertNameAllowed(call, asked.name);
  if (asked.enableRecording) assertAutoRecordingAllowed(call);
  if (owner === undefined) return recordCreation(call, asked, await client.room.create(asked), owner);
  // An ownership tag alone is no declared metadata.
  const { metadata, ...rest } = asked;
  const declared = metadata && Object.keys(metadata).length > 0 ? { ...rest, metadata } : rest;
  const { vendor: explicit, region = null, name, ...settings } = declared;
  const vendor = client.route({ needs: ["rtc.room.create"], vendor: explicit, region, name, settings });
  // A state-only record is made without a call, whatever the state of the vendor.
  const isRecord = vendor !== undefined && !client.traits(vendor).keepsRooms;
  const id = vendor === undefined ? name : roomId({ vendor, region, name });
  const found = isRecord ? undefined : await client.room.find(id);
  const room = await client.room.create(declared, found ? undefined : { owner });
  return recordCreation(call, declared, room, owner);
}

/** Completes an on-demand room, whose settings and owner the vendor does not store, from its record. */
async function withRecord({ client, names }: Asking, room: Room): Promise<Room> {
  if (client.traits(room.vendor).keepsRooms) return room;
  const record = await names.recordOf(room.room);
  if (!record) return room;
  const missing = [...RECORDED_SETTINGS, "owner" as const].filter((field) => room[field] === null);
  return { ...room, ...Object.fromEntries(missing.map((field) => [field, record[field]])) };
}

/** Stores the record of a changed on-demand room. */
async function recordChange(asking: Asking, changed: Room): Promise<Room> {
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
async function recordCreation(
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
