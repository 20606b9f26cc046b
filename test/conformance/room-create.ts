import { expect } from "vitest";
import { NEVER, OWNER_KEY, type Room } from "../../src/contract/index.ts";
import { recordsMade } from "./room-records.ts";
import { remembered } from "./room-remembered.ts";
import { refusal, refuses, settled, stackIn } from "./scenes.ts";
import { type Facet, scene, type World } from "./world.ts";

const metadata = { team: "core", deep: { list: [1, null, "ü"], $owned: false } };

export const roomCreate: Facet = {
  can: {
    "an odd but legal name works": scene([], async (world) => {
      const name = `...${world.freshName()}`;
      const engine = stackIn(world);
      await engine.up({ hall: { name } });
      expect(await world.connect().room.get(name)).toMatchObject({ name, room: `${world.vendor}:${name}` });
      await settled(world, engine, { hall: { name } });
    }),

    "wrong inputs are refused all at once, before anything is touched": scene([], async (world) => {
      const before = world.calls();
      const wrong = { maxParticipants: 0, emptyTimeoutSeconds: 1.5, metadata: { [OWNER_KEY]: "me" } };
      const engine = stackIn(world);
      const error = await refusal(world, engine.up({ hall: { name: world.freshName(), ...wrong } }));
      expect(error.issues?.map(({ path }) => path).sort()).toEqual(Object.keys(wrong).sort());
      expect(world.calls(), "calls to the vendor").toBe(before);
    }),
  },
  kept: {
    "a declared room exists with everything that was declared": scene(["rooms"], async (world) => {
      const name = world.freshName();
      const program = { hall: { name, maxParticipants: 12, emptyTimeoutSeconds: 600, metadata } };
      const engine = stackIn(world);
      expect(await engine.preview(program)).toEqual(["create hall"]);
      expect(await world.rooms.look(name), "a preview makes nothing").toBeUndefined();
      expect(await engine.up(program)).toEqual(["create hall"]);
      const state = engine.state.get("hall");
      expect(state?.id).toBe(`${world.vendor}:${name}`);
      expect(await world.rooms.look(name)).toEqual({
        maxParticipants: 12,
        emptyTimeoutSeconds: 600,
        metadata: { ...metadata, [OWNER_KEY]: state?.outputs["owner"] },
      });
      expect(await world.connect().room.get(name)).toMatchObject({
        room: `${world.vendor}:${name}`,
        state: "open",
        maxParticipants: 12,
        emptyTimeoutSeconds: 600,
        departureTimeoutSeconds: 600,
        numParticipants: 0,
        metadata,
        sid: state?.outputs["sid"],
      });
      await settled(world, engine, program);
    }),

    "a room of which nothing is declared has no limit and stays for good": scene(["rooms"], async (world) => {
      const name = world.freshName();
      const engine = stackIn(world);
      await engine.up({ hall: { name } });
      expect(await world.rooms.look(name)).toMatchObject({
        maxParticipants: null,
        emptyTimeoutSeconds: NEVER,
      });
      await settled(world, engine, { hall: { name } });
    }),

    "a room that somebody made by hand is refused, and left as it is": scene(["rooms"], async (world) => {
      const name = world.freshName();
      await world.rooms.make(name, { maxParticipants: 5, metadata: { by: "hand" } });
      const engine = stackIn(world);
      const error = await refusal(world, engine.up({ hall: { name, maxParticipants: 12, metadata } }));
      expect(error.code).toBe("ALREADY_EXISTS");
      expect(error.message).toContain("maxParticipants is 5, asked for 12");
      expect(error.message, "metadata may be secret").not.toContain("hand");
      expect(engine.state.size).toBe(0);
      expect(await world.rooms.look(name)).toMatchObject({ maxParticipants: 5, metadata: { by: "hand" } });
    }),

    "adopt adopts a room whose limits agree": scene(["rooms"], async (world) => {
      const name = world.freshName();
      await world.rooms.make(name, { maxParticipants: 5, metadata: { by: "hand" } });
      const program = { hall: { name, maxParticipants: 5, metadata, adopt: true } };
      const engine = stackIn(world);
      await engine.up(program);
      const owner = engine.state.get("hall")?.outputs["owner"];
      expect(await world.rooms.look(name)).toMatchObject({
        maxParticipants: 5,
        metadata: { ...metadata, [OWNER_KEY]: owner },
      });
      await settled(world, engine, program);
    }),

    "adopt refuses a room with another limit": scene(["rooms"], async (world) => {
      const name = world.freshName();
      await world.rooms.make(name, { maxParticipants: 5 });
      const program = { hall: { name, maxParticipants: 6, adopt: true } };
      const error = await refusal(world, stackIn(world).up(program));
      expect(error).toMatchObject({ code: "ALREADY_EXISTS" });
      expect(await world.rooms.look(name)).toMatchObject({ maxParticipants: 5, metadata: {} });
    }),

    "of two stacks that declare the same room the second is refused": scene(["rooms"], async (world) => {
      const program = { hall: { name: world.freshName(), metadata } };
      const first = stackIn(world);
      await first.up(program);
      const before = await world.rooms.look(program.hall.name);
      const second = stackIn(world, { stack: "other" });
      const error = await refusal(world, second.up({ hall: { ...program.hall, metadata: { mine: true } } }));
      expect(error.code).toBe("ALREADY_EXISTS");
      expect(await world.rooms.look(program.hall.name)).toEqual(before);
      await settled(world, first, program);
    }),

    "an answer that was lost after the room was made does not make a second one": scene(
      ["lostAnswers"],
      async (world) => {
        const program = { hall: { name: world.freshName(), metadata } };
        const engine = stackIn(world);
        world.lostAnswers.loseNextAnswer();
        await engine.up(program).catch(() => undefined); // an adapter may try again by itself, or leave it to the next run
        const made = await find(world, program.hall.name);
        expect(made, "the room, after the first run").toBeDefined();
        await engine.up(program);
        expect((await find(world, program.hall.name))?.sid).toBe(made?.sid);
        await settled(world, engine, program);
      },
    ),

    "a room that exists is returned when the settings that were given agree, whoever made it": scene(
      ["rooms"],
      async (world) => {
        const name = world.freshName();
        await world.rooms.make(name, { maxParticipants: 5, metadata: { by: "hand" } });
        const client = world.connect();
        expect(await client.room.create({ name })).toMatchObject({
          name,
          maxParticipants: 5,
          metadata: { by: "hand" },
        });
        expect(await client.room.create({ name, maxParticipants: 5 })).toMatchObject({ maxParticipants: 5 });
        const error = await refusal(world, client.room.create({ name, maxParticipants: 6 }));
        expect(error).toMatchObject({ code: "ALREADY_EXISTS" });
        expect(error.message).toContain("maxParticipants is 5, asked for 6");
        expect(await world.rooms.look(name)).toMatchObject({ maxParticipants: 5, metadata: { by: "hand" } });
      },
    ),
  },
  ...recordsMade,
  ...remembered.made,
  cannot: {
    "a room that cannot be made is refused": refuses("rtc.room.create", (client, world) =>
      client.room.create({ name: world.freshName(), vendor: world.vendor }),
    ),
  },
};

function find(world: World, name: string): Promise<Room | undefined> {
  return world.connect().room.find(`${world.vendor}:${name}`);
}
