import { parseRoomId, roomId } from "../../../contract";
import { assertAutoRecordingAllowed, assertNameAllowed, assertRoomAllowed } from "../../middleware/access";
import { recordChange, recordCreation, withRecord } from "../../services/room-service";
import { type GatewayRoute, route } from "../route";
import { INPUTS, NOTHING } from "../schemas";

/** The routes of rooms. */
export const rooms: readonly GatewayRoute[] = [
  route(
    {
      operation: "rtc.room.create",
      method: "post",
      path: "/v1/rtc/room/create",
      summary: "Create a room; one that exists is returned when the settings that were given agree",
      input: INPUTS.RoomInput,
      isIdempotent: true,
      owned: true,
      answers: ["Room"],
    },
    async (call) => {
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
    },
  ),
  route(
    {
      operation: "rtc.room.get",
      method: "get",
      path: "/v1/rtc/room/get/{room}",
      summary: "A room with its state and its current number of participants",
      input: NOTHING,
      answers: ["Room"],
    },
    async (call) => {
      assertRoomAllowed(call, call.id);
      return withRecord(call, await call.client.room.get(call.id));
    },
  ),
  route(
    {
      operation: "rtc.room.list",
      method: "get",
      path: "/v1/rtc/room/list",
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
    {
      operation: "rtc.room.delete",
      method: "delete",
      path: "/v1/rtc/room/delete/{room}",
      summary: "Delete a room with every participant in it; one that is gone is fine",
      input: NOTHING,
      answers: ["Done"],
    },
    async (call) => {
      const { client, names, id } = call;
      assertRoomAllowed(call, id);
      await client.room.delete(id);
      // A name that means several rooms was rejected.
      const ids = parseRoomId(id, client.vendors()) ? [id] : await names.idsOf(id);
      for (const known of ids) await names.remove(known);
      return { ok: true };
    },
  ),
  route(
    {
      operation: "rtc.room.update",
      method: "post",
      path: "/v1/rtc/room/update/{room}",
      summary: "Set the metadata of a room",
      input: INPUTS.RoomUpdateInput,
      owned: true,
      answers: ["Room"],
    },
    async (call) => {
      const { client, id, input, owner } = call;
      assertRoomAllowed(call, id);
      return recordChange(
        call,
        await client.room.update(id, input, owner === undefined ? undefined : { owner }),
      );
    },
  ),
];
