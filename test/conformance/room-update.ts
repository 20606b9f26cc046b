import { expect } from "vitest";
import { OWNER_KEY } from "../../src/contract/index.ts";
import type { Program } from "./engine.ts";
import { recordedRooms } from "./room-recorded.ts";
import { recordsChanged } from "./room-records.ts";
import { declared, expectNoChanges, rejection, rejects } from "./scenes.ts";
import { type Facet, scene } from "./world.ts";

export const roomUpdate: Facet = {
  can: {},
  persistent: {
    "changes metadata in place, and preserves the ownership tag": scene(["rooms"], async (world) => {
      const { name, engine, sid } = await declared(world, { metadata: { version: 1 } });
      const before = sid();
      const owner = engine.state.get("hall")?.outputs["owner"];
      const program: Program = { hall: { name, metadata: { version: 2 } } };
      expect(await engine.up(program)).toEqual(["update hall"]);
      expect((await world.rooms.observe(name))?.metadata).toEqual({ version: 2, [OWNER_KEY]: owner });
      expect(sid()).toBe(before);
      await expectNoChanges(world, engine, program);
    }),

    "removes metadata that is no longer declared": scene([], async (world) => {
      const { name, engine } = await declared(world, { metadata: { version: 1 } });
      await engine.up({ hall: { name } });
      expect(await world.connect().room.get(name)).toMatchObject({ metadata: {} });
      await expectNoChanges(world, engine, { hall: { name } });
    }),

    "restores metadata that was changed by hand with a refresh and a run": scene(["rooms"], async (world) => {
      const { name, engine, program } = await declared(world, { metadata: { version: 1 } });
      await world.rooms.edit(name, { version: "by hand" });
      expect(await engine.refresh()).toEqual(["update hall"]);
      expect(await engine.up(program)).toEqual(["update hall"]);
      const owner = engine.state.get("hall")?.outputs["owner"];
      expect((await world.rooms.observe(name))?.metadata).toEqual({ version: 1, [OWNER_KEY]: owner });
      await expectNoChanges(world, engine, program);
    }),

    "leaves undeclared metadata unchanged": scene(["rooms"], async (world) => {
      const { name, engine, program } = await declared(world);
      await world.rooms.edit(name, { app: "state" });
      // The tag goes with it where it is a part of the metadata, and stays where it has a place of its own.
      const byHand = (await world.rooms.observe(name))?.metadata;
      expect(byHand).toMatchObject({ app: "state" });
      await expectNoChanges(world, engine, program);
      expect((await world.rooms.observe(name))?.metadata).toEqual(byHand);
    }),

    "preserves the ownership tag in an update outside the stack": scene(["rooms"], async (world) => {
      const { name, engine, program } = await declared(world);
      const updated = await world.connect().room.update(name, { metadata: { app: "state" } });
      expect(updated.metadata).toEqual({ app: "state" });
      const owner = engine.state.get("hall")?.outputs["owner"];
      expect((await world.rooms.observe(name))?.metadata).toEqual({ app: "state", [OWNER_KEY]: owner });
      await expectNoChanges(world, engine, program);
    }),

    "rejects the update of an absent room": scene([], async (world) => {
      const update = world.connect().room.update(world.freshName(), { metadata: {} });
      expect(await rejection(world, update)).toMatchObject({ code: "NOT_FOUND" });
    }),
  },
  stateOnly: recordsChanged,
  ...recordedRooms.changed,
  cannot: {
    "an update past the stack is rejected": rejects("rtc.room.update", (client, world) =>
      client.room.update(world.freshName(), { metadata: {} }),
    ),
  },
};
