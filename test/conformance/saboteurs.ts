import { cannot, NEVER, RtcError, type VendorAdapter } from "../../src/contract/index.ts";
import { withoutRecorder } from "./memory-adapter.ts";
import type { Sabotage } from "./memory-world.ts";
import { recordingSaboteurs } from "./recording-saboteurs.ts";

/** One thing broken on purpose, and the case of the suite that must catch it. */
export interface Saboteur extends Sabotage {
  caughtBy: string;
}

const NO_KICK = cannot("participants of this vendor stay where they are");

const withoutKick = (good: VendorAdapter): Partial<VendorAdapter> => ({
  abilities: { ...good.abilities, "rtc.participant.kick": NO_KICK },
});

/** By what is wrong with them. */
export const saboteurs: Record<string, Saboteur> = {
  "fails to delete an absent room": {
    caughtBy: "accepts a second delete",
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
  "ignores maxParticipants and reports it as applied": {
    caughtBy: "creates a declared room with everything that is declared",
    adapter: (good) => ({
      createRoom: async ({ maxParticipants = null, ...spec }) => {
        return { ...(await good.createRoom(spec)), maxParticipants };
      },
    }),
  },
  "drops the metadata of a new room": {
    caughtBy: "creates a declared room with everything that is declared",
    adapter: (good) => ({ createRoom: (spec) => good.createRoom({ ...spec, metadata: undefined }) }),
  },
  "adopts any room of the name": {
    caughtBy: "rejects a room that was created by hand, and leaves it unchanged",
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
    caughtBy: "changes metadata in place, and preserves the ownership tag",
    adapter: (good) => ({ updateRoom: (place, metadata) => good.updateRoom(place, metadata, undefined) }),
  },
  "does not recognize its own tag": {
    caughtBy: "creates no second room when the answer to a creation is lost",
    adapter: (good) => ({
      listRooms: async (...place) => {
        const rooms = await good.listRooms(...place);
        return rooms.map((room) => ({ ...room, owner: null }));
      },
    }),
  },
  "signs tokens for another room": {
    caughtBy: "issues a token for its room, identity and lifetime only",
    adapter: (good) => ({ issueToken: (spec) => good.issueToken({ ...spec, name: `${spec.name}-2` }) }),
  },
  "lets every participant manage the room": {
    caughtBy: "issues exactly the permissions that were asked for, and rejects those a token cannot carry",
    adapter: (good) => ({ issueToken: (spec) => good.issueToken({ ...spec, isAdmin: true }) }),
  },
  "signs tokens for a day, whatever was asked": {
    caughtBy: "issues a token for its room, identity and lifetime only",
    adapter: (good) => ({ issueToken: (spec) => good.issueToken({ ...spec, ttlSeconds: 86_400 }) }),
  },
  "leaves a page out of its list": {
    caughtBy: "returns every room once over all pages",
    client: (good) => ({
      room: {
        ...good.room,
        list: async (page) => (page?.cursor === undefined ? good.room.list(page) : { items: [] }),
      },
    }),
  },
  "counts agents as participants": {
    caughtBy: "does not count agents as participants",
    adapter: (good, vendor) => ({
      getRoom: async (place) => {
        const room = await good.getRoom(place);
        return room && { ...room, numParticipants: vendor.room(place)?.inside.length ?? 0 };
      },
    }),
  },
  "takes a failure for an empty list": {
    caughtBy: "does not take a room for gone when the vendor does not answer",
    adapter: (good) => ({ listRooms: (...place) => good.listRooms(...place).catch(() => []) }),
  },
  "takes another server's 404 for a room that is gone": {
    caughtBy: "a vendor that is misdirected is distinguished from the others",
    adapter: (good, vendor) => ({
      deleteRoom: (place) => (vendor.fault === "misdirected" ? Promise.resolve() : good.deleteRoom(place)),
    }),
  },
  "shows settings that change by themselves": {
    caughtBy: "creates a room without limits that does not expire where nothing is declared",
    adapter: (good, vendor) => ({
      listRooms: async (...place) => {
        const rooms = await good.listRooms(...place);
        return rooms.map((room) => ({ ...room, emptyTimeoutSeconds: NEVER - vendor.calls.length }));
      },
    }),
  },
  "tries what it advertises that it cannot do": {
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
