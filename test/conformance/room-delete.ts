import { expect } from "vitest";
import { OWNER_KEY, type RoomResourceInput } from "../../src/contract/index.ts";
import { recordsDropped } from "./room-drops.ts";
import { recordedRooms } from "./room-recorded.ts";
import {
  declared,
  eventually,
  expectNoChanges,
  occupy,
  rejection,
  rejects,
  stackIn,
  supportedSettings,
} from "./scenes.ts";
import { type Facet, scene } from "./world.ts";

/** A change of each input that a vendor may or may not be able to make in place. */
const CHANGES: [keyof RoomResourceInput, RoomResourceInput, RoomResourceInput][] = [
  ["maxParticipants", { maxParticipants: 5 }, { maxParticipants: 6 }],
  ["maxParticipants", { maxParticipants: 5 }, {}],
  ["emptyTimeoutSeconds", { emptyTimeoutSeconds: 600 }, { emptyTimeoutSeconds: 700 }],
  ["emptyTimeoutSeconds", { emptyTimeoutSeconds: 600 }, {}],
];

export const roomDelete: Facet = {
  can: {
    "what cannot change in place makes a new room, everything else does not": scene([], async (world) => {
      const inPlace = world.connect().traits(world.vendor).changesInPlace;
      for (const [field, before, after] of CHANGES) {
        if (Object.keys(supportedSettings(world, before)).length === 0) continue;
        const { name, engine, sid } = await declared(world, before);
        const old = sid();
        const program = { hall: { name, ...after } };
        const op = inPlace.includes(field) ? "update hall" : "replace hall";
        expect(await engine.preview(program)).toEqual([op]);
        expect(await engine.up(program)).toEqual([op]);
        const { keepsRooms } = world.connect().traits(world.vendor);
        if (keepsRooms)
          expect(sid() === old, `the same room after a change of ${field}`).toBe(inPlace.includes(field));
        await expectNoChanges(world, engine, program);
      }
    }),

    "deleting twice is fine": scene([], async (world) => {
      const { name, engine } = await declared(world);
      await world.connect().room.delete(name);
      await world.connect().room.delete(name);
      expect(await engine.destroy()).toEqual(["delete hall"]);
    }),
  },
  kept: {
    "a room that is renamed is deleted under its old name": scene(["rooms"], async (world) => {
      const { name, engine } = await declared(world);
      const program = { hall: { name: world.freshName() } };
      expect(await engine.up(program)).toEqual(["replace hall"]);
      expect(await world.rooms.look(name)).toBeUndefined();
      expect(await world.rooms.look(program.hall.name)).toBeDefined();
      await expectNoChanges(world, engine, program);
    }),

    "a room that was lost at the vendor is recreated": scene(["rooms"], async (world) => {
      const { name, engine, program } = await declared(world, {
        maxParticipants: 5,
        metadata: { version: 1 },
      });
      await world.rooms.lose(name);
      expect(await engine.refresh()).toEqual(["delete hall"]);
      expect(await engine.up(program)).toEqual(["create hall"]);
      const { name: _, ...settings } = program.hall;
      expect(await world.rooms.look(name)).toMatchObject(settings);
      await expectNoChanges(world, engine, program);
    }),

    "a room with a timeout of its own that has expired is dormant, which is no drift": scene(
      ["rooms"],
      async (world) => {
        const { name, engine, program } = await declared(world, { emptyTimeoutSeconds: 600 });
        await world.rooms.lose(name);
        await expectNoChanges(world, engine, program);
        expect(await world.rooms.look(name), "no participant recreated it").toBeUndefined();
        expect(await engine.destroy()).toEqual(["delete hall"]);
      },
      { revival: true, timeout: true },
    ),

    "a room that was recreated with another limit is replaced": scene(["rooms"], async (world) => {
      const { name, engine, program } = await declared(world, { maxParticipants: 5 });
      await world.rooms.lose(name);
      await world.rooms.make(name);
      expect(await engine.refresh()).toEqual(["update hall"]);
      expect(await engine.up(program)).toEqual(["replace hall"]);
      expect(await world.rooms.look(name)).toMatchObject({ maxParticipants: 5 });
      await expectNoChanges(world, engine, program);
    }),

    "an occupied room is neither replaced nor deleted": scene(["rooms", "participants"], async (world) => {
      const { name, engine, program } = await declared(world, { maxParticipants: 5 });
      const leave = await occupy(world, name);
      const replacement = { hall: { name, maxParticipants: 6 } };
      expect(await engine.preview(replacement), "a preview only warns").toEqual(["replace hall"]);
      for (const attempt of [() => engine.up(replacement), () => engine.destroy()]) {
        const error = await rejection(world, attempt());
        expect(error.code).toBe("ROOM_OCCUPIED");
        expect(error.message).toContain("1 participant is");
      }
      expect(await world.rooms.look(name)).toMatchObject({ maxParticipants: 5 });
      await expectNoChanges(world, engine, program);
      await leave();
      expect(await engine.up(replacement)).toEqual(["replace hall"]);
      await expectNoChanges(world, engine, replacement);
    }),

    "forceDestroy deletes an occupied room": scene(["rooms", "participants"], async (world) => {
      const { name, engine } = await declared(world);
      await occupy(world, name);
      await engine.up({ hall: { name, forceDestroy: true } });
      expect(await engine.destroy()).toEqual(["delete hall"]);
      expect(await world.rooms.look(name)).toBeUndefined();
    }),

    "an agent keeps no room from being deleted": scene(["rooms", "agents"], async (world) => {
      const { name, engine } = await declared(world);
      await world.agents.join(name);
      expect(await engine.destroy()).toEqual(["delete hall"]);
      expect(await world.rooms.look(name)).toBeUndefined();
    }),

    "a room that another stack has since recreated is left alone": scene(
      ["rooms"],
      async (world) => {
        const { name, engine } = await declared(world);
        await world.rooms.lose(name);
        const other = stackIn(world, { stack: "other" });
        await other.up({ hall: { name } });
        const before = await world.rooms.look(name);
        const error = await rejection(world, engine.destroy());
        expect(error.code).toBe("ALREADY_EXISTS");
        expect(await engine.refresh()).toEqual(["delete hall"]);
        expect(await world.rooms.look(name)).toEqual(before);
        await expectNoChanges(world, other, { hall: { name } });
      },
      { tag: true },
    ),

    "a room that a participant recreates after its time is as declared once it is empty": scene(
      ["rooms", "participants"],
      async (world) => {
        const { name, engine, program } = await declared(world, {
          maxParticipants: 5,
          metadata: { version: 1 },
        });
        const record = await world.connect().room.get(name);
        const { token } = await world.connect().token.issue({ room: record, identity: "alice" });
        await world.rooms.lose(name);
        const leave = await world.participants.join(token);
        await eventually(world, async () => {
          expect((await world.connect().participant.list(name)).items).toHaveLength(1);
        });
        const back = await world.rooms.look(name);
        expect(back).toMatchObject({ maxParticipants: 5, metadata: { version: 1 } });
        expect(back?.metadata, "a stale token marks nothing as owned").not.toHaveProperty(OWNER_KEY);
        expect(back?.emptyTimeoutSeconds, "a room from a stale token dies by itself").toBeLessThan(86_400);
        expect(await engine.preview(program)).toEqual([]);
        await leave();
        await eventually(world, async () => {
          expect((await world.connect().participant.list(name)).items).toHaveLength(0);
        });
        await engine.refresh();
        expect(await engine.up(program)).toEqual(["replace hall"]);
        await expectNoChanges(world, engine, program);
      },
      { revival: true, metadata: true },
    ),
  },
  ...recordsDropped,
  ...recordedRooms.deleted,
  cannot: {
    "a room cannot be deleted": rejects("rtc.room.delete", (client, world) =>
      client.room.delete(world.freshName()),
    ),
  },
};
