import {
  type Capability,
  DEFAULT_LAYOUT,
  differences,
  NEVER,
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
  roomUpdateInput,
} from "../contract";
import type { RtcConfig } from "./config";
import { listed } from "./listing";
import type { Resolver, Target } from "./resolve";
import { SharedReads } from "./shared-reads";
import type { RtcClient } from "./types";
import type { Vendors } from "./vendors";

/** What the parts of a client work with. */
export interface Parts {
  config: RtcConfig;
  vendors: Vendors;
  resolver: Resolver;
}

/** The `room` part of a client. */
export function roomsOf({ config, vendors, resolver }: Parts): RtcClient["room"] {
  const reads = new SharedReads<Room>();

  return {
    async create(input, declared) {
      const asked = parse(roomInput, input, "the room");
      const { name, region = null, vendor: explicit, enableRecording, ...settings } = asked;
      const needs: Capability[] = ["rtc.room.create"];
      if (enableRecording) needs.push("rtc.recording.start");
      const vendor = vendors.route({ needs, vendor: explicit, region, name, settings });
      const target = { adapter: vendors.get(vendor), ref: { vendor, region, name } };
      const recording = enableRecording ? autoRecording(config) : undefined;
      const spec = { ...settings, name, region, recording };
      const { persistentRooms } = target.adapter;
      if (!persistentRooms) {
        const record = await target.adapter.createRoom(spec);
        return declared ? record : withWarnings(record, target.adapter.roomWarnings(asked));
      }
      if (declared) {
        const emptyTimeoutSeconds = settings.emptyTimeoutSeconds ?? NEVER;
        const owner = persistentRooms.tagPlace === null ? undefined : declared.owner;
        return reads.changing(target.adapter.createRoom({ ...spec, emptyTimeoutSeconds, owner }));
      }
      const found = await find(target);
      if (found && recording) {
        const message = `room ${found.room} exists, and enableRecording is for new ones: start a recording of it instead`;
        throw new RtcError("ALREADY_EXISTS", message, { vendor });
      }
      const warnings = target.adapter.roomWarnings(asked);
      if (found) return withWarnings(agreeing(settings, found), warnings);
      const room = await reads.changing(target.adapter.createRoom(spec));
      // A server may cap a timeout. The room is made by then, which an error would hide.
      const capped = differences(settings, room);
      if (capped.some(({ field }) => field !== "emptyTimeoutSeconds")) return agreeing(settings, room);
      return withWarnings(room, [...warnings, ...capped.map(({ text }) => text)]);
    },
    async get(room) {
      const { adapter, ref, room: shown } = await resolver.resolve(room, "rtc.room.get");
      if (!shown) return (await adapter.getRoom(ref)) ?? missingRoom(ref);
      // The lookup has just shown it; only the number of people may lag in a list of rooms that are kept.
      if (!adapter.persistentRooms) return shown;
      return { ...shown, numParticipants: (await adapter.listParticipants(ref)).length };
    },
    async find(room, { shared = false } = {}) {
      const target = await resolver.resolve(room, "rtc.room.get");
      const { adapter, ref } = target;
      if (!shared || target.room || !adapter.persistentRooms) return find(target);
      const place = roomId({ ...ref, name: "" });
      return reads.find(place, ref.name, () => adapter.listRooms(ref.region), nameOf);
    },
    async list(page = {}, { prefix } = {}) {
      const { cursor, limit } = parse(pageInput, page, "the page");
      return listed(vendors.deployments("rtc.room.list"), cursor, limit, prefix);
    },
    async update(room, input, declared) {
      const { metadata } = parse(roomUpdateInput, input, "the update");
      const target = await resolver.resolve(room, "rtc.room.update");
      const { adapter, ref } = target;
      if (!adapter.persistentRooms) return adapter.updateRoom(ref, metadata, declared?.owner);
      const owner = declared ? declared.owner : ((await existing(target)).owner ?? undefined);
      return reads.changing(adapter.updateRoom(ref, metadata, owner));
    },
    async delete(room) {
      const { adapter, ref } = await resolver.resolve(room, "rtc.room.create");
      if (adapter.persistentRooms) vendors.route({ needs: ["rtc.room.delete"], ...ref });
      try {
        await reads.changing(adapter.deleteRoom(ref));
      } catch (error) {
        // What cannot be closed from here closes when it is empty.
        const code = RtcError.isInstance(error) ? error.code : undefined;
        const closesItself = code === "NOT_CONFIGURED" || code === "UNSUPPORTED";
        if (adapter.persistentRooms || !closesItself) throw error;
      }
    },
  };
}

/** A room as the vendor shows it, without a live number of people where it is kept; undefined where there is none. */
async function find({ adapter, ref, room }: Target): Promise<Room | undefined> {
  if (room) return room;
  if (!adapter.persistentRooms) return adapter.getRoom(ref);
  const rooms = await adapter.listRooms(ref.region, [ref.name]);
  return rooms.find(({ name }) => name === ref.name);
}

/** {@link find}, or NOT_FOUND. */
export async function existing(target: Target): Promise<Room> {
  return (await find(target)) ?? missingRoom(target.ref);
}

/** A room that is there, where the settings that were given agree. @throws ALREADY_EXISTS with the differences */
export function agreeing(asked: Omit<RoomInput, "name">, room: Room): Room {
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

/** What a room's own recording is like: everything, to where the configuration says. */
function autoRecording({ recordingOutput: outputUri }: RtcConfig): NonNullable<RoomSpec["recording"]> {
  const problem = recordingOutputProblem(outputUri, false);
  if (outputUri === undefined || problem !== undefined)
    throw new RtcError("NOT_CONFIGURED", `enableRecording: ${problem}`);
  return { layout: DEFAULT_LAYOUT, audioOnly: false, outputUri };
}
