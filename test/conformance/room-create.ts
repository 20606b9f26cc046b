import { expect } from "vitest";
import { OWNER_KEY, type Room, type RoomResourceInput } from "../../src/contract/index.ts";
import type { EngineOptions } from "./engine-process.ts";
import { recordedRooms } from "./room-recorded.ts";
import { recordsMade } from "./room-records.ts";
import {
  declared,
  expectedMetadata,
  expectNoChanges,
  forGood,
  rejection,
  rejects,
  stackIn,
  supportedSettings,
} from "./scenes.ts";
import { type Facet, type Scenes, scene, type World } from "./world.ts";

const metadata = { team: "core", deep: { list: [1, null, "ü"], $owned: false } };

/** A room without an ownership tag. */
const untagged: Scenes = {
  "without a place for an ownership tag only the state identifies the owner of a room, which the preview reports once":
    scene(
      ["rooms"],
      async (world) => {
        const program = { hall: { name: world.freshName() }, lobby: { name: world.freshName() } };
        const engine = stackIn(world);
        await engine.preview(program);
        const notes = engine.logs.filter((message) => message.includes("no place for an ownership tag"));
        expect(notes).toHaveLength(1);
        await engine.up(program);
        const sid = engine.state.get("hall")?.outputs["sid"];
        expect(engine.state.get("hall")?.outputs).not.toHaveProperty("owner");
        engine.state.delete("hall"); // what a killed run has not written down
        expect((await rejection(world, engine.up(program))).code).toBe("ALREADY_EXISTS");
        const adopting = { ...program, hall: { ...program.hall, adopt: true } };
        expect(await engine.up(adopting)).toEqual(["create hall"]);
        expect(engine.state.get("hall")?.outputs["sid"]).toBe(sid);
        await expectNoChanges(world, engine, adopting);
      },
      { tag: false },
    ),
};

/** Rejects a setting that rooms of the vendor cannot have: in the preview, and of a client. */
function rejectsSetting(
  settings: Pick<RoomResourceInput, "emptyTimeoutSeconds" | "metadata" | "enableRecording">,
  options: EngineOptions = {},
) {
  return async (world: World) => {
    const name = world.freshName();
    const before = world.calls();
    const engine = stackIn(world, options);
    for (const attempt of [
      () => engine.preview({ hall: { name, ...settings } }),
      () => world.connect().room.create({ name, vendor: world.vendor, ...settings }),
    ]) {
      const error = await rejection(world, attempt());
      expect(error.code).toBe("INVALID_ARGUMENT");
      expect(error.issues?.map(({ path }) => path)).toEqual(Object.keys(settings));
    }
    expect(world.calls(), "calls to the vendor").toBe(before);
  };
}

/** Rooms that cannot have every setting, or that end by themselves. */
const limited: Scenes = {
  "rejects an unsupported timeout before anything is created": scene(
    [],
    rejectsSetting({ emptyTimeoutSeconds: 600 }),
    { timeout: false },
  ),

  "rejects metadata that rooms cannot hold before anything is created": scene(
    [],
    rejectsSetting({ metadata: { version: 1 } }),
    { metadata: false },
  ),

  "rejects an unsupported recording of a whole room before anything is created": scene(
    ["recorder"],
    async (world) => {
      const { outputUri } = world.recorder;
      await rejectsSetting({ enableRecording: true }, { config: { recordingOutput: outputUri } })(world);
    },
    { roomRecording: false },
  ),

  "reports once in the preview that the vendor ends a room at a certain time": scene(
    [],
    async (world) => {
      const program = { hall: { name: world.freshName() }, lobby: { name: world.freshName() } };
      const engine = stackIn(world);
      await engine.preview(program);
      const { persistentRooms } = world.connect().traits(world.vendor);
      const seconds = `${persistentRooms?.lifetimeSeconds} seconds after its creation`;
      expect(engine.logs.filter((message) => message.includes(seconds))).toHaveLength(1);
    },
    { endless: false },
  ),

  "reports a closed room as drift and recreates it where no join brings it back": scene(
    ["rooms"],
    async (world) => {
      const { name, engine, program } = await declared(world, { emptyTimeoutSeconds: 600 });
      await world.rooms.lose(name);
      expect(await engine.refresh()).toEqual(["delete hall"]);
      expect(await engine.up(program)).toEqual(["create hall"]);
      expect(await world.rooms.observe(name)).toBeDefined();
      await expectNoChanges(world, engine, program);
    },
    { revival: false },
  ),
};

/** A name with characters that not every vendor can carry, where this one can. */
function oddName(world: World): string {
  const { vendor } = world;
  const odd = `...${world.freshName()}`;
  const { candidates } = world.connect().explainRoute({ needs: [], vendor, name: odd });
  return candidates.some((one) => one.vendor === vendor && one.field === "name") ? world.freshName() : odd;
}

export const roomCreate: Facet = {
  can: {
    "accepts an odd but legal name": scene([], async (world) => {
      const name = oddName(world);
      const engine = stackIn(world);
      await engine.up({ hall: { name } });
      expect(await world.connect().room.get(name)).toMatchObject({ name, room: `${world.vendor}:${name}` });
      await expectNoChanges(world, engine, { hall: { name } });
    }),

    "rejects all wrong inputs at once, before anything is touched": scene([], async (world) => {
      const before = world.calls();
      const wrong = { maxParticipants: 0, emptyTimeoutSeconds: 1.5, metadata: { [OWNER_KEY]: "me" } };
      const engine = stackIn(world);
      const error = await rejection(world, engine.up({ hall: { name: world.freshName(), ...wrong } }));
      expect(error.issues?.map(({ path }) => path).sort()).toEqual(Object.keys(wrong).sort());
      expect(world.calls(), "calls to the vendor").toBe(before);
    }),
  },
  persistent: {
    "creates a declared room with everything that is declared": scene(["rooms"], async (world) => {
      const name = world.freshName();
      const settings = supportedSettings(world, { maxParticipants: 12, emptyTimeoutSeconds: 600, metadata });
      const program = { hall: { name, ...settings } };
      const engine = stackIn(world);
      expect(await engine.preview(program)).toEqual(["create hall"]);
      expect(await world.rooms.observe(name), "a preview makes nothing").toBeUndefined();
      expect(await engine.up(program)).toEqual(["create hall"]);
      const state = engine.state.get("hall");
      expect(state?.id).toBe(`${world.vendor}:${name}`);
      const { emptyTimeoutSeconds: timeout = null } = settings;
      expect(await world.rooms.observe(name)).toEqual({
        maxParticipants: 12,
        emptyTimeoutSeconds: timeout,
        metadata: expectedMetadata(world, metadata, state?.outputs["owner"]),
      });
      expect(await world.connect().room.get(name)).toMatchObject({
        ...settings,
        room: `${world.vendor}:${name}`,
        state: "open",
        emptyTimeoutSeconds: timeout,
        departureTimeoutSeconds: timeout,
        numParticipants: 0,
        sid: state?.outputs["sid"],
      });
      await expectNoChanges(world, engine, program);
    }),

    "creates a room without limits that does not expire where nothing is declared": scene(
      ["rooms"],
      async (world) => {
        const name = world.freshName();
        const engine = stackIn(world);
        await engine.up({ hall: { name } });
        expect(await world.rooms.observe(name)).toMatchObject({
          maxParticipants: null,
          emptyTimeoutSeconds: forGood(world),
        });
        await expectNoChanges(world, engine, { hall: { name } });
      },
    ),

    "rejects a room that was created by hand, and leaves it unchanged": scene(["rooms"], async (world) => {
      const name = world.freshName();
      const byHand = supportedSettings(world, { maxParticipants: 5, metadata: { by: "hand" } });
      await world.rooms.make(name, byHand);
      const engine = stackIn(world);
      const program = { hall: { name, ...supportedSettings(world, { maxParticipants: 12, metadata }) } };
      const error = await rejection(world, engine.up(program));
      expect(error.code).toBe("ALREADY_EXISTS");
      expect(error.message).toContain("maxParticipants is 5, asked for 12");
      expect(error.message, "metadata may be secret").not.toContain("hand");
      expect(engine.state.size).toBe(0);
      expect(await world.rooms.observe(name)).toMatchObject(byHand);
    }),

    "adopts a room with the same limits where adopt is set": scene(["rooms"], async (world) => {
      const name = world.freshName();
      await world.rooms.make(
        name,
        supportedSettings(world, { maxParticipants: 5, metadata: { by: "hand" } }),
      );
      const program = {
        hall: { name, ...supportedSettings(world, { maxParticipants: 5, metadata }), adopt: true },
      };
      const engine = stackIn(world);
      await engine.up(program);
      const owner = engine.state.get("hall")?.outputs["owner"];
      expect(await world.rooms.observe(name)).toMatchObject({
        maxParticipants: 5,
        metadata: expectedMetadata(world, metadata, owner),
      });
      await expectNoChanges(world, engine, program);
    }),

    "rejects a room with another limit where adopt is set": scene(["rooms"], async (world) => {
      const name = world.freshName();
      await world.rooms.make(name, { maxParticipants: 5 });
      const program = { hall: { name, maxParticipants: 6, adopt: true } };
      const error = await rejection(world, stackIn(world).up(program));
      expect(error).toMatchObject({ code: "ALREADY_EXISTS" });
      expect(await world.rooms.observe(name)).toMatchObject({ maxParticipants: 5, metadata: {} });
    }),

    "rejects the second of two stacks that declare the same room": scene(["rooms"], async (world) => {
      const program = { hall: { name: world.freshName(), ...supportedSettings(world, { metadata }) } };
      const first = stackIn(world);
      await first.up(program);
      const before = await world.rooms.observe(program.hall.name);
      const second = stackIn(world, { stack: "other" });
      const other = supportedSettings(world, { metadata: { mine: true } });
      const error = await rejection(world, second.up({ hall: { ...program.hall, ...other } }));
      expect(error.code).toBe("ALREADY_EXISTS");
      expect(await world.rooms.observe(program.hall.name)).toEqual(before);
      await expectNoChanges(world, first, program);
    }),

    "creates no second room when the answer to a creation is lost": scene(
      ["lostAnswers"],
      async (world) => {
        const program = { hall: { name: world.freshName(), ...supportedSettings(world, { metadata }) } };
        const engine = stackIn(world);
        world.lostAnswers.loseNextAnswer();
        await engine.up(program).catch(() => undefined); // an adapter may try again by itself, or leave it to the next run
        const made = await find(world, program.hall.name);
        expect(made, "the room, after the first run").toBeDefined();
        await engine.up(program);
        expect((await find(world, program.hall.name))?.sid).toBe(made?.sid);
        await expectNoChanges(world, engine, program);
      },
      { tag: true },
    ),

    ...untagged,
    ...limited,

    "returns an existing room with the same settings, whoever created it": scene(["rooms"], async (world) => {
      const name = world.freshName();
      const byHand = supportedSettings(world, { maxParticipants: 5, metadata: { by: "hand" } });
      await world.rooms.make(name, byHand);
      const client = world.connect();
      expect(await client.room.create({ name })).toMatchObject({ name, ...byHand });
      expect(await client.room.create({ name, maxParticipants: 5 })).toMatchObject({ maxParticipants: 5 });
      const error = await rejection(world, client.room.create({ name, maxParticipants: 6 }));
      expect(error).toMatchObject({ code: "ALREADY_EXISTS" });
      expect(error.message).toContain("maxParticipants is 5, asked for 6");
      expect(await world.rooms.observe(name)).toMatchObject(byHand);
    }),
  },
  ...recordsMade,
  ...recordedRooms.made,
  cannot: {
    "a room that cannot be made is rejected": rejects("rtc.room.create", (client, world) =>
      client.room.create({ name: world.freshName(), vendor: world.vendor }),
    ),
  },
};

function find(world: World, name: string): Promise<Room | undefined> {
  return world.connect().room.find(`${world.vendor}:${name}`);
}
