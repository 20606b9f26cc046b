import { expect } from "vitest";
import { RtcError } from "../../src/contract/index.ts";
import { eventually, occupy, rejects } from "./scenes.ts";
import { type Facet, scene } from "./world.ts";

export const participantList: Facet = {
  can: {
    "lists the participants of a room, and since when where the vendor reports it": scene(
      ["participants"],
      async (world) => {
        const { alice, bob } = world.participants;
        const name = world.freshName();
        await occupy(world, name, alice);
        await occupy(world, name, bob);
        const { items } = await world.connect().participant.list(name);
        expect(items.map(({ identity }) => identity).sort()).toEqual([alice, bob].sort());
        for (const { joinedAt } of items)
          if (joinedAt !== null) expect(joinedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
      },
    ),

    "does not list agents": scene(["participants", "agents"], async (world) => {
      const name = world.freshName();
      await occupy(world, name);
      await world.agents.join(name);
      const { items } = await world.connect().participant.list(name);
      expect(items.map(({ identity }) => identity)).toEqual([world.participants.alice]);
    }),

    "answers for an absent room as rtc.room.get does": scene([], async (world) => {
      const client = world.connect();
      const name = world.freshName();
      const absent = await client.room.get(name).catch((error: unknown) => error);
      const listed = await client.participant.list(name).catch((error: unknown) => error);
      if (absent instanceof Error) expect(listed).toMatchObject({ code: "NOT_FOUND" });
      else expect(listed).toEqual({ items: [] });
    }),
  },
  persistent: {
    "returns an empty list for a room without participants": scene(["rooms"], async (world) => {
      const name = world.freshName();
      await world.rooms.make(name);
      expect(await world.connect().participant.list(name)).toEqual({ items: [] });
    }),
  },
  cannot: {
    "participants cannot be listed": rejects("rtc.participant.list", (client, world) =>
      client.participant.list(world.freshName()),
    ),
  },
};

export const participantKick: Facet = {
  can: {
    "removes the kicked participant and no other, and does not ban them": scene(
      ["participants"],
      async (world) => {
        const { alice, bob, join, in: inside } = world.participants;
        const client = world.connect();
        const name = world.freshName();
        await occupy(world, name, alice);
        await occupy(world, name, bob);
        await client.participant.kick({ room: name, identity: alice });
        await eventually(world, async () => expect(await inside(name)).toEqual([bob]));
        const { items } = await client.participant.list(name);
        expect(items.map(({ identity }) => identity)).toEqual([bob]);
        const room = `${world.vendor}:${name}`;
        await join((await client.token.issue({ room, identity: alice })).token);
        await eventually(world, async () => expect((await inside(name)).sort()).toEqual([alice, bob].sort()));
      },
    ),

    "answers NOT_FOUND for an absent participant where the vendor reports it, and removes no other": scene(
      ["participants"],
      async (world) => {
        const { alice, bob } = world.participants;
        const name = world.freshName();
        await occupy(world, name, alice);
        const kick = world.connect().participant.kick({ room: name, identity: bob });
        const rejected = await kick.catch((error: unknown) => error);
        if (rejected !== undefined) {
          expect(RtcError.isInstance(rejected), "an RtcError").toBe(true);
          expect(rejected).toMatchObject({ code: "NOT_FOUND", retryable: false });
        }
        expect(await world.participants.in(name)).toEqual([alice]);
      },
    ),
  },
  cannot: {
    "no participant can be kicked": rejects("rtc.participant.kick", (client, world) =>
      client.participant.kick({ room: world.freshName(), identity: "alice" }),
    ),
  },
};
