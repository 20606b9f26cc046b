import {
  NEVER,
  type Place,
  type Room,
  type RoomSpec,
  RtcError,
  roomId,
  type VendorAdapter,
} from "../../src/contract/index.ts";
import type { MemoryVendor } from "./memory.ts";
import { memoryAdapter, withoutRecorder } from "./memory-adapter.ts";

/** The same vendor under another name, so that there can be two. */
export function renamed(good: VendorAdapter, vendor: string): VendorAdapter {
  const own = (room: Room): Room => ({ ...room, vendor, room: roomId({ ...room, vendor }) });
  return {
    ...good,
    vendor,
    getRoom: async (place, listed) => {
      const room = await good.getRoom(place, listed);
      return room && own(room);
    },
    listRooms: async (region, names) => (await good.listRooms(region, names)).map(own),
    createRoom: async (spec) => own(await good.createRoom(spec)),
    updateRoom: async (...change) => own(await good.updateRoom(...change)),
    issueToken: async (spec) => ({ ...(await good.issueToken(spec)), room: roomId({ ...spec, vendor }) }),
  };
}

interface FleetingOptions {
  vendor?: string;
  /** Without the keys of its server API it makes records and signs tokens. */
  hasKeys?: boolean;
  /** Whether it can list rooms that are not named. */
  lists?: boolean;
}

const NO_KEYS = "its server key is not set";

/** A vendor of on-demand rooms: one exists while participants are in it, and its settings are not enforced. */
export function fleetingAdapter(
  memory: MemoryVendor,
  { vendor = "fleeting", hasKeys = true, lists = true }: FleetingOptions = {},
): VendorAdapter {
  const good = withoutRecorder(memoryAdapter(memory, ["eu"]));
  const withKeys = () => {
    if (!hasKeys) throw new RtcError("NOT_CONFIGURED", `${vendor}: ${NO_KEYS}`, { vendor });
  };
  const call = (operation: string) => {
    withKeys();
    memory.call(operation);
  };
  // Its regions are doors to the same rooms.
  const here = ({ name }: Place): Place => ({ region: null, name });
  const participants = (place: Place) =>
    memory.room(here(place))?.inside.filter(({ isPerson }) => isPerson) ?? [];
  const record = (spec: RoomSpec): Room => {
    const { region, name, maxParticipants = null, emptyTimeoutSeconds = null, metadata = null } = spec;
    const { owner = null } = spec;
    if (emptyTimeoutSeconds === NEVER) throw new Error("A record has no timeout that was not given.");
    return {
      ...{ room: roomId({ vendor, region, name }), name, vendor, region },
      ...{
        state: participants(spec).length > 0 ? "open" : "pending",
        numParticipants: participants(spec).length,
      },
      ...{ maxParticipants, emptyTimeoutSeconds, departureTimeoutSeconds: emptyTimeoutSeconds, metadata },
      ...{ createdAt: null, sid: null, endpoint: memory.endpoint, owner },
    };
  };
  return {
    ...good,
    vendor,
    persistentRooms: undefined,
    caveats: ["its doors are locked only where its support has switched that on"],
    changesInPlace: ["maxParticipants", "emptyTimeoutSeconds", "metadata", "enableRecording"],
    deployments: () => [null],
    missing: (_region, capability) =>
      !hasKeys && /room\.(list|delete)|participant/.test(capability) ? NO_KEYS : undefined,
    roomWarnings: ({ maxParticipants }) =>
      maxParticipants === undefined ? [] : ["maxParticipants is not enforced: any participant may join"],
    secrets: () => [`${vendor}-secret`],
    getRoom: async (place) => {
      if (hasKeys) call("getRoom");
      return record(place);
    },
    listRooms: async (region, names) => {
      if (!lists && names === undefined) throw new RtcError("UNSUPPORTED", "it only gets rooms by name");
      call("listRooms");
      const all = [...memory.rooms.values()].filter(({ name }) => names?.includes(name) ?? true);
      return all.filter((room) => participants(room).length > 0).map(({ name }) => record({ region, name }));
    },
    createRoom: async (spec) => record(spec),
    updateRoom: async (place, metadata, owner) => record({ ...place, metadata, owner }),
    deleteRoom: async (place) => {
      call("closeRoom");
      memory.lose(here(place));
    },
    listParticipants: async (place) => {
      call("listParticipants");
      return participants(place).map(({ identity, joinedAt }) => ({ identity, joinedAt }));
    },
    kickParticipant: async (place, identity) => {
      withKeys();
      await good.kickParticipant(here(place), identity);
    },
    issueToken: async (spec) => ({ ...memory.sign(spec), room: roomId({ ...spec, vendor }) }),
    abilities: {
      ...good.abilities,
      ...(lists ? {} : { "rtc.room.list": { can: false, reason: "it only gets rooms by name" } }),
    },
  };
}
