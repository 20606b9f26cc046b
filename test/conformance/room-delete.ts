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
    "replaces a room for what cannot change in place, and for nothing else": scene([], async (world) => {
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

    "accepts a second delete": scene([], async (world) => {
      const { name, engine } = await declared(world);
      await world.connect().room.delete(name);
      await world.connect().room.delete(name);
      expect(await engine.destroy()).toEqual(["delete hall"]);
    }),
  },
  persistent: {
    "deletes a renamed room under its old name": scene(["rooms"], async (world) => {
      const { name, engine } = await declared(world);
      const program = { hall: { name: world.freshName() } };
      expect(await engine.up(program)).toEqual(["replace hall"]);
      expect(await world.rooms.observe(name)).toBeUndefined();
      expect(await world.rooms.observe(program.hall.name)).toBeDefined();
      await expectNoChanges(world, engine, program);
    }),

    "recreates a room that the vendor has lost": scene(["rooms"], async (world) => {
      const { name, engine, program } = await declared(world, {
        maxParticipants: 5,
        metadata: { version: 1 },
      });
      await world.rooms.lose(name);
      expect(await engine.refresh()).toEqual(["delete hall"]);
      expect(await engine.up(program)).toEqual(["create hall"]);
      const { name: _, ...settings } = program.hall;
      expect(await world.rooms.observe(name)).toMatchObject(settings);
      await expectNoChanges(world, engine, program);
    }),

    "treats a room that its own timeout has closed as dormant, which is no drift": scene(
      ["rooms"],
      async (world) => {
        const { name, engine, program } = await declared(world, { emptyTimeoutSeconds: 600 });
        await world.rooms.lose(name);
        await expectNoChanges(world, engine, program);
        expect(await world.rooms.observe(name), "no participant recreated it").toBeUndefined();
        expect(await engine.destroy()).toEqual(["delete hall"]);
      },
      { revival: true, timeout: true },
    ),

    "replaces a room that was recreated with another limit": scene(["rooms"], async (world) => {
      const { name, engine, program } = await declared(world, { maxParticipants: 5 });
      await world.rooms.lose(name);
      await world.rooms.make(name);
      expect(await engine.refresh()).toEqual(["update hall"]);
      expect(await engine.up(program)).toEqual(["replace hall"]);
      expect(await world.rooms.observe(name)).toMatchObject({ maxParticipants: 5 });
      await expectNoChanges(world, engine, program);
    }),

    "neither replaces nor deletes an occupied room": scene(["rooms", "participants"], async (world) => {
      const { name, engine, program } = await declared(world, { maxParticipants: 5 });
      const leave = await occupy(world, name);
      const replacement = { hall: { name, maxParticipants: 6 } };
      expect(await engine.preview(replacement), "a preview only warns").toEqual(["replace hall"]);
      for (const attempt of [() => engine.up(replacement), () => engine.destroy()]) {
        const error = await rejection(world, attempt());
        expect(error.code).toBe("ROOM_OCCUPIED");
        expect(error.message).toContain("1 participant is");
      }
      expect(await world.rooms.observe(name)).toMatchObject({ maxParticipants: 5 });
      await expectNoChanges(world, engine, program);
      await leave();
      expect(await engine.up(replacement)).toEqual(["replace hall"]);
      await expectNoChanges(world, engine, replacement);
    }),

    "deletes an occupied room where forceDestroy is set": scene(["rooms", "participants"], async (world) => {
      const { name, engine } = await declared(world);
      await occupy(world, name);
      await engine.up({ hall: { name, forceDestroy: true } });
      expect(await engine.destroy()).toEqual(["delete hall"]);
      expect(await world.rooms.observe(name)).toBeUndefined();
    }),

    "deletes a room that only an agent occupies": scene(["rooms", "agents"], async (world) => {
      const { name, engine } = await declared(world);
      await world.agents.join(name);
      expect(await engine.destroy()).toEqual(["delete hall"]);
      expect(await world.rooms.observe(name)).toBeUndefined();
    }),

    "leaves a room alone that another stack has recreated": scene(
      ["rooms"],
      async (world) => {
        const { name, engine } = await declared(world);
        await world.rooms.lose(name);
        const other = stackIn(world, { stack: "other" });
        await other.up({ hall: { name } });
        const before = await world.rooms.observe(name);
        const error = await rejection(world, engine.destroy());
        expect(error.code).toBe("ALREADY_EXISTS");
        expect(await engine.refresh()).toEqual(["delete hall"]);
        expect(await world.rooms.observe(name)).toEqual(before);
        await expectNoChanges(world, other, { hall: { name } });
      },
      { tag: true },
    ),

    "restores a room that a participant recreates after it expired once it is empty": scene(
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
        const back = await world.rooms.observe(name);
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
