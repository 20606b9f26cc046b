import { expect } from "vitest";
import { expectNoChanges, occupy, stackIn } from "./scenes.ts";
import { type Facet, type Scenes, scene } from "./world.ts";

const metadata = { team: "core", deep: { list: [1, null, "ü"], $owned: false } };

/** A room that is declared where rooms are records. */
export const recordsMade: Pick<Facet, "stateOnly"> = {
  stateOnly: {
    "creates a state-only resource with everything that is declared, without a call": scene(
      [],
      async (world) => {
        const name = world.freshName();
        const settings = { name, maxParticipants: 12, emptyTimeoutSeconds: 600, metadata };
        const program = { hall: { ...settings, adopt: true } };
        const engine = stackIn(world);
        expect(await engine.preview(program)).toEqual(["create hall"]);
        expect(await engine.up(program)).toEqual(["create hall"]);
        const { outputs, id } = engine.state.get("hall") ?? {};
        const room = `${world.vendor}:${name}`;
        expect(id).toBe(room);
        expect(outputs).toMatchObject({ ...settings, room, vendor: world.vendor });
        for (const unknown of ["owner", "sid", "createdAt"]) expect(outputs).not.toHaveProperty(unknown);
        await expectNoChanges(world, engine, program);
        expect(world.calls()).toBe(0);
      },
    ),

    "reports once, in a preview, what the vendor does not enforce": scene([], async (world) => {
      const unlimited = { hall: { name: world.freshName() } };
      const limited = { hall: { ...unlimited.hall, maxParticipants: 12 } };
      const engine = stackIn(world);
      const warnings = () =>
        engine.logs.filter((message) => message.includes("maxParticipants is not enforced"));
      await engine.preview(unlimited);
      expect(warnings()).toEqual([]);
      await engine.preview(limited);
      expect(warnings()).toHaveLength(1);
      await engine.up(limited);
      await expectNoChanges(world, engine, limited);
      expect(warnings(), "and not again").toHaveLength(1);
    }),

    "reports once for all rooms what the vendor's support must first enable": scene([], async (world) => {
      const { caveats } = world.connect().traits(world.vendor);
      const program = { hall: { name: world.freshName() }, lobby: { name: world.freshName() } };
      const engine = stackIn(world);
      await engine.preview(program);
      const countCaveats = () =>
        caveats.map((caveat) => engine.logs.filter((message) => message === caveat).length);
      expect(countCaveats()).toEqual(caveats.map(() => 1));
      await engine.up(program);
      await expectNoChanges(world, engine, program);
      expect(countCaveats(), "and not again").toEqual(caveats.map(() => 1));
    }),

    "accepts a room that several stacks declare, and that is already occupied": scene(
      ["participants"],
      async (world) => {
        const { alice, in: inside } = world.participants;
        const program = { hall: { name: world.freshName(), metadata } };
        await occupy(world, program.hall.name, alice);
        const [engine, other] = [stackIn(world), stackIn(world, { stack: "other" })];
        for (const stack of [engine, other]) expect(await stack.up(program)).toEqual(["create hall"]);
        expect(await other.destroy()).toEqual(["delete hall"]);
        expect(await inside(program.hall.name)).toEqual([alice]);
        await expectNoChanges(world, engine, program);
      },
    ),

    "returns a client's room as a state-only resource with what is not enforced, however often it is created":
      scene([], async (world) => {
        const client = world.connect();
        const input = { name: world.freshName(), maxParticipants: 5, metadata };
        const record = await client.room.create(input);
        expect(record).toMatchObject({
          ...input,
          room: `${world.vendor}:${input.name}`,
          state: "pending",
          sid: null,
          owner: null,
          warnings: [expect.stringContaining("maxParticipants is not enforced")],
        });
        expect(await client.room.create(input)).toEqual(record);
        const others = { ...input, maxParticipants: 6 };
        expect(await client.room.create(others)).toMatchObject({ maxParticipants: 6 });
        expect(world.calls()).toBe(0);
      }),
  },
};

/** Changes where rooms are records. */
export const recordsChanged: Scenes = {
  "changes metadata in place, and removes it when it is no longer declared, without a call": scene(
    [],
    async (world) => {
      const name = world.freshName();
      const engine = stackIn(world);
      await engine.up({ hall: { name, metadata: { version: 1 } } });
      const program = { hall: { name, metadata: { version: 2 } } };
      expect(await engine.up(program)).toEqual(["update hall"]);
      expect(engine.state.get("hall")?.outputs).toMatchObject(program.hall);
      await expectNoChanges(world, engine, program);
      expect(await engine.up({ hall: { name } })).toEqual(["update hall"]);
      expect(engine.state.get("hall")?.outputs).not.toHaveProperty("metadata");
      await expectNoChanges(world, engine, { hall: { name } });
      expect(world.calls()).toBe(0);
    },
  ),

  "answers an update outside the stack with a record, and changes nothing": scene([], async (world) => {
    const program = { hall: { name: world.freshName(), metadata } };
    const engine = stackIn(world);
    await engine.up(program);
    const updated = await world.connect().room.update(program.hall.name, { metadata: { app: "state" } });
    expect(updated).toMatchObject({ name: program.hall.name, metadata: { app: "state" } });
    await expectNoChanges(world, engine, program);
    expect(world.calls()).toBe(0);
  }),
};
