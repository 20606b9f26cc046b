import type { z } from "zod";
import {
  closesWhenEmpty,
  createdSettings,
  type JsonObject,
  kickInput,
  MAX_TIMEOUT,
  OWNER_KEY,
  orUndefined,
  type Page,
  pageInput,
  parse,
  type Room,
  type RoomInput,
  type RoomSettings,
  RtcError,
  roomInput,
  roomUpdateInput,
  tokenInput,
  withTimeout,
} from "../contract";
import { inPath, type Remote } from "./remote-gateway";
import {
  doneSchema,
  listOf,
  namelessRoom,
  participantSchema,
  roomSchema,
  tokenSchema,
  vendorOf,
} from "./remote-records";
import type { Declared, RtcClient } from "./types";

/** The `room` part of a client of a gateway. */
export function remoteRooms(remote: Remote): RtcClient["room"] {
  const { gateway, capabilities, known } = remote;
  const room = roomSchema(gateway.endpoint, known);

  async function get(id: string): Promise<Room> {
    const path = `/v1/rtc/room/get/${inPath("room", id)}`;
    const isMissing = () => isUnlisted(remote, id);
    return gateway.call(
      { capability: "rtc.room.get", method: "GET", path, repeatable: true, isMissing },
      room,
    );
  }

  return {
    async create(input, declared) {
      const asked = parse(roomInput, input, "the room");
      // The key makes a create and its retries idempotent.
      const body = { ...toRequest(asked, declared), idempotencyKey: crypto.randomUUID() };
      const path = "/v1/rtc/room/create";
      const call = { capability: "rtc.room.create", method: "POST", path, body, repeatable: true } as const;
      return withRequested(await gateway.call(call, room), asked, declared);
    },
    async get(id) {
      const found = await get(id);
      if (!found.untold?.includes("numParticipants")) return found;
      // Lifecycles depend on whether a room is occupied, so the count must be known.
      const { items } = await listedParticipants(remote, found.room, doneSchema);
      return { ...found, numParticipants: items.length };
    },
    async find(id) {
      return orUndefined(get(id));
    },
    // Only the gateway could ask the server, and the contract has no question for it.
    isRevivedByJoin: async () => true,
    async list(page = {}) {
      return listRooms(remote, parse(pageInput, page, "the page"));
    },
    async update(id, input, declared) {
      const { metadata } = parse(roomUpdateInput, input, "the update");
      const path = `/v1/rtc/room/update/${inPath("room", id)}`;
      await capabilities.assertAdvertised("rtc.room.update", id);
      const body = { metadata: withTag(metadata, declared) };
      const isMissing = () => isUnlisted(remote, id);
      return gateway.call(
        { capability: "rtc.room.update", method: "POST", path, body, repeatable: true, isMissing },
        room,
      );
    },
    async delete(id) {
      const path = `/v1/rtc/room/delete/${inPath("room", id)}`;
      const isMissing = () => isUnlisted(remote, id);
      const call = {
        capability: "rtc.room.delete",
        method: "DELETE",
        path,
        repeatable: true,
        isMissing,
      } as const;
      await orUndefined(gateway.call(call, doneSchema));
    },
  };
}

/** A page of the rooms that a gateway lists. One without a name, which others can create, has no id. */
async function listRooms({ gateway, known }: Remote, page: z.output<typeof pageInput>): Promise<Page<Room>> {
  const { cursor, limit } = page;
  const query = new URLSearchParams({ ...(cursor === undefined ? {} : { cursor }), limit: String(limit) });
  const call = {
    capability: "rtc.room.list",
    method: "GET",
    path: `/v1/rtc/room/list?${query}`,
    repeatable: true,
  } as const;
  const room = roomSchema(gateway.endpoint, known);
  const { items, ...rest } = await gateway.call(call, listOf(room.or(namelessRoom)));
  return { items: items.filter((one) => one !== undefined), ...rest };
}

/** The participants in a room, each read by a schema. */
export function listedParticipants<Item extends z.ZodType>(remote: Remote, room: string, item: Item) {
  const path = `/v1/rtc/participant/list/${inPath("room", room)}`;
  const isMissing = () => isUnlisted(remote, room);
  const call = {
    capability: "rtc.participant.list",
    method: "GET",
    path,
    repeatable: true,
    isMissing,
  } as const;
  return remote.gateway.call(call, listOf(item));
}

/**
 * Whether a gateway lists all rooms of a vendor, and not this one. Of on-demand rooms it lists only those that are live,
 * and by a name alone it is unknown at which vendor the room would be.
 */
export async function isUnlisted(remote: Remote, id: string): Promise<boolean> {
  const vendor = vendorOf(id);
  if (vendor === undefined || remote.isOnDemand(vendor)) return false;
  for (let cursor: string | undefined; ; ) {
    const { items, nextCursor } = await listRooms(remote, { cursor, limit: MOST_ROOMS });
    if (items.some(({ room }) => room === id)) return false;
    if (nextCursor === undefined) return true;
    cursor = nextCursor;
  }
}

/** The longest page of a list. */
const MOST_ROOMS = 100;

/** Over REST the vendor decides the timeout, so the request for a declared room carries one, and the ownership tag. */
function toRequest(asked: RoomInput, declared: Declared | undefined): RoomInput {
  if (!declared) return asked;
  const metadata = withTag(asked.metadata, declared);
  // With enableRecording a room can have no timeout: a gateway that supports ownership tags preserves a tagged room.
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

/** The `token` and `participant` parts of a client of a gateway. */
export function remoteParticipants(remote: Remote): Pick<RtcClient, "token" | "participant"> {
  const { gateway } = remote;
  /** Whether the gateway accepts a room's record in place of its id or name, as ours does. */
  let acceptsRecords = true;

  async function issueToken(body: Record<string, unknown>) {
    const path = "/v1/rtc/token/issue";
    const call = { capability: "rtc.token.issue", method: "POST", path, body, repeatable: true } as const;
    return gateway.call(call, tokenSchema);
  }

  /** A token that carries the room's settings; undefined where the gateway does not accept them. */
  async function issueForRecord(body: Record<string, unknown>, room: string) {
    if (!acceptsRecords) return undefined;
    const issued = await issueToken(body).catch((error: unknown) => {
      if (RtcError.isInstance(error) && error.code === "INVALID_ARGUMENT") return undefined;
      throw error;
    });
    acceptsRecords = issued?.room === room;
    return acceptsRecords ? issued : undefined;
  }

  return {
    token: {
      async issue(input) {
        const { room: asked, ...rest } = parse(tokenInput, input, "the token");
        const room = typeof asked === "string" ? asked : asked.room;
        const before = Date.now();
        const isRecord = typeof asked !== "string" && hasSettings(asked);
        const full = isRecord ? await issueForRecord({ ...rest, room: asked }, room) : undefined;
        const issued = full ?? (await issueToken({ ...rest, room }));
        const warnings = [...(issued.warnings ?? []), ...(isRecord && !full ? [WITHOUT_SETTINGS] : [])];
        return {
          token: issued.token,
          room: issued.room ?? room,
          identity: issued.identity ?? rest.identity,
          expiresAt: issued.expiresAt ?? new Date(before + rest.ttlSeconds * 1_000).toISOString(),
          ...(issued.serverUrl ? { serverUrl: issued.serverUrl } : {}),
          ...(warnings.length > 0 ? { warnings } : {}),
        };
      },
    },
    participant: {
      async list(room) {
        const { items } = await listedParticipants(remote, room, participantSchema);
        return { items };
      },
      async kick(input) {
        const body = { ...parse(kickInput, input, "the kick") };
        const path = `/v1/rtc/participant/kick/${inPath("room", body.room)}`;
        // A second kick would find no participant, or one who has joined again.
        const call = {
          capability: "rtc.participant.kick",
          method: "POST",
          path,
          body,
          repeatable: false,
        } as const;
        await gateway.call(call, doneSchema);
      },
    },
  };
}

const WITHOUT_SETTINGS =
  "the gateway accepts no settings for a token: a join that recreates the room uses the server's defaults";

/** Whether a token has settings to carry, for a join that recreates the room. */
function hasSettings(room: RoomSettings): boolean {
  const { maxParticipants, metadata } = room;
  return maxParticipants !== null || closesWhenEmpty(room) || Object.keys(metadata ?? {}).length > 0;
}
