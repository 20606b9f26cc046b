import {
  bytes,
  type Capability,
  DEFAULT_LAYOUT,
  describeKey,
  differences,
  invalid,
  kickInput,
  NEVER,
  type Page,
  pageInput,
  parse,
  parseRoomId,
  type Room,
  type RoomRef,
  type RoomSpec,
  type RtcConfig,
  RtcError,
  readConfig,
  roomId,
  roomInput,
  roomUpdateInput,
  tokenInput,
  type VendorAdapter,
} from "../contract";
import { explain, type RouteRequest } from "../routing/route";
import { redact } from "../support/redact";
import { registry } from "../vendors/registry";
import { recordingsOf } from "./recordings";
import { SharedReads } from "./shared-reads";
import type { RtcClient } from "./types";

/**
 * A client of the configured vendors.
 *
 * @param config what is given here goes before the environment (LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET, …)
 * @throws INVALID_ARGUMENT where a setting cannot be read; missing credentials are NOT_CONFIGURED at the first use
 * @example
 * const client = createClient();
 * const { token } = await client.token.issue({ room: "standup", identity: "alice" });
 */
export function createClient(config: RtcConfig = {}): RtcClient {
  return localClient(readConfig(config));
}

/** A client over adapters in this process, from a configuration that is read already. */
export function localClient(config: RtcConfig, vendors = registry): RtcClient {
  const names = Object.keys(vendors);
  const adapters = (config.vendors ?? names).map((name) => {
    const make = vendors[name];
    if (make) return make(config);
    throw invalid("the configuration", [
      { path: "vendors", message: `${name} is not a vendor of this version; there is ${names.join(", ")}` },
    ]);
  });
  const choice = { adapters, disabled: config.disabledVendors ?? [] };
  const reads = new SharedReads();

  function route(request: RouteRequest): string {
    const { vendor, candidates } = explain(request, choice);
    if (vendor !== null) return vendor;
    const reasons = candidates.map((candidate) => `${candidate.vendor}: ${candidate.reason}`).join("; ");
    const { code = "NOT_CONFIGURED", field } = candidates[0] ?? {};
    throw new RtcError(code, reasons || "no vendor is configured", {
      vendor: request.vendor,
      issues: field && [{ path: field, message: reasons }],
    });
  }

  function adapterOf(vendor: string): VendorAdapter {
    const adapter = adapters.find((candidate) => candidate.vendor === vendor);
    if (!adapter)
      throw new RtcError("INVALID_ARGUMENT", `${vendor} is not a vendor of this configuration`, { vendor });
    return adapter;
  }

  /** The room that an id or a bare name means, and its vendor, checked to be able to do what is asked. */
  function resolve(
    room: string,
    capability: Capability,
    pin?: string,
  ): { adapter: VendorAdapter; ref: RoomRef } {
    if (typeof room !== "string" || room === "")
      throw new RtcError("INVALID_ARGUMENT", "room must be a room id or name");
    const ref = parseRoomId(room, names) ?? { region: null, name: room };
    const vendor = route({
      needs: [capability],
      vendor: "vendor" in ref ? ref.vendor : pin,
      region: ref.region,
      name: ref.name,
    });
    return { adapter: adapterOf(vendor), ref: { ...ref, vendor } };
  }

  async function find({ adapter, ref }: { adapter: VendorAdapter; ref: RoomRef }): Promise<Room | undefined> {
    const rooms = await adapter.listRooms(ref.region, [ref.name]);
    return rooms.find(({ name }) => name === ref.name);
  }

  async function existing(target: { adapter: VendorAdapter; ref: RoomRef }): Promise<Room> {
    const room = await find(target);
    if (!room)
      throw new RtcError("NOT_FOUND", `there is no room ${roomId(target.ref)}`, {
        vendor: target.ref.vendor,
      });
    return room;
  }

  /** The deployments in use whose vendor can do something. */
  function places(capability: Capability): { adapter: VendorAdapter; region: string | null }[] {
    return adapters
      .filter(({ vendor, abilities }) => !choice.disabled.includes(vendor) && abilities[capability].can)
      .flatMap((adapter) => [null, ...adapter.regions()].map((region) => ({ adapter, region })))
      .filter(({ adapter, region }) => !adapter.missing(region));
  }

  return {
    recording: recordingsOf({ config, resolve, existing, recorders: () => places("rtc.recording.list") }),
    room: {
      async create(input, declared) {
        const asked = parse(roomInput, input, "the room");
        const { name, region = null, vendor: pin, enableRecording, ...settings } = asked;
        const needs: Capability[] = [
          "rtc.room.create",
          ...(enableRecording ? (["rtc.recording.start"] as const) : []),
        ];
        const vendor = route({ needs, vendor: pin, region, name });
        const target = { adapter: adapterOf(vendor), ref: { vendor, region, name } };
        const recording = enableRecording ? autoRecording(config) : undefined;
        const spec = { ...settings, name, region, recording };
        if (declared) {
          const emptyTimeoutSeconds = settings.emptyTimeoutSeconds ?? NEVER;
          return target.adapter.createRoom({ ...spec, emptyTimeoutSeconds, owner: declared.owner });
        }
        const room = (await find(target)) ?? (await target.adapter.createRoom(spec));
        const different = differences(settings, room);
        if (different.length === 0) return room;
        const list = different.map(({ text }) => text).join("; ");
        throw new RtcError("ALREADY_EXISTS", `room ${room.room} exists with other settings: ${list}`, {
          vendor,
        });
      },
      async get(room) {
        const target = resolve(room, "rtc.room.get");
        const found = await existing(target);
        const people = await target.adapter.listParticipants(target.ref);
        return { ...found, numParticipants: people.length };
      },
      async find(room, { shared = false } = {}) {
        const target = resolve(room, "rtc.room.get");
        return shared ? reads.find(target.adapter, target.ref) : find(target);
      },
      async list(page = {}) {
        const { cursor, limit } = parse(pageInput, page, "the page");
        route({ needs: ["rtc.room.list"] });
        const lists = await Promise.all(
          places("rtc.room.list").map(({ adapter, region }) => adapter.listRooms(region)),
        );
        const rooms = lists.flat().sort((a, b) => (a.room < b.room ? -1 : 1));
        return paged(rooms, cursor, limit);
      },
      async update(room, input, declared) {
        const { metadata } = parse(roomUpdateInput, input, "the update");
        const target = resolve(room, "rtc.room.update");
        const owner = declared ? declared.owner : ((await existing(target)).owner ?? undefined);
        return target.adapter.updateRoom(target.ref, metadata, owner);
      },
      async delete(room) {
        const { adapter, ref } = resolve(room, "rtc.room.delete");
        await adapter.deleteRoom(ref);
      },
    },
    token: {
      async issue({ room, ...rest }) {
        const { vendor: pin, ...asked } = parse(tokenInput, rest, "the token");
        const isRecord = typeof room === "object" && room !== null;
        const { adapter, ref } = resolve(isRecord ? room.room : room, "rtc.token.issue", pin);
        return adapter.issueToken({ ...asked, ...ref, ...(isRecord ? { settings: room } : {}) });
      },
    },
    participant: {
      async list(room) {
        const target = resolve(room, "rtc.participant.list");
        const items = await target.adapter.listParticipants(target.ref);
        // LiveKit answers an empty list for a room that does not exist.
        if (items.length === 0) await existing(target);
        return { items };
      },
      async kick(input) {
        const { room, identity } = parse(kickInput, input, "the kick");
        const { adapter, ref } = resolve(room, "rtc.participant.kick");
        await adapter.kickParticipant(ref, identity);
      },
    },
    explainRoute: (request) => explain(request, choice),
    route,
    vendors: () => names,
    roomId: (room) => roomId(resolve(room, "rtc.room.get").ref),
    endpoint: (room) => {
      const { adapter, ref } = resolve(room, "rtc.room.get");
      return adapter.endpoint(ref.region);
    },
    changesInPlace: (vendor) => adapterOf(vendor).changesInPlace,
    redact: (text) =>
      redact(
        text,
        adapters.flatMap((adapter) => adapter.secrets()),
      ),
  };
}

/** What a room's own recording is like: everything, to where the configuration says. */
function autoRecording({ recordingOutput: outputUri }: RtcConfig): NonNullable<RoomSpec["recording"]> {
  if (outputUri !== undefined) return { layout: DEFAULT_LAYOUT, audioOnly: false, outputUri };
  throw new RtcError(
    "NOT_CONFIGURED",
    `enableRecording needs ${describeKey("recordingOutput")}, which says where to`,
  );
}

/** The rooms after the cursor, which is the id of the last one shown: pages stay stable while rooms come and go. */
function paged(rooms: Room[], cursor: string | undefined, limit: number): Page<Room> {
  const after = cursor === undefined ? "" : Buffer.from(cursor, "base64url").toString();
  if (cursor !== undefined && (bytes(cursor) > 1_000 || !after.includes(":"))) {
    throw new RtcError("INVALID_ARGUMENT", "the cursor is none of this list: pass nextCursor as it came");
  }
  const rest = rooms.filter(({ room }) => room > after);
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  if (rest.length <= limit || !last) return { items };
  return { items, nextCursor: Buffer.from(last.room).toString("base64url") };
}
