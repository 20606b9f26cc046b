import { agoraSubject } from "./agora-world.ts";
import { changed, forEveryRoom, rule } from "./record-sabotage.ts";
import type { RecordSabotage, Variant } from "./record-world.ts";
import type { Subject } from "./suite.ts";
import { zegoSubject } from "./zego-world.ts";

/** One thing broken on purpose where rooms are records, and the scene that must see it. */
export interface RecordSaboteur extends RecordSabotage {
  of: (variant: Variant) => Subject;
  caughtBy: string;
  without?: Variant["without"];
}

/** By what is wrong with them. */
export const recordSaboteurs: Record<string, RecordSaboteur> = {
  "bans whom it kicks, for it names no time": {
    of: agoraSubject,
    caughtBy: "whoever is kicked leaves, and nobody else, and is not banned",
    adapter: (_good, config) => ({
      kickParticipant: ({ name: cname }, identity) => rule(config, { cname, uid: Number(identity) }),
    }),
  },
  "empties the channel to kick one": {
    of: agoraSubject,
    caughtBy: "whoever is kicked leaves, and nobody else, and is not banned",
    adapter: (_good, config) => ({ kickParticipant: ({ name: cname }) => rule(config, { cname, time: 0 }) }),
  },
  "kicks somebody out of every room": {
    of: agoraSubject,
    caughtBy: "to kick an absent participant is NOT_FOUND where the vendor reports it, and removes no other",
    adapter: (_good, config) => ({ kickParticipant: () => rule(config, { uid: 1001, time: 0 }) }),
  },
  "closes a room for an hour": {
    of: agoraSubject,
    caughtBy: "forced, a room closes with its participants, and no participant is banned from it",
    adapter: (_good, config) => ({ deleteRoom: ({ name: cname }) => rule(config, { cname }) }),
  },
  "closes a room that nobody has forced": {
    of: zegoSubject,
    caughtBy: "unforced, a room that is renamed or destroyed is only dropped: it closes when it is empty",
    engine: (good, connect) => ({
      ...good,
      room: changed(good.room, {
        delete: async (id, props) => {
          await connect().room.delete(id);
          await good.room.delete(id, props);
        },
      }),
    }),
  },
  "does not close a room that is forced": {
    of: zegoSubject,
    caughtBy: "forced for the whole teardown, rooms are closed, and those that are not there are fine",
    adapter: () => ({ deleteRoom: async () => {} }),
  },
  "asks the vendor to refresh a record": {
    of: agoraSubject,
    caughtBy: "participants come and go, which is no drift",
    engine: (good, connect) => ({
      ...good,
      room: changed(good.room, {
        read: async (id, props) => {
          await connect().room.get(id);
          return good.room.read(id, props);
        },
      }),
    }),
  },
  "takes a room for gone when it is empty": {
    of: zegoSubject,
    caughtBy: "participants come and go, which is no drift",
    engine: (good, connect) => ({
      ...good,
      room: changed(good.room, {
        read: async (id, props) => {
          const { state } = await connect().room.get(id);
          return state === "open" ? good.room.read(id, props) : null;
        },
      }),
    }),
  },
  "writes into the state how many participants are in": {
    of: zegoSubject,
    caughtBy: "participants come and go, which is no drift",
    engine: (good, connect) => ({
      ...good,
      room: changed(good.room, {
        read: async (id, props) => {
          const { numParticipants } = await connect().room.get(id);
          const found = await good.room.read(id, props);
          return found && { ...found, props: { ...found.props, numParticipants } };
        },
      }),
    }),
  },
  "calls the vendor to declare a room": {
    of: zegoSubject,
    caughtBy: "a room is declared, changed, refreshed and dropped while the vendor does not answer",
    adapter: (good) => ({
      createRoom: async (spec) => {
        await good.getRoom(spec);
        return good.createRoom(spec);
      },
    }),
  },
  "lets a room move to whichever vendor comes first": {
    of: agoraSubject,
    caughtBy: "a room stays where it is, whoever comes before it, also when it is recreated",
    engine: (good) => ({
      ...good,
      room: changed(good.room, {
        check: ({ vendor: _, ...olds }, news) => good.room.check(olds, news),
      }),
    }),
  },
  "reports nothing of what is not enforced": {
    of: agoraSubject,
    caughtBy: "what the vendor does not enforce is reported once, in a preview",
    adapter: () => ({ roomWarnings: () => [] }),
  },
  "counts what is no person": {
    of: zegoSubject,
    caughtBy: "a program among the participants is not counted as one",
    adapter: (good) => ({
      getRoom: async (place) => {
        const room = await good.getRoom(place);
        return room && { ...room, numParticipants: (room.numParticipants ?? 0) + 1 };
      },
    }),
  },
  "calls a room that is occupied pending": {
    of: zegoSubject,
    caughtBy: "a room is open while it is occupied, by its id and by its name, and pending before and after",
    adapter: (good) => ({ getRoom: (place) => good.createRoom(place) }),
  },
  "lists the first page of channels only": {
    of: agoraSubject,
    caughtBy: "the pages hold every occupied room once",
    adapter: (good) => ({ listRooms: async (...asked) => (await good.listRooms(...asked)).slice(0, 500) }),
  },
  "signs tokens that open every room": {
    of: zegoSubject,
    caughtBy: "a token opens no other room",
    adapter: (_good, config) => ({ issueToken: async (spec) => forEveryRoom(config, spec) }),
  },
  "signs a token that lets participants hear, although it should not": {
    of: agoraSubject,
    caughtBy: "a token allows exactly what was asked for, and what it cannot carry is rejected",
    adapter: (good) => ({ issueToken: (spec) => good.issueToken({ ...spec, canSubscribe: true }) }),
  },
  "drops a name without a word": {
    of: zegoSubject,
    caughtBy: "what only describes somebody is in the token, or left out with a warning",
    adapter: (good) => ({ issueToken: async (spec) => ({ ...(await good.issueToken(spec)), warnings: [] }) }),
  },
  "reports that it can be asked, although keys are missing": {
    of: agoraSubject,
    without: ["agoraCustomerId", "agoraCustomerSecret"],
    caughtBy: "who is in a room is listed, and since when, where the vendor reports",
    adapter: () => ({ missing: () => undefined }),
  },
  "drops a room that it was to close, where keys are missing": {
    of: agoraSubject,
    without: ["agoraCustomerId", "agoraCustomerSecret"],
    caughtBy: "what cannot be forced is reported in the preview and rejected, with the missing keys",
    engine: (good) => ({ ...good, room: changed(good.room, { delete: async () => {} }) }),
  },
};
