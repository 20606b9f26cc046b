import { expect } from "vitest";
import { eventually, type Facet, occupy, refusal, refuses } from "./world.ts";

export const participantList: Facet = {
  can: {
    "people are listed, agents are not": async (world) => {
      const name = world.freshName();
      await world.make(name);
      await world.joinAsAgent(name);
      await occupy(world, name, "alice");
      const { items } = await world.connect().participant.list(name);
      expect(items.map(({ identity }) => identity)).toEqual(["alice"]);
      const joinedAt = items[0]?.joinedAt;
      if (joinedAt !== null) expect(joinedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    },

    "a room without people is empty, and one that is not there is as it is to get": async (world) => {
      const client = world.connect();
      const name = world.freshName();
      const absent = await client.room.get(name).catch((error: unknown) => error);
      const listed = await client.participant.list(name).catch((error: unknown) => error);
      if (absent instanceof Error) expect(listed).toMatchObject({ code: "NOT_FOUND" });
      else expect(listed).toEqual({ items: [] });
      await world.make(name);
      expect(await client.participant.list(name)).toEqual({ items: [] });
    },
  },
  cannot: {
    "people cannot be listed": refuses("rtc.participant.list", (client, world) =>
      client.participant.list(world.freshName()),
    ),
  },
};

export const participantKick: Facet = {
  can: {
    "whoever is kicked leaves, and nobody else": async (world) => {
      const client = world.connect();
      const name = world.freshName();
      await world.make(name);
      await occupy(world, name, "alice");
      await occupy(world, name, "bob");
      await client.participant.kick({ room: name, identity: "alice" });
      await eventually(world, async () => {
        const { items } = await client.participant.list(name);
        expect(items.map(({ identity }) => identity)).toEqual(["bob"]);
      });
    },

    "to kick somebody who is not there is NOT_FOUND": async (world) => {
      const name = world.freshName();
      await world.make(name);
      const error = await refusal(
        world,
        world.connect().participant.kick({ room: name, identity: "nobody" }),
      );
      expect(error).toMatchObject({ code: "NOT_FOUND", retryable: false });
    },
  },
  cannot: {
    "nobody can be kicked": refuses("rtc.participant.kick", (client, world) =>
      client.participant.kick({ room: world.freshName(), identity: "alice" }),
    ),
  },
};
