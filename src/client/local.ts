import {
  type Capability,
  DEFAULT_LAYOUT,
  differences,
  invalid,
  kickInput,
  NEVER,
  pageInput,
  parse,
  parseRoomId,
  type Room,
  type RoomRef,
  type RoomSpec,
  RtcError,
  readConfig,
  recordingOutputProblem,
  roomId,
  roomInput,
  roomUpdateInput,
  tokenInput,
} from "../contract";
import type { VendorAdapter } from "../contract/adapter";
import type { RtcConfig } from "../contract/inputs";
import { explain, type RouteRequest } from "../routing/route";
import { redact } from "../support/redact";
import { registry } from "../vendors/registry";

import { type Deployment, deploymentsThatCan, everyRoom, paged } from "./listing";
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
  const reads = new SharedReads<Room>();

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
    return (await find(target)) ?? missingRoom(target.ref);
  }

  /** The deployments in use that can do something, or why there is none. */
  function deployments(capability: Capability): Deployment[] {
    const found = deploymentsThatCan(capability, adapters, choice.disabled);
    if (found.length === 0) route({ needs: [capability] });
    return found;
  }

  return {
    recording: recordingsOf({
      config,
      resolve,
      existing,
      recorders: () => deployments("rtc.recording.list"),
    }),
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
          return reads.changing(
            target.adapter.createRoom({ ...spec, emptyTimeoutSeconds, owner: declared.owner }),
          );
        }
        const found = await find(target);
        if (found && recording) {
          const message = `room ${found.room} exists, and enableRecording is for new ones: start a recording of it instead`;
          throw new RtcError("ALREADY_EXISTS", message, { vendor });
        }
        const room = found ?? (await reads.changing(target.adapter.createRoom(spec)));
        const different = differences(settings, room);
        if (different.length === 0) return room;
        const list = different.map(({ text }) => text).join("; ");
        throw new RtcError("ALREADY_EXISTS", `room ${room.room} exists with other settings: ${list}`, {
          vendor,
        });
      },
      async get(room) {
        const { adapter, ref } = resolve(room, "rtc.room.get");
        return (await adapter.getRoom(ref)) ?? missingRoom(ref);
      },
      async find(room, { shared = false } = {}) {
        const target = resolve(room, "rtc.room.get");
        const { adapter, ref } = target;
        if (!shared) return find(target);
        return reads.find(
          roomId({ ...ref, name: "" }),
          ref.name,
          () => adapter.listRooms(ref.region),
          nameOf,
        );
      },
      async list(page = {}) {
        const { cursor, limit } = parse(pageInput, page, "the page");
        return paged(await everyRoom(deployments("rtc.room.list")), cursor, limit);
      },
      async update(room, input, declared) {
        const { metadata } = parse(roomUpdateInput, input, "the update");
        const target = resolve(room, "rtc.room.update");
        const owner = declared ? declared.owner : ((await existing(target)).owner ?? undefined);
        return reads.changing(target.adapter.updateRoom(target.ref, metadata, owner));
      },
      async delete(room) {
        const { adapter, ref } = resolve(room, "rtc.room.delete");
        await reads.changing(adapter.deleteRoom(ref));
      },
    },
    token: {
      async issue(input) {
        const { room, vendor: pin, ...asked } = parse(tokenInput, input, "the token");
        const settings = typeof room === "string" ? undefined : room;
        const { adapter, ref } = resolve(typeof room === "string" ? room : room.room, "rtc.token.issue", pin);
        return adapter.issueToken({ ...asked, ...ref, ...(settings && { settings }) });
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

function missingRoom(ref: RoomRef): never {
  throw new RtcError("NOT_FOUND", `there is no room ${roomId(ref)}`, { vendor: ref.vendor });
}

function nameOf({ name }: Room): string {
  return name;
}

/** What a room's own recording is like: everything, to where the configuration says. */
function autoRecording({ recordingOutput: outputUri }: RtcConfig): NonNullable<RoomSpec["recording"]> {
  const problem = recordingOutputProblem(outputUri, false);
  if (outputUri === undefined || problem !== undefined)
    throw new RtcError("NOT_CONFIGURED", `enableRecording: ${problem}`);
  return { layout: DEFAULT_LAYOUT, audioOnly: false, outputUri };
}
