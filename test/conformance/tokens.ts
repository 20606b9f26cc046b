import { expect } from "vitest";
import type { TokenInput } from "../../src/client/types.ts";
import { eventually, type Facet, refusal, refuses } from "./world.ts";

const EITHER = [true, false];

export const tokenIssue: Facet = {
  can: {
    "a token allows exactly what was asked for": async (world) => {
      const room = world.freshName();
      const client = world.connect();
      for (const canPublish of EITHER)
        for (const canSubscribe of EITHER)
          for (const canPublishData of EITHER)
            for (const isAdmin of EITHER) {
              const asked = { canPublish, canSubscribe, canPublishData, isAdmin };
              const { token } = await client.token.issue({
                room,
                vendor: world.vendor,
                identity: "alice",
                ...asked,
              });
              expect(world.read(token)).toMatchObject({ ...asked, more: [] });
            }
    },

    "a token is for its room, identity and time only": async (world) => {
      const room = world.freshName();
      const input: TokenInput = { room, vendor: world.vendor, identity: "alice", ttlSeconds: 90 };
      const from = Date.now();
      const issued = await world
        .connect()
        .token.issue({ ...input, displayName: "Älice", metadata: { seat: 1 } });
      expect(issued).toMatchObject({ room: `${world.vendor}:${room}`, identity: "alice" });
      const grants = world.read(issued.token);
      expect(grants).toMatchObject({ room, identity: "alice", displayName: "Älice", metadata: { seat: 1 } });
      expect(grants.expiresAt).toBe(issued.expiresAt);
      const lifetime = (Date.parse(issued.expiresAt) - from) / 1_000;
      expect(lifetime).toBeGreaterThan(88);
      expect(lifetime).toBeLessThan(95);
    },

    "without more, a token lasts an hour and may do all but manage the room": async (world) => {
      const { token, expiresAt } = await world
        .connect()
        .token.issue({ room: world.freshName(), vendor: world.vendor, identity: "alice" });
      expect(world.read(token)).toMatchObject({
        canPublish: true,
        canSubscribe: true,
        canPublishData: true,
        isAdmin: false,
        displayName: null,
        metadata: null,
        more: [],
      });
      expect(Math.round((Date.parse(expiresAt) - Date.now()) / 60_000)).toBe(60);
    },

    "wrong inputs are refused all at once": async (world) => {
      const wrong = { identity: "", ttlSeconds: 0, canPublish: "yes", isAdmim: true };
      const input = { room: world.freshName(), vendor: world.vendor, ...wrong } as unknown as TokenInput;
      const error = await refusal(world, world.connect().token.issue(input));
      expect(error.code).toBe("INVALID_ARGUMENT");
      expect(error.issues?.map(({ path }) => path).sort()).toEqual(Object.keys(wrong).sort());
      expect(error.message).toContain("did you mean isAdmin?");
    },

    "a token by bare name warns that it does not know the room's settings": async (world) => {
      const client = world.connect();
      const name = world.freshName();
      const byName = await client.token.issue({ room: name, vendor: world.vendor, identity: "alice" });
      expect(byName.warnings?.join()).toContain("name");
      await world.make(name);
      const byRecord = await client.token.issue({ room: await client.room.get(name), identity: "alice" });
      expect(byRecord.warnings).toBeUndefined();
    },

    "signing makes no call": async (world) => {
      const client = world.connect();
      await client.token.issue({ room: world.freshName(), vendor: world.vendor, identity: "alice" });
      expect(world.calls()).toBe(0);
    },

    "the vendor lets its owner into that room, under that identity": async (world) => {
      const client = world.connect();
      const [room, other] = [world.freshName(), world.freshName()];
      await world.make(room);
      await world.make(other);
      const issued = await client.token.issue({
        room: `${world.vendor}:${room}`,
        identity: "alice",
        displayName: "Alice",
      });
      await world.join(issued.token);
      await eventually(world, async () => {
        const { items } = await client.participant.list(room);
        expect(items).toMatchObject([{ identity: "alice", displayName: "Alice" }]);
      });
      expect((await client.participant.list(other)).items).toEqual([]);
    },
  },
  cannot: {
    "a token cannot be signed": refuses("rtc.token.issue", (client, world) =>
      client.token.issue({ room: world.freshName(), vendor: world.vendor, identity: "alice" }),
    ),
  },
};
