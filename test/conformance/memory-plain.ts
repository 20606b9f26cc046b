import { cannot, isEnded, RtcError, type VendorAdapter } from "../../src/contract/index.ts";
import type { MemoryVendor } from "./memory.ts";
import { memoryAdapter } from "./memory-adapter.ts";
import type { Sabotage } from "./memory-world.ts";

const NO_METADATA = cannot("rooms of this vendor have no metadata");
const ONE_LAYOUT = cannot("this vendor has one layout");

/**
 * A vendor that keeps rooms and is otherwise as little like LiveKit as can be: its rooms carry neither an ownership tag
 * nor metadata, end by themselves and do not come back; it issues tokens itself, and records while participants are there,
 * until it is stopped for the room.
 */
export function plainAdapter(vendor: MemoryVendor): VendorAdapter {
  vendor.endsEmptyRecordings = true;
  const good = memoryAdapter(vendor);
  const { recordings } = good;
  return {
    ...good,
    persistentRooms: { revivedByJoin: false, tagPlace: null, metadataPlace: null, lifetimeSeconds: 86_400 },
    issuesTokensByCall: true,
    badSettings: ({ enableRecording }) =>
      enableRecording ? { enableRecording: "a room is recorded only while participants are in it" } : {},
    changesInPlace: [],
    abilities: { ...good.abilities, "rtc.room.update": NO_METADATA, "rtc.recording.update": ONE_LAYOUT },
    async createRoom(spec) {
      if (spec.owner !== undefined || spec.metadata !== undefined)
        throw new Error("There is no place for an ownership tag or metadata.");
      return good.createRoom(spec);
    },
    async issueToken({ settings: _, ...spec }) {
      vendor.call("issueToken");
      return vendor.sign(spec);
    },
    recordings: recordings && {
      ...recordings,
      onlyWhileOccupied: true,
      stopsByRoom: true,
      badSettings: ({ layout }) => (layout === "grid" ? {} : { layout: "there is one layout, grid" }),
      async start(spec) {
        if (!vendor.room(spec)?.inside.some(({ isPerson }) => isPerson))
          throw new RtcError("VENDOR_ERROR", "the room has no participants to record", { vendor: "memory" });
        return recordings.start(spec);
      },
      async stop(region, id) {
        const found = await recordings.get(region, id);
        const name = vendor.recorder.recordings.get(id)?.name;
        if (found === undefined || name === undefined) return undefined;
        // A stop is of the room, where another recording may be running.
        if (isEnded(found.status)) return found;
        for (const one of vendor.recorder.runningIn({ region, name })) vendor.recorder.stop(one);
        return recordings.get(region, id);
      },
    },
  };
}

/** By what is wrong with such a vendor, and the case of the suite that must catch it. */
export const plainSaboteurs: Record<string, Sabotage & { caughtBy: string }> = {
  "replaces whatever carries the name": {
    caughtBy:
      "without a place for an ownership tag only the state identifies the owner of a room, which the preview reports once",
    adapter: (good, vendor) => ({
      listRooms: async () => [],
      createRoom: async (spec) => {
        vendor.lose(spec);
        return good.createRoom(spec);
      },
    }),
  },
  "drops the metadata that it cannot hold": {
    caughtBy: "rejects metadata that rooms cannot hold before anything is created",
    client: (good) => ({
      room: {
        ...good.room,
        create: ({ metadata: _, ...input }, declared) => good.room.create(input, declared),
      },
    }),
  },
  "asks for a token twice": {
    caughtBy: "makes one call for a token that the vendor issues",
    adapter: (good) => ({
      issueToken: async (spec) => {
        await good.issueToken(spec);
        return good.issueToken(spec);
      },
    }),
  },
  "does not find a running recording": {
    caughtBy: "allows a room one recording at a time, since a stop ends all of them",
    adapter: ({ recordings: good }) => ({ recordings: good && { ...good, list: async () => [] } }),
  },
  "does not stop": {
    caughtBy: "returns the file of a stopped recording, and accepts a second stop",
    adapter: ({ recordings: good }) => ({
      recordings: good && { ...good, stop: (region, id) => good.get(region, id) },
    }),
  },
  "stops whichever recording of the room runs": {
    caughtBy: "ends no other recording of the room when an ended one is stopped",
    adapter: ({ recordings: good }, vendor) => ({
      recordings: good && {
        ...good,
        stop: async (region, id) => {
          const name = vendor.recorder.recordings.get(id)?.name ?? "";
          for (const one of vendor.recorder.runningIn({ region, name })) vendor.recorder.stop(one);
          return good.get(region, id);
        },
      },
    }),
  },
  "does not check whether a recording has begun whose start was not answered": {
    caughtBy:
      "finds the recording when the answer to a start in an occupied room is lost, and does not repeat the start",
    adapter: ({ recordings: good }, vendor) => ({
      recordings: good && {
        ...good,
        start: async (spec) => {
          const isLost = vendor.recorder.losesNextAnswer;
          const started = await good.start(spec);
          if (isLost) throw new RtcError("UNAVAILABLE", "the answer was lost", { vendor: "memory" });
          return started;
        },
      },
    }),
  },
  "ends recordings of occupied rooms": {
    caughtBy:
      "does not delete a recording while participants are in the room, and ends it with its file afterwards",
    adapter: (good) => ({
      getRoom: async (place, listed) => {
        const room = await good.getRoom(place, listed);
        return room && { ...room, numParticipants: 0 };
      },
    }),
  },
};
