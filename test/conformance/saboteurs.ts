import { cannot, NEVER, RtcError, type VendorAdapter } from "../../src/contract/index.ts";
import { withoutRecorder } from "./memory-adapter.ts";
import type { Sabotage } from "./memory-world.ts";
import { recordingSaboteurs } from "./recording-saboteurs.ts";

/** One thing broken on purpose, and the case of the suite that must see it. */
export interface Saboteur extends Sabotage {
  caughtBy: string;
}

const NO_KICK = cannot("participants of this vendor stay where they are");

const withoutKick = (good: VendorAdapter): Partial<VendorAdapter> => ({
  abilities: { ...good.abilities, "rtc.participant.kick": NO_KICK },
});

/** By what is wrong with them. */
export const saboteurs: Record<string, Saboteur> = {
  "fails to delete what is gone": {
    caughtBy: "deleting twice is fine",
    adapter: (good, vendor) => ({
      deleteRoom: async (place) => {
        if (!vendor.room(place)) throw new RtcError("NOT_FOUND", "there is no such room");
        return good.deleteRoom(place);
      },
    }),
  },
  "quotes a secret in its errors": {
    caughtBy: "a vendor that is denied is distinguished from the others",
    adapter: (good, vendor) => ({
      getRoom: (place) =>
        good.getRoom(place).catch((error: RtcError) => {
          throw new RtcError(error.code, `${error.message}, sent with ${vendor.secret}`, error);
        }),
    }),
  },
  "ignores maxParticipants and reports that it did not": {
    caughtBy: "a declared room exists with everything that was declared",
    adapter: (good) => ({
      createRoom: async ({ maxParticipants = null, ...spec }) => {
        return { ...(await good.createRoom(spec)), maxParticipants };
      },
    }),
  },
  "forgets the metadata of a new room": {
    caughtBy: "a declared room exists with everything that was declared",
    adapter: (good) => ({ createRoom: (spec) => good.createRoom({ ...spec, metadata: undefined }) }),
  },
  "adopts whatever carries the name": {
    caughtBy: "a room that was created by hand is rejected, and left as it is",
    adapter: (good, vendor) => ({
      listRooms: async (...place) => {
        const rooms = await good.listRooms(...place);
        return rooms.filter(({ owner }) => owner !== null);
      },
      createRoom: async (spec) => {
        vendor.lose(spec);
        return good.createRoom(spec);
      },
    }),
  },
  "loses the ownership tag when it updates": {
    caughtBy: "metadata changes in place, and the room keeps its ownership tag",
    adapter: (good) => ({ updateRoom: (place, metadata) => good.updateRoom(place, metadata, undefined) }),
  },
  "does not see its own tag": {
    caughtBy: "an answer that was lost after the room was made does not make a second one",
    adapter: (good) => ({
      listRooms: async (...place) => {
        const rooms = await good.listRooms(...place);
        return rooms.map((room) => ({ ...room, owner: null }));
      },
    }),
  },
  "signs tokens for another room": {
    caughtBy: "a token is for its room, identity and time only",
    adapter: (good) => ({ issueToken: (spec) => good.issueToken({ ...spec, name: `${spec.name}-2` }) }),
  },
  "lets everybody manage the room": {
    caughtBy: "a token allows exactly what was asked for, and what it cannot carry is rejected",
    adapter: (good) => ({ issueToken: (spec) => good.issueToken({ ...spec, isAdmin: true }) }),
  },
  "signs tokens for a day, whatever was asked": {
    caughtBy: "a token is for its room, identity and time only",
    adapter: (good) => ({ issueToken: (spec) => good.issueToken({ ...spec, ttlSeconds: 86_400 }) }),
  },
  "forgets a page of its list": {
    caughtBy: "the pages hold every room once",
    client: (good) => ({
      room: {
        ...good.room,
        list: async (page) => (page?.cursor === undefined ? good.room.list(page) : { items: [] }),
      },
    }),
  },
  "counts agents as participants": {
    caughtBy: "the number of participants is that of participants, not of agents",
    adapter: (good, vendor) => ({
      getRoom: async (place) => {
        const room = await good.getRoom(place);
        return room && { ...room, numParticipants: vendor.room(place)?.inside.length ?? 0 };
      },
    }),
  },
  "takes a failure for an empty list": {
    caughtBy: "a room is not gone because the vendor did not answer",
    adapter: (good) => ({ listRooms: (...place) => good.listRooms(...place).catch(() => []) }),
  },
  "takes another server's 404 for a room that is gone": {
    caughtBy: "a vendor that is misdirected is distinguished from the others",
    adapter: (good, vendor) => ({
      deleteRoom: (place) => (vendor.fault === "misdirected" ? Promise.resolve() : good.deleteRoom(place)),
    }),
  },
  "shows settings that change by themselves": {
    caughtBy: "a room of which nothing is declared has no limit and stays for good",
    adapter: (good, vendor) => ({
      listRooms: async (...place) => {
        const rooms = await good.listRooms(...place);
        return rooms.map((room) => ({ ...room, emptyTimeoutSeconds: NEVER - vendor.calls.length }));
      },
    }),
  },
  "tries what it reported that it cannot do": {
    caughtBy: "no participant can be kicked",
    adapter: withoutKick,
    client: (good, vendor) => ({
      participant: {
        ...good.participant,
        kick: async ({ room, identity }) => {
          vendor.call("kickParticipant");
          return good.participant.kick({ room, identity });
        },
      },
    }),
  },
  ...recordingSaboteurs,
};

/** No saboteurs: they lack something, and say so. */
export const honest: Record<string, Sabotage> = {
  kick: { adapter: withoutKick },
  record: { adapter: withoutRecorder },
};
