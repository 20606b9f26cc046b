import { expect } from "vitest";
import type { TokenInput } from "../../src/contract/types.ts";
import { eventually, occupy, provide, rejection, rejects } from "./scenes.ts";
import { type Facet, scene, type World } from "./world.ts";

const EITHER = [true, false];

/** The permissions that a token can grant. */
type Permissions = Record<"canPublish" | "canSubscribe" | "canPublishData" | "isAdmin", boolean>;

/** The permissions that a token of the vendor can carry of those that were asked for, and what it must therefore reject. */
function expectedPermissions({ tokenGrants, letsEveryParticipantPublishData }: World, asked: Permissions) {
  const grants = {
    canPublish: asked.canPublish,
    canSubscribe: tokenGrants.has("canSubscribe") ? asked.canSubscribe : true,
    // Otherwise publishers, or all participants, may publish data too.
    canPublishData: tokenGrants.has("canPublishData")
      ? asked.canPublishData
      : (letsEveryParticipantPublishData ?? asked.canPublish),
    isAdmin: tokenGrants.has("isAdmin") ? asked.isAdmin : false,
  };
  const rejected = [
    ...(grants.canSubscribe && !asked.canSubscribe ? ["canSubscribe"] : []),
    ...(grants.canPublishData && !asked.canPublishData ? ["canPublishData"] : []),
    ...(!grants.isAdmin && asked.isAdmin ? ["isAdmin"] : []),
  ];
  return { grants, rejected };
}

/** The name of a room for which a token can be issued: it exists where rooms are persistent. */
async function roomToJoin(world: World): Promise<string> {
  const name = world.freshName();
  await provide(world, name);
  return name;
}

/** How many calls of the vendor a token takes. */
async function callsOfIssue(world: World): Promise<number> {
  const [client, room] = [world.connect(), await roomToJoin(world)];
  const before = world.calls();
  await client.token.issue({ room, vendor: world.vendor, identity: "alice" });
  return world.calls() - before;
}

export const tokenIssue: Facet = {
  can: {
    "issues exactly the permissions that were asked for, and rejects those a token cannot carry": scene(
      [],
      async (world) => {
        const room = await roomToJoin(world);
        const client = world.connect();
        for (const canPublish of EITHER)
          for (const canSubscribe of EITHER)
            for (const canPublishData of EITHER)
              for (const isAdmin of EITHER) {
                const asked = { canPublish, canSubscribe, canPublishData, isAdmin };
                const { grants, rejected } = expectedPermissions(world, asked);
                const call = client.token.issue({ room, vendor: world.vendor, identity: "alice", ...asked });
                if (rejected.length === 0)
                  expect(world.read((await call).token)).toMatchObject({ ...grants, more: [] });
                else {
                  const error = await rejection(world, call);
                  expect(error.code).toBe("UNSUPPORTED");
                  expect(error.issues?.map(({ path }) => path).sort()).toEqual(rejected.sort());
                }
              }
      },
    ),

    "issues a token for its room, identity and lifetime only": scene([], async (world) => {
      const room = await roomToJoin(world);
      const input: TokenInput = { room, vendor: world.vendor, identity: "alice", ttlSeconds: 90 };
      const from = Date.now();
      const issued = await world.connect().token.issue(input);
      expect(issued).toMatchObject({ room: `${world.vendor}:${room}`, identity: "alice" });
      const grants = world.read(issued.token);
      expect(grants).toMatchObject({ room, identity: "alice", displayName: null, metadata: null });
      expect(grants.expiresAt).toBe(issued.expiresAt);
      const lifetime = (Date.parse(issued.expiresAt) - from) / 1_000;
      expect(lifetime).toBeGreaterThan(88);
      expect(lifetime).toBeLessThan(95);
    }),

    "issues a token for an hour with all permissions but managing the room by default": scene(
      [],
      async (world) => {
        const room = await roomToJoin(world);
        const { token, expiresAt } = await world
          .connect()
          .token.issue({ room, vendor: world.vendor, identity: "alice" });
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
    ),

    "includes what only describes a participant in the token, or leaves it out with a warning": scene(
      [],
      async (world) => {
        const described = { displayName: "Älice", metadata: { seat: 1 } };
        const room = await roomToJoin(world);
        const input = { room, vendor: world.vendor, identity: "alice", ...described };
        const { token, warnings = [] } = await world.connect().token.issue(input);
        const grants = world.read(token);
        for (const field of ["displayName", "metadata"] as const) {
          const carried = world.tokenGrants.has(field);
          expect(grants[field]).toEqual(carried ? described[field] : null);
          expect(warnings.some((warning) => warning.includes(field))).toBe(!carried);
        }
      },
    ),

    "rejects all wrong inputs at once": scene([], async (world) => {
      const wrong = { identity: "", ttlSeconds: 0, canPublish: "yes", isAdmim: true };
      const input = { room: world.freshName(), vendor: world.vendor, ...wrong } as unknown as TokenInput;
      const error = await rejection(world, world.connect().token.issue(input));
      expect(error.code).toBe("INVALID_ARGUMENT");
      expect(error.issues?.map(({ path }) => path).sort()).toEqual(Object.keys(wrong).sort());
      expect(error.message).toContain("did you mean isAdmin?");
    }),

    "signs a token without a call": scene([], async (world) => expect(await callsOfIssue(world)).toBe(0), {
      signedTokens: true,
    }),

    "makes one call for a token that the vendor issues": scene(
      [],
      async (world) => expect(await callsOfIssue(world)).toBe(1),
      { signedTokens: false },
    ),

    "admits the owner of a token to its room, under its identity": scene(["participants"], async (world) => {
      const [room, other] = [world.freshName(), world.freshName()];
      await occupy(world, room, world.participants.alice);
      expect(await world.participants.in(room)).toEqual([world.participants.alice]);
      expect(await world.participants.in(other)).toEqual([]);
    }),

    "rejects a token in another room": scene(["participants"], async (world) => {
      const { alice, bob, join, in: inside } = world.participants;
      const [room, other] = [await roomToJoin(world), world.freshName()];
      await occupy(world, other, bob);
      const { token } = await world
        .connect()
        .token.issue({ room: `${world.vendor}:${room}`, identity: alice });
      const isRejected = await join(token, other).then(
        () => false,
        () => true,
      );
      // Where the token alone names the room, it is valid for that room nevertheless.
      await eventually(world, async () => expect(await inside(room)).toEqual(isRejected ? [] : [alice]));
      expect(await inside(other)).toEqual([bob]);
    }),

    "rejects a token that another key has signed": scene(["participants"], async (world) => {
      const { alice, join, in: inside } = world.participants;
      const room = await roomToJoin(world);
      const issuing = world
        .connectAsStranger()
        .token.issue({ room: `${world.vendor}:${room}`, identity: alice });
      // A vendor that issues tokens itself rejects the key.
      await expect(issuing.then(({ token }) => join(token))).rejects.toThrow();
      expect(await inside(room)).toEqual([]);
    }),
  },
  persistent: {
    "warns that a token by bare name does not include the room's settings": scene(
      ["rooms"],
      async (world) => {
        const client = world.connect();
        const name = world.freshName();
        const byName = await client.token.issue({ room: name, vendor: world.vendor, identity: "alice" });
        expect(byName.warnings?.join()).toContain("name");
        await world.rooms.make(name);
        const byRecord = await client.token.issue({ room: await client.room.get(name), identity: "alice" });
        expect(byRecord.warnings).toBeUndefined();
      },
      { revival: true },
    ),
  },
  stateOnly: {
    "issues the same token by bare name as from the record": scene([], async (world) => {
      const client = world.connect();
      const room = world.freshName();
      const byName = await client.token.issue({ room, vendor: world.vendor, identity: "alice" });
      const record = await client.room.create({ name: room, vendor: world.vendor, maxParticipants: 5 });
      const byRecord = await client.token.issue({ room: record, identity: "alice" });
      expect(byRecord.warnings).toEqual(byName.warnings);
      const { expiresAt: _, ...grants } = world.read(byRecord.token);
      expect(world.read(byName.token)).toMatchObject(grants);
    }),
  },
  cannot: {
    "a token cannot be signed": rejects("rtc.token.issue", (client, world) =>
      client.token.issue({ room: world.freshName(), vendor: world.vendor, identity: "alice" }),
    ),
  },
};
