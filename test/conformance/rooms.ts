import { expect } from "vitest";
import type { Room } from "../../src/contract/index.ts";
import { type Facet, refuses } from "./world.ts";

export const roomGet: Facet = {
  can: {
    "a room is found by its id and by its name": async (world) => {
      const name = world.freshName();
      await world.make(name, { maxParticipants: 5 });
      const client = world.connect();
      const byName = await client.room.get(name);
      expect(byName).toMatchObject({
        room: `${world.vendor}:${name}`,
        name,
        vendor: world.vendor,
        owner: null,
      });
      expect(await client.room.get(byName.room)).toEqual(byName);
    },

    "a room that is not there is NOT_FOUND, or pending where a join makes it": async (world) => {
      const found = await world
        .connect()
        .room.get(world.freshName())
        .catch((error: unknown) => error);
      if (found instanceof Error) expect(found).toMatchObject({ code: "NOT_FOUND", retryable: false });
      else expect(found).toMatchObject({ state: "pending" });
    },

    "the number of people is that of people, not of agents": async (world) => {
      const name = world.freshName();
      await world.make(name);
      await world.joinAsAgent(name);
      expect((await world.connect().room.get(name)).numParticipants).toBe(0);
    },
  },
  cannot: {
    "a room cannot be looked at": refuses("rtc.room.get", (client, world) =>
      client.room.get(world.freshName()),
    ),
  },
};

export const roomList: Facet = {
  can: {
    "the pages hold every room once": async (world) => {
      const names = Array.from({ length: 5 }, () => world.freshName());
      for (const name of names) await world.make(name);
      const client = world.connect();
      const listed: Room[] = [];
      let cursor: string | undefined;
      do {
        const page = await client.room.list({ limit: 2, ...(cursor === undefined ? {} : { cursor }) });
        expect(page.items.length).toBeLessThanOrEqual(2);
        listed.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      const ours = listed.map(({ name }) => name).filter((name) => names.includes(name));
      expect(ours.sort()).toEqual(names.sort());
    },
  },
  cannot: {
    "rooms cannot be listed": refuses("rtc.room.list", (client) => client.room.list()),
  },
};
