import { expect } from "vitest";
import type { Room } from "../../src/contract/index.ts";
import { occupy, rejects } from "./scenes.ts";
import { type Facet, scene, type World } from "./world.ts";

export const roomGet: Facet = {
  can: {
    "answers NOT_FOUND for an absent room, or pending where a join creates it": scene([], async (world) => {
      const client = world.connect();
      const name = world.freshName();
      const found = await client.room.get(name).catch((error: unknown) => error);
      if (client.traits(world.vendor).keepsRooms)
        expect(found).toMatchObject({ code: "NOT_FOUND", retryable: false });
      else expect(found).toMatchObject({ room: `${world.vendor}:${name}`, state: "pending" });
    }),
  },
  persistent: {
    "finds a room by its id and by its name": scene(["rooms"], async (world) => {
      const name = world.freshName();
      await world.rooms.make(name, { maxParticipants: 5 });
      const client = world.connect();
      const byName = await client.room.get(name);
      expect(byName).toMatchObject({
        room: `${world.vendor}:${name}`,
        name,
        vendor: world.vendor,
        owner: null,
      });
      expect(await client.room.get(byName.room)).toEqual(byName);
    }),

    "does not count agents as participants": scene(["rooms", "agents"], async (world) => {
      const name = world.freshName();
      await world.rooms.make(name);
      await world.agents.join(name);
      expect((await world.connect().room.get(name)).numParticipants).toBe(0);
    }),
  },
  observable: {
    "returns an occupied room as open, by its id and by its name, and as pending before and after": scene(
      ["participants"],
      async (world) => {
        const client = world.connect();
        const name = world.freshName();
        expect(await client.room.get(name)).toMatchObject({ state: "pending", numParticipants: 0 });
        const leave = await occupy(world, name);
        const byName = await client.room.get(name);
        expect(byName).toMatchObject({ room: `${world.vendor}:${name}`, state: "open", numParticipants: 1 });
        expect(await client.room.get(byName.room)).toEqual(byName);
        await leave();
        expect(await client.room.get(name)).toMatchObject({ state: "pending", numParticipants: 0 });
      },
    ),

    "does not count a program as a participant": scene(["participants", "agents"], async (world) => {
      const name = world.freshName();
      await occupy(world, name);
      await world.agents.join(name);
      expect(await world.connect().room.get(name)).toMatchObject({ state: "open", numParticipants: 1 });
    }),
  },
  unobservable: {
    "returns null for the unknown participants of a room, without a call": scene(
      ["participants"],
      async (world) => {
        const name = world.freshName();
        await occupy(world, name);
        expect(await world.connect().room.get(name)).toMatchObject({
          state: "pending",
          numParticipants: null,
        });
        expect(world.calls()).toBe(0);
      },
    ),
  },
  cannot: {
    "rejects the read of a room": rejects("rtc.room.get", (client, world) =>
      client.room.get(world.freshName()),
    ),
  },
};

export const roomList: Facet = {
  can: {},
  persistent: {
    "returns every room once over all pages": scene(["rooms"], async (world) => {
      const names = severalPages(world);
      for (const name of names) await world.rooms.make(name);
      const listed = (await everyPage(world)).map(({ name }) => name);
      expect(listed.filter((name) => names.includes(name)).sort()).toEqual(names.sort());
    }),
  },
  observable: {
    "returns every occupied room once over all pages": scene(["participants"], async (world) => {
      const names = severalPages(world);
      for (const name of names) await occupy(world, name);
      const empty = world.freshName();
      await (await occupy(world, empty))();
      const listed = await everyPage(world);
      const ours = listed.filter(({ name }) => [...names, empty].includes(name));
      expect(ours.map(({ name }) => name).sort()).toEqual(names.sort());
      for (const room of ours) expect(room).toMatchObject({ state: "open", numParticipants: 1 });
    }),
  },
  cannot: {
    "rooms cannot be listed": rejects("rtc.room.list", (client) => client.room.list()),
  },
};

/** Names of rooms that fit neither into a page of ours nor into one of the vendor's. */
function severalPages(world: World): string[] {
  return Array.from({ length: Math.max(5, (world.pageOfRooms ?? 0) + 1) }, () => world.freshName());
}

/** All rooms of the vendor, by so many that it takes several pages. */
async function everyPage(world: World): Promise<Room[]> {
  const client = world.connect();
  const listed: Room[] = [];
  const limit = Math.max(2, Math.ceil((world.pageOfRooms ?? 0) / 5));
  let cursor: string | undefined;
  do {
    const page = await client.room.list({ limit, ...(cursor === undefined ? {} : { cursor }) });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    listed.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return listed;
}
