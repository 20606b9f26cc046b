import {
  type Ability,
  type Capability,
  can,
  cannot,
  OWNER_KEY,
  RtcError,
  type VendorAdapter,
} from "../../src/contract/index.ts";
import type { MemoryVendor } from "./memory.ts";
import { memoryRecordings } from "./memory-recordings.ts";

const abilities: Record<Capability, Ability> = {
  "rtc.room.create": can,
  "rtc.room.get": can,
  "rtc.room.list": can,
  "rtc.room.update": can,
  "rtc.room.delete": can,
  "rtc.token.issue": can,
  "rtc.participant.list": can,
  "rtc.participant.kick": can,
  "rtc.recording.start": can,
  "rtc.recording.stop": can,
  "rtc.recording.get": can,
  "rtc.recording.list": can,
  "rtc.recording.update": can,
};

const NO_RECORDER = cannot("there is nothing to record with");

/** The same without a recorder, as it advertises. */
export function withoutRecorder(good: VendorAdapter): VendorAdapter {
  const of = Object.keys(good.abilities).filter((capability) => capability.startsWith("rtc.recording."));
  const lacking = Object.fromEntries(of.map((capability) => [capability, NO_RECORDER]));
  return { ...good, recordings: undefined, abilities: { ...good.abilities, ...lacking } };
}

/** A correct adapter without a network: quick to test with, and easy to break on purpose. */
export function memoryAdapter(vendor: MemoryVendor, regions: string[] = []): VendorAdapter {
  const marked = (metadata = {}, owner?: string) =>
    owner === undefined ? metadata : { ...metadata, [OWNER_KEY]: owner };
  return {
    vendor: "memory",
    abilities,
    persistentRooms: {
      revivedByJoin: true,
      tagPlace: "the room's metadata",
      metadataPlace: "the room's metadata",
      lifetimeSeconds: null,
    },
    issuesTokensByCall: false,
    caveats: [],
    changesInPlace: ["metadata"],
    regions: () => regions,
    deployments: () => [null, ...regions],
    missing: () => undefined,
    badName: (name) => (name.includes("\0") ? "a name has no NUL" : undefined),
    endpoint: () => vendor.endpoint,
    secrets: () => [vendor.secret, vendor.storageKey],
    badSettings: () => ({}),
    roomWarnings: ({ enableRecording }) =>
      enableRecording ? ["enableRecording covers the room's first session only"] : [],
    async getRoom(place, listed) {
      if (!listed) vendor.call("listRooms");
      const room = vendor.room(place);
      if (!room) return undefined;
      vendor.call("listParticipants");
      return {
        ...vendor.record(room),
        numParticipants: room.inside.filter(({ isPerson }) => isPerson).length,
      };
    },
    async listRooms(region, names) {
      vendor.call("listRooms");
      const rooms = [...vendor.rooms.values()].filter((room) => room.region === region);
      return rooms.filter(({ name }) => names?.includes(name) ?? true).map((room) => vendor.record(room));
    },
    async createRoom({ region, name, maxParticipants, emptyTimeoutSeconds, metadata, owner, recording }) {
      vendor.call("createRoom");
      const isNew = vendor.room({ region, name }) === undefined;
      const timeouts =
        emptyTimeoutSeconds === undefined
          ? {}
          : { emptyTimeoutSeconds, departureTimeoutSeconds: emptyTimeoutSeconds };
      const room =
        vendor.room({ region, name }) ??
        vendor.make(
          { region, name },
          {
            ...(maxParticipants === undefined ? {} : { maxParticipants }),
            ...timeouts,
            metadata: marked(metadata, owner),
          },
        );
      if (recording && isNew) vendor.recorder.begin({ ...recording, region, name }, room.sid);
      if (vendor.losesNextAnswer) {
        vendor.losesNextAnswer = false;
        throw new RtcError("UNAVAILABLE", "memory createRoom: the answer was lost", { vendor: "memory" });
      }
      return vendor.record(room);
    },
    async updateRoom(place, metadata, owner) {
      vendor.call("updateRoom");
      const room = vendor.room(place);
      if (!room) throw new RtcError("NOT_FOUND", `there is no room ${place.name}`, { vendor: "memory" });
      room.metadata = marked(metadata, owner);
      return vendor.record(room);
    },
    async deleteRoom(place) {
      vendor.call("deleteRoom");
      vendor.lose(place);
    },
    async listParticipants(place) {
      vendor.call("listParticipants");
      const participants = vendor.room(place)?.inside.filter(({ isPerson }) => isPerson) ?? [];
      return participants.map(({ identity, displayName, joinedAt }) => ({
        identity,
        joinedAt,
        ...(displayName === undefined ? {} : { displayName }),
      }));
    },
    async kickParticipant(place, identity) {
      vendor.call("kickParticipant");
      const room = vendor.room(place);
      const left = room?.inside.filter((attendee) => attendee.identity !== identity);
      if (!room || !left || left.length === room.inside.length) {
        throw new RtcError("NOT_FOUND", `there is no participant ${identity} in room ${place.name}`, {
          vendor: "memory",
        });
      }
      room.inside = left;
    },
    async issueToken(spec) {
      const { settings } = spec;
      const named = "the token carries only the name of the room";
      return { ...vendor.sign(spec), ...(settings === undefined ? { warnings: [named] } : {}) };
    },
    recordings: memoryRecordings(vendor),
  };
}
