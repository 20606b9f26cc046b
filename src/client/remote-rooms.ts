import { randomUUID } from "node:crypto";
import {
  createdSettings,
  type JsonObject,
  MAX_TIMEOUT,
  OWNER_KEY,
  orUndefined,
  pageInput,
  parse,
  type Room,
  type RoomInput,
  roomInput,
  roomUpdateInput,
  withTimeout,
} from "../contract";
import type { Remote } from "./remote-capabilities";
import { inPath } from "./remote-gateway";
import { doneSchema, listOf, roomSchema } from "./remote-records";
import type { Declared, RtcClient } from "./types";

/** The `room` part of a client of a gateway. */
export function remoteRooms({ gateway, capabilities, known }: Remote): RtcClient["room"] {
  const room = roomSchema(gateway.endpoint, known);

  async function get(id: string): Promise<Room> {
    const path = `/v1/rtc/room/get/${inPath("room", id)}`;
    return gateway.call({ capability: "rtc.room.get", method: "GET", path, repeatable: true }, room);
  }

  return {
    async create(input, declared) {
      const asked = parse(roomInput, input, "the room");
      // The key makes a create and its retries idempotent.
      const body = { ...toRequest(asked, declared), idempotencyKey: randomUUID() };
      const path = "/v1/rtc/room/create";
      const call = { capability: "rtc.room.create", method: "POST", path, body, repeatable: true } as const;
      return withRequested(await gateway.call(call, room), asked, declared);
    },
    async get(id) {
      const found = await get(id);
      if (!found.untold?.includes("numParticipants")) return found;
      // Lifecycles depend on whether a room is occupied, so the count must be known.
      const path = `/v1/rtc/participant/list/${inPath("room", found.room)}`;
      const call = { capability: "rtc.participant.list", method: "GET", path, repeatable: true } as const;
      const { items } = await gateway.call(call, listOf(doneSchema));
      return { ...found, numParticipants: items.length };
    },
    async find(id) {
      return orUndefined(get(id));
    },
    async list(page = {}) {
      const { cursor, limit } = parse(pageInput, page, "the page");
      const query = new URLSearchParams({
        ...(cursor === undefined ? {} : { cursor }),
        limit: String(limit),
      });
      const path = `/v1/rtc/room/list?${query}`;
      return gateway.call(
        { capability: "rtc.room.list", method: "GET", path, repeatable: true },
        listOf(room),
      );
    },
    async update(id, input, declared) {
      const { metadata } = parse(roomUpdateInput, input, "the update");
      const path = `/v1/rtc/room/update/${inPath("room", id)}`;
      await capabilities.assertAdvertised("rtc.room.update", id);
      const body = { metadata: withTag(metadata, declared) };
      return gateway.call(
        { capability: "rtc.room.update", method: "POST", path, body, repeatable: true },
        room,
      );
    },
    async delete(id) {
      const path = `/v1/rtc/room/delete/${inPath("room", id)}`;
      const call = { capability: "rtc.room.delete", method: "DELETE", path, repeatable: true } as const;
      await orUndefined(gateway.call(call, doneSchema));
    },
  };
}

/** Over REST the vendor decides the timeout, so the request for a declared room carries one, and the ownership tag. */
function toRequest(asked: RoomInput, declared: Declared | undefined): RoomInput {
  if (!declared) return asked;
  const metadata = withTag(asked.metadata, declared);
  // With enableRecording a room can have no timeout: a gateway that knows ownership tags keeps a tagged room.
  if (asked.enableRecording) return { ...asked, metadata };
  return { ...withTimeout(asked, MAX_TIMEOUT), metadata };
}

function withTag<T extends JsonObject | undefined>(metadata: T, declared: Declared | undefined) {
  return declared?.owner === undefined ? metadata : { ...metadata, [OWNER_KEY]: declared.owner };
}

/** A room that was just created: settings that the gateway does not report are as requested, or it would have rejected them. */
function withRequested(room: Room, asked: RoomInput, declared: Declared | undefined): Room {
  const { untold = [], ...reported } = room;
  if (untold.length === 0 || !declared) return room;
  const sent = createdSettings(asked, reported);
  const filled = Object.fromEntries(
    Object.entries(sent).filter(([field]) => untold.some((one) => one === field)),
  );
  const owner = untold.includes("metadata") ? (reported.owner ?? declared.owner ?? null) : reported.owner;
  return { ...reported, ...filled, owner };
}
