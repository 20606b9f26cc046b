import { beforeAll, describe, expect, test } from "vitest";
import { JWT } from "../support/failure.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { join } from "../support/people.ts";
import { roomAt } from "../support/rooms.ts";
import { newStack } from "../support/stack.ts";
import { joinPlainly } from "../support/tokens.ts";

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit();
});

/** The server in the stack's config, which the functions read as the resources do. */
const config = () => ({
  "rtc:livekitUrl": server.url,
  "rtc:livekitApiKey": server.apiKey,
  "rtc:livekitApiSecret": { secret: server.apiSecret },
});

describe("tokens in a program", () => {
  test("issueTokenOutput signs for a room resource; the token is a secret that the state holds encrypted", async () => {
    const stack = await newStack({
      program: `
        const rtc = require("pulumi-rtc");
        const pulumi = require("@pulumi/pulumi");
        const room = new rtc.RtcRoom("standup", { maxParticipants: 3 });
        exports.access = rtc.issueTokenOutput({
          room, identity: pulumi.output("alice"), displayName: "Alice", canPublish: false,
        });
      `,
      config: config(),
    });

    const preview = await stack.preview();
    expect(preview.output).toContain("access");
    await stack.up();
    const shown = await stack.run(["stack", "output", "access"]);

    expect(shown.stdout.trim()).toBe("[secret]");
    expect(stack.filesWith(JWT)).toEqual([]);
    const { access } = (await stack.outputs()) as { access: Record<string, string> };
    expect(access).toMatchObject({ room: "livekit:standup", identity: "alice" });
    expect(access).not.toHaveProperty("warnings");
    await join(server.url, access["token"] ?? "");
    const [alice] = await server.service.listParticipants("standup");
    expect(alice).toMatchObject({ identity: "alice", name: "Alice", permission: { canPublish: false } });
    await stack.expectNoChanges();
  });

  test("issueToken signs for a name, and warns that it does not know the room's settings", async () => {
    const stack = await newStack({
      program: `
        const rtc = require("pulumi-rtc");
        const pulumi = require("@pulumi/pulumi");
        exports.access = pulumi.secret(rtc.issueToken({ room: "by-name", identity: "bob", ttlSeconds: 60 }));
      `,
      config: config(),
    });

    await stack.up();

    const { access } = (await stack.outputs()) as { access: Record<string, string> };
    expect(access["warnings"]).toEqual([
      expect.stringContaining("the token knows only the name of room by-name"),
    ]);
    const lifetime = Date.parse(access["expiresAt"] ?? "") - Date.now();
    expect(lifetime).toBeGreaterThan(0);
    expect(lifetime).toBeLessThanOrEqual(60_000);
    const bob = await join(server.url, access["token"] ?? "");
    expect(bob).toMatchObject({ identity: "bob", room: { name: "by-name" } });
  });

  test("issueTokenOutput takes a name, a record and outputs of both", async () => {
    await server.service.createRoom({ name: "given", maxParticipants: 7 });
    const stack = await newStack({
      program: `
        const rtc = require("pulumi-rtc");
        const pulumi = require("@pulumi/pulumi");
        const issue = (room) => rtc.issueTokenOutput({ room, identity: "alice" });
        exports.tokens = pulumi.all([
          issue("given"), issue(pulumi.output("livekit:given")), issue(rtc.getRoom({ room: "given" })),
          issue(rtc.getRoomOutput({ room: "given" })),
        ]);
      `,
      config: config(),
    });

    await stack.up();

    const { tokens } = (await stack.outputs()) as { tokens: { room: string; token: string }[] };
    const claims = tokens.map(({ token }) =>
      JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()),
    );
    expect(tokens.map(({ room }) => room)).toEqual(Array(4).fill("livekit:given"));
    expect(claims.map(({ roomConfig }) => roomConfig?.maxParticipants)).toEqual([undefined, undefined, 7, 7]);
  });
});

test("a program looks rooms and people up", async () => {
  await server.service.createRoom({ name: "looked-up", maxParticipants: 9, metadata: '{"team":"core"}' });
  await joinPlainly(server, "looked-up", "alice");
  await joinPlainly(server, "looked-up", "bob");
  const stack = await newStack({
    program: `
      const rtc = require("pulumi-rtc");
      const pulumi = require("@pulumi/pulumi");
      const room = "looked-up";
      module.exports = async () => ({
        got: await rtc.getRoom({ room }),
        gotOutput: rtc.getRoomOutput({ room: pulumi.output("livekit:looked-up") }).metadata,
        missing: await rtc.getRoom({ room: "nowhere" }).catch(({ code }) => code),
        first: await rtc.listRooms({ limit: 1 }),
        all: (await rtc.listRooms()).items.map(({ room }) => room),
        people: (await rtc.listParticipants({ room })).items.map(({ identity }) => identity).sort(),
        peopleOutput: rtc.listParticipantsOutput({ room: pulumi.output(room) }).items.length,
      });
    `,
    config: config(),
  });

  await stack.up();

  expect(await stack.outputs()).toMatchObject({
    got: {
      room: "livekit:looked-up",
      state: "open",
      maxParticipants: 9,
      numParticipants: 2,
      metadata: { team: "core" },
    },
    gotOutput: { team: "core" },
    missing: "NOT_FOUND",
    first: { items: [expect.anything()], nextCursor: expect.any(String) },
    all: expect.arrayContaining(["livekit:looked-up"]),
    people: ["alice", "bob"],
    peopleOutput: 2,
  });
  expect(await roomAt(server, "nowhere")).toBeUndefined();
});

test("a program removes a person, but not in a preview", async () => {
  await server.service.createRoom({ name: "guarded" });
  const alice = await joinPlainly(server, "guarded", "alice");
  await joinPlainly(server, "guarded", "bob");
  const stack = await newStack({
    program: `require("pulumi-rtc").kickParticipant({ room: "guarded", identity: "alice" });`,
    config: config(),
  });

  await stack.preview();
  expect(alice.room.isConnected).toBe(true);
  await stack.up();

  await alice.disconnected;
  const left = await server.service.listParticipants("guarded");
  expect(left.map(({ identity }) => identity)).toEqual(["bob"]);
});
