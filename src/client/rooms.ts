import {
  bytes,
  type Capability,
  DEFAULT_LAYOUT,
  differences,
  invalid,
  isOfTimeouts,
  limitsOf,
  NEVER,
  type Page,
  pageInput,
  parse,
  type Room,
  type RoomInput,
  type RoomRef,
  type RoomSpec,
  RtcError,
  recordingOutputProblem,
  roomId,
  roomInput,
  roomNameProblem,
  roomUpdateInput,
  withTimeout,
} from "../contract";
import type { RtcConfig } from "./config";
import type { Resolver, Target } from "./resolve";
import { SharedReads } from "./shared-reads";
import type { RtcClient } from "./types";
import type { Deployment, Vendors } from "./vendors";

/** The dependencies of a client's parts. */
export interface LocalContext {
  config: RtcConfig;
  vendors: Vendors;
  resolver: Resolver;
}

/** The `room` part of a client. */
export function roomsOf({ config, vendors, resolver }: LocalContext): RtcClient["room"] {
  const reads = new SharedReads<Room>();

  return {
    async create(input, declared) {
      const asked = parse(roomInput, input, "the room");
      const { name, region = null, vendor: explicit, enableRecording, ...settings } = asked;
      const needs: Capability[] = ["rtc.room.create"];
      if (enableRecording) needs.push("rtc.recording.start");
      const vendor = vendors.route({
        needs,
        vendor: explicit,
        region,
        name,
        settings: { ...settings, enableRecording },
      });
      const target = { adapter: vendors.get(vendor), ref: { vendor, region, name } };
      const recording = enableRecording ? autoRecording(config, name) : undefined;
      const spec = { ...settings, name, region, recording };
      const { persistentRooms } = target.adapter;
      if (!persistentRooms) {
        const record = await target.adapter.createRoom(spec);
        return declared ? record : withWarnings(record, target.adapter.roomWarnings(asked));
      }
      if (declared) {
        const owner = persistentRooms.tagPlace === null ? undefined : declared.owner;
        return reads.invalidateAfter(target.adapter.createRoom({ ...withTimeout(spec, NEVER), owner }));
      }
      const found = await find(target);
      if (found && recording) {
        const message = `room ${found.room} exists, and enableRecording is for new ones: start a recording of it instead`;
        throw new RtcError("ALREADY_EXISTS", message, { vendor });
      }
      const warnings = target.adapter.roomWarnings(asked);
      if (found) return withWarnings(requireSameSettings(settings, found), warnings);
      const room = await reads.invalidateAfter(target.adapter.createRoom(spec));
      // A server may cap a timeout. The room exists then, which an error would hide.
      const capped = differences(settings, room);
      if (!capped.every(isOfTimeouts)) return requireSameSettings(settings, room);
      return withWarnings(room, [...warnings, ...capped.map(({ text }) => text)]);
    },
    async get(room) {
      const { adapter, ref, room: found } = await resolver.resolve(room, "rtc.room.get");
      if (!found) return (await adapter.getRoom(ref)) ?? missingRoom(ref);
      // The lookup has just returned it. In a list of persistent rooms only the number of participants may lag.
      if (!adapter.persistentRooms) return found;
      return (await adapter.getRoom(ref, found)) ?? missingRoom(ref);
    },
    async find(room, { shared = false } = {}) {
      const target = await resolver.resolve(room, "rtc.room.get");
      const { adapter, ref } = target;
      if (!shared || target.room || !adapter.persistentRooms) return find(target);
      const location = roomId({ ...ref, name: "" });
      return reads.find(location, ref.name, () => adapter.listRooms(ref.region), nameOf);
    },
    async isRevivedByJoin(room) {
      const { adapter, ref } = await resolver.resolve(room, "rtc.room.get");
      const { persistentRooms } = adapter;
      // A room on demand comes into being with each first join.
      if (!persistentRooms) return true;
      return persistentRooms.revivedByJoin && (await persistentRooms.revivesAt?.(ref.region)) !== false;
    },
    async list(page = {}, { prefix } = {}) {
      const { cursor, limit } = parse(pageInput, page, "the page");
      return listPage(vendors.deployments("rtc.room.list"), cursor, limit, prefix);
    },
    async update(room, input, declared) {
      const { metadata } = parse(roomUpdateInput, input, "the update");
      const target = await resolver.resolve(room, "rtc.room.update");
      const { adapter, ref } = target;
      vendors.route({ needs: ["rtc.room.update"], ...ref, settings: { metadata } });
      if (!adapter.persistentRooms) return adapter.updateRoom(ref, metadata, declared?.owner);
      const owner = declared ? declared.owner : ((await requireRoom(target)).owner ?? undefined);
      return reads.invalidateAfter(adapter.updateRoom(ref, metadata, owner));
    },
    async delete(room) {
      const { adapter, ref } = await resolver.resolve(room, "rtc.room.create");
      if (adapter.persistentRooms) vendors.route({ needs: ["rtc.room.delete"], ...ref });
      try {
        await reads.invalidateAfter(adapter.deleteRoom(ref));
      } catch (error) {
        // A room that cannot be closed from here closes when it is empty.
        const code = RtcError.isInstance(error) ? error.code : undefined;
        const closesItself = code === "NOT_CONFIGURED" || code === "UNSUPPORTED";
        if (adapter.persistentRooms || !closesItself) throw error;
      }
    },
  };
}

/** The live room, without a live number of participants where it is persistent; undefined where there is none. */
async function find({ adapter, ref, room }: Target): Promise<Room | undefined> {
  if (room) return room;
  if (!adapter.persistentRooms) return adapter.getRoom(ref);
  const rooms = await adapter.listRooms(ref.region, [ref.name]);
  return rooms.find(({ name }) => name === ref.name);
}

/** {@link find}, or NOT_FOUND. */
export async function requireRoom(target: Target): Promise<Room> {
  return (await find(target)) ?? missingRoom(target.ref);
}

/** Returns an existing room whose settings agree. @throws ALREADY_EXISTS with the differences */
export function requireSameSettings(asked: Omit<RoomInput, "name">, room: Room): Room {
  const different = differences(asked, room);
  if (different.length === 0) return room;
  const list = different.map(({ text }) => text).join("; ");
  const message = `room ${room.room} exists with other settings: ${list}`;
  throw new RtcError("ALREADY_EXISTS", message, { vendor: room.vendor });
}

function missingRoom(ref: RoomRef): never {
  throw new RtcError("NOT_FOUND", `there is no room ${roomId(ref)}`, { vendor: ref.vendor });
}

function nameOf({ name }: Room): string {
  return name;
}

function withWarnings(room: Room, warnings: string[]): Room {
  return warnings.length === 0 ? room : { ...room, warnings };
}

/** The settings of a room's own recording. */
function autoRecording(
  { recordingOutput: outputUri }: RtcConfig,
  name: string,
): NonNullable<RoomSpec["recording"]> {
  const unrecordable = roomNameProblem(name);
  if (unrecordable) throw invalid("the room", [{ path: "name", message: unrecordable }]);
  const problem = recordingOutputProblem(outputUri, false);
  if (outputUri === undefined || problem !== undefined)
    throw new RtcError("NOT_CONFIGURED", `enableRecording: ${problem}`);
  return { layout: DEFAULT_LAYOUT, audioOnly: false, outputUri };
}

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

/** The rooms after the cursor, of those deployments whose rooms are not all before it, ordered by id: a page. */
export async function listPage(
  deployments: Deployment[],
  cursor: string | undefined,
  limit: number,
  prefix = "",
): Promise<Page<Room>> {
  const after = cursor === undefined ? "" : Buffer.from(cursor, "base64url").toString();
  if (cursor !== undefined && (bytes(cursor) > 1_000 || !after.includes(":"))) {
    const message = "is not a cursor of this list: pass nextCursor unchanged";
    throw invalid("the page", [{ path: "cursor", message }]);
  }
  const ahead = deployments.filter((deployment) => {
    const prefix = prefixOf(deployment);
    return prefix > after || after.startsWith(prefix);
  });
  const lists = await Promise.all(ahead.map(({ adapter, region }) => adapter.listRooms(region)));
  // The cursor is the id of the last room of the page: pages stay stable while rooms come and go.
  const rest = lists
    .flat()
    .sort((a, b) => (a.room < b.room ? -1 : 1))
    // At LiveKit others can create a room without a name, which has no id.
    .filter(({ room, name }) => name !== "" && room > after && name.startsWith(prefix));
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  if (rest.length <= limit || !last) return { items };
  return { items, nextCursor: Buffer.from(last.room).toString("base64url") };
}

/** What the ids of a deployment's rooms begin with, and no others. */
function prefixOf({ adapter, region }: Deployment): string {
  return roomId({ vendor: adapter.vendor, region, name: "" });
}
