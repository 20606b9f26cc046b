import { randomUUID } from "node:crypto";
import {
  type JsonObject,
  MAX_TIMEOUT,
  NEVER,
  OWNER_KEY,
  orUndefined,
  pageInput,
  parse,
  type Room,
  type RoomInput,
  roomInput,
  roomUpdateInput,
} from "../contract";
import { inPath } from "./remote-gateway";
import type { Remote } from "./remote-offers";
import { doneSchema, listOf, roomSchema } from "./remote-records";
import type { Declared, RtcClient } from "./types";

/** The `room` part of a client of a gateway. */
export function remoteRooms({ gateway, offers, known }: Remote): RtcClient["room"] {
  const room = roomSchema(gateway.endpoint, known);

  async function get(id: string): Promise<Room> {
    const path = `/v1/rtc/room/get/${inPath("room", id)}`;
    return gateway.call({ capability: "rtc.room.get", method: "GET", path, repeatable: true }, room);
  }

  return {
    async create(input, declared) {
      const asked = parse(roomInput, input, "the room");
      // A key of its own for each create, by which its retries are one.
      const body = { ...asSent(asked, declared), idempotencyKey: randomUUID() };
      const path = "/v1/rtc/room/create";
      const call = { capability: "rtc.room.create", method: "POST", path, body, repeatable: true } as const;
      return asAsked(await gateway.call(call, room), asked, declared);
    },
    async get(id) {
      const found = await get(id);
      if (!found.untold?.includes("numParticipants")) return found;
      // Whether people are in a room decides what may be done to it, so it is not left open.
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
      await offers.need("rtc.room.update", id);
      const body = { metadata: marked(metadata, declared) };
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

/** A declared room stays until it is destroyed, while REST leaves that to the vendor: so it is said, and whose it is. */
function asSent(asked: RoomInput, declared: Declared | undefined): RoomInput {
  if (!declared) return asked;
  const metadata = marked(asked.metadata, declared);
  // Beside a recording of its own a room can have no timeout: what is marked stays, at a gateway that knows marks.
  if (asked.enableRecording) return { ...asked, metadata };
  return { ...asked, emptyTimeoutSeconds: asked.emptyTimeoutSeconds ?? MAX_TIMEOUT, metadata };
}

function marked<T extends JsonObject | undefined>(metadata: T, declared: Declared | undefined) {
  return declared?.owner === undefined ? metadata : { ...metadata, [OWNER_KEY]: declared.owner };
}

/** A room that was just made: what the gateway does not tell of it is as it was asked for, or it would have refused. */
function asAsked(room: Room, asked: RoomInput, declared: Declared | undefined): Room {
  const { untold = [], ...told } = room;
  if (untold.length === 0 || !declared) return room;
  const timeout = asked.emptyTimeoutSeconds ?? NEVER;
  const sent: Partial<Room> = {
    maxParticipants: asked.maxParticipants ?? null,
    emptyTimeoutSeconds: timeout,
    departureTimeoutSeconds: told.emptyTimeoutSeconds ?? timeout,
    metadata: asked.metadata ?? {},
  };
  const filled = Object.fromEntries(
    Object.entries(sent).filter(([field]) => untold.some((one) => one === field)),
  );
  const owner = untold.includes("metadata") ? (told.owner ?? declared.owner ?? null) : told.owner;
  return { ...told, ...filled, owner };
}
