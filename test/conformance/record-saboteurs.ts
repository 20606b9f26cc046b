import { agoraSubject } from "./agora-world.ts";
import { changed, forEveryRoom, rule } from "./record-sabotage.ts";
import type { RecordSabotage, Variant } from "./record-world.ts";
import type { Subject } from "./suite.ts";
import { zegoSubject } from "./zego-world.ts";

/** One thing broken on purpose where rooms are on demand, and the scene that must catch it. */
export interface RecordSaboteur extends RecordSabotage {
  of: (variant: Variant) => Subject;
  caughtBy: string;
  without?: Variant["without"];
}

/** By what is wrong with them. */
export const recordSaboteurs: Record<string, RecordSaboteur> = {
  "bans a kicked participant, since it names no time": {
    of: agoraSubject,
    caughtBy: "removes the kicked participant and no other, and does not ban them",
    adapter: (_good, config) => ({
      kickParticipant: ({ name: cname }, identity) => rule(config, { cname, uid: Number(identity) }),
    }),
  },
  "empties the channel to kick one": {
    of: agoraSubject,
    caughtBy: "removes the kicked participant and no other, and does not ban them",
    adapter: (_good, config) => ({ kickParticipant: ({ name: cname }) => rule(config, { cname, time: 0 }) }),
  },
  "kicks a participant out of every room": {
    of: agoraSubject,
    caughtBy: "answers NOT_FOUND for an absent participant where the vendor reports it, and removes no other",
    adapter: (_good, config) => ({ kickParticipant: () => rule(config, { uid: 1001, time: 0 }) }),
  },
  "closes a room for an hour": {
    of: agoraSubject,
    caughtBy: "closes a room with its participants by force, and bans no participant from it",
    adapter: (_good, config) => ({ deleteRoom: ({ name: cname }) => rule(config, { cname }) }),
  },
  "closes a room without force": {
    of: zegoSubject,
    caughtBy: "only drops a renamed or destroyed room without force: it closes when it is empty",
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
    caughtBy: "closes rooms where the whole teardown is forced, and accepts absent ones",
    adapter: () => ({ deleteRoom: async () => {} }),
  },
  "asks the vendor to refresh a record": {
    of: agoraSubject,
    caughtBy: "reports no drift while participants join and leave",
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
    caughtBy: "reports no drift while participants join and leave",
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
  "stores the number of participants in the state": {
    of: zegoSubject,
    caughtBy: "reports no drift while participants join and leave",
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
    caughtBy: "declares, changes, refreshes and drops a room while the vendor does not answer",
    adapter: (good) => ({
      createRoom: async (spec) => {
        await good.getRoom(spec);
        return good.createRoom(spec);
      },
    }),
  },
  "lets a room move to whichever vendor comes first": {
    of: agoraSubject,
    caughtBy: "leaves a room at its vendor when another vendor comes first, also when it is recreated",
    engine: (good) => ({
      ...good,
      room: changed(good.room, {
        check: ({ vendor: _, ...olds }, news) => good.room.check(olds, news),
      }),
    }),
  },
  "reports nothing of what is not enforced": {
    of: agoraSubject,
    caughtBy: "reports once, in a preview, what the vendor does not enforce",
    adapter: () => ({ roomWarnings: () => [] }),
  },
  "counts agents as participants": {
    of: zegoSubject,
    caughtBy: "does not count a program as a participant",
    adapter: (good) => ({
      getRoom: async (place) => {
        const room = await good.getRoom(place);
        return room && { ...room, numParticipants: (room.numParticipants ?? 0) + 1 };
      },
    }),
  },
  "calls a room that is occupied pending": {
    of: zegoSubject,
    caughtBy: "returns an occupied room as open, by its id and by its name, and as pending before and after",
    adapter: (good) => ({ getRoom: (place) => good.createRoom(place) }),
  },
  "lists the first page of channels only": {
    of: agoraSubject,
    caughtBy: "returns every occupied room once over all pages",
    adapter: (good) => ({ listRooms: async (...asked) => (await good.listRooms(...asked)).slice(0, 500) }),
  },
  "signs tokens that open every room": {
    of: zegoSubject,
    caughtBy: "rejects a token in another room",
    adapter: (_good, config) => ({ issueToken: async (spec) => forEveryRoom(config, spec) }),
  },
  "signs a token that lets participants subscribe, although it should not": {
    of: agoraSubject,
    caughtBy: "issues exactly the permissions that were asked for, and rejects those a token cannot carry",
    adapter: (good) => ({ issueToken: (spec) => good.issueToken({ ...spec, canSubscribe: true }) }),
  },
  "drops a name without a warning": {
    of: zegoSubject,
    caughtBy: "includes what only describes a participant in the token, or leaves it out with a warning",
    adapter: (good) => ({ issueToken: async (spec) => ({ ...(await good.issueToken(spec)), warnings: [] }) }),
  },
  "advertises a read although keys are missing": {
    of: agoraSubject,
    without: ["agoraCustomerId", "agoraCustomerSecret"],
    caughtBy: "lists the participants of a room, and since when where the vendor reports it",
    adapter: () => ({ missing: () => undefined }),
  },
  "drops a room that it was to close, where keys are missing": {
    of: agoraSubject,
    without: ["agoraCustomerId", "agoraCustomerSecret"],
    caughtBy: "reports in the preview what cannot be forced, and rejects it, with the missing keys",
    engine: (good) => ({ ...good, room: changed(good.room, { delete: async () => {} }) }),
  },
};
