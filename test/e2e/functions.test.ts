import { beforeAll, describe, expect, test } from "vitest";
import { JWT } from "../support/failure.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { join, type Person } from "../support/participants.ts";
import { roomAt } from "../support/rooms.ts";
import { newStack, type Stack } from "../support/stack.ts";
import type { Result } from "../support/stack-types.ts";
import { joinPlainly } from "../support/tokens.ts";

/** Everything that a program can ask for and do beside its resources. */
const PROGRAM = `
  const rtc = require("pulumi-rtc");
  const pulumi = require("@pulumi/pulumi");
  const room = "looked-up";
  const issue = (room) => rtc.issueTokenOutput({ room, identity: "alice" });
  module.exports = async () => {
    const standup = new rtc.RtcRoom("standup", { maxParticipants: 3 });
    await rtc.kickParticipant({ room: "guarded", identity: "alice" });
    return {
      access: rtc.issueTokenOutput({
        room: standup, identity: pulumi.output("alice"), displayName: "Alice", canPublish: false,
      }),
      byName: pulumi.secret(rtc.issueToken({ room: "by-name", identity: "bob", ttlSeconds: 600 })),
      tokens: pulumi.all([
        issue(room), issue(pulumi.output("livekit:looked-up")), issue(rtc.getRoom({ room })), issue(rtc.getRoomOutput({ room })),
      ]),
      got: await rtc.getRoom({ room }),
      gotOutput: rtc.getRoomOutput({ room: pulumi.output("livekit:looked-up") }).metadata,
      missing: await rtc.getRoom({ room: "nowhere" }).catch(({ code }) => code),
      first: await rtc.listRooms({ limit: 1 }),
      all: (await rtc.listRooms()).items.map(({ room }) => room),
      participants: (await rtc.listParticipants({ room })).items.map(({ identity }) => identity).sort(),
      peopleOutput: rtc.listParticipantsOutput({ room: pulumi.output(room) }).items.length,
    };
  };
`;

interface Access {
  room: string;
  token: string;
  expiresAt: string;
  warnings?: string[];
}

describe("The functions of a program", () => {
  let server: LivekitServer;
  let stack: Stack;
  let alice: Person;
  let stayed: boolean;
  let [began, ended] = [0, 0];
  let ran: Record<"preview" | "shown", Result>;
  let outputs: { access: Access; byName: Access; tokens: Access[] };

  beforeAll(async () => {
    server = await startLivekit();
    await server.service.createRoom({ name: "guarded" });
    await server.service.createRoom({
      name: "looked-up",
      maxParticipants: 9,
      metadata: '{"team":"core"}',
    });
    const enter = (room: string) => (identity: string) => joinPlainly(server, room, identity);
    [alice] = (await Promise.all([
      ...["alice", "bob"].map(enter("guarded")),
      ...["alice", "bob"].map(enter("looked-up")),
    ])) as [Person];
    stack = await newStack({
      program: PROGRAM,
      // The functions read it as the resources do.
      config: {
        "rtc:livekitUrl": server.url,
        "rtc:livekitApiKey": server.apiKey,
        "rtc:livekitApiSecret": { secret: server.apiSecret },
      },
    });
    const preview = await stack.preview();
    stayed = alice.room.isConnected;
    began = Date.now();
    await stack.up();
    ended = Date.now();
    const shown = await stack.run(["stack", "output", "access"]);
    outputs = (await stack.outputs()) as unknown as typeof outputs;
    ran = { preview, shown };
  });

  test("issueTokenOutput signs for a room resource; the token is a secret that the state holds encrypted", async () => {
    expect(ran.preview.output).toContain("access");
    expect(ran.shown.stdout.trim()).toBe("[secret]");
    expect(stack.filesWith(JWT)).toEqual([]);
    const { access } = outputs;
    expect(access).toMatchObject({ room: "livekit:standup", identity: "alice" });
    expect(access).not.toHaveProperty("warnings");
    await join(server.url, access.token);
    const [person] = await server.service.listParticipants("standup");
    expect(person).toMatchObject({ identity: "alice", name: "Alice", permission: { canPublish: false } });
  });

  test("issueToken signs for a name, and warns that it does not include the room's settings", async () => {
    const { token, warnings, expiresAt } = outputs.byName;
    expect(warnings).toEqual([expect.stringContaining("the token carries only the name of room by-name")]);
    const expires = Date.parse(expiresAt);
    expect(expires).toBeGreaterThanOrEqual(began + 599_000);
    expect(expires).toBeLessThanOrEqual(ended + 600_000);
    const bob = await join(server.url, token);
    expect(bob).toMatchObject({ identity: "bob", room: { name: "by-name" } });
  });

  test("issueTokenOutput takes a name, a record and outputs of both", () => {
    const claims = outputs.tokens.map(({ token }) =>
      JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()),
    );
    expect(outputs.tokens.map(({ room }) => room)).toEqual(Array(4).fill("livekit:looked-up"));
    expect(claims.map(({ roomConfig }) => roomConfig?.maxParticipants)).toEqual([undefined, undefined, 9, 9]);
  });

  test("read rooms and participants, and create none", async () => {
    expect(outputs).toMatchObject({
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
      participants: ["alice", "bob"],
      peopleOutput: 2,
    });
    expect(await roomAt(server, "nowhere")).toBeUndefined();
  });

  test("kickParticipant removes a participant, but not in a preview", async () => {
    expect(stayed).toBe(true);
    await alice.disconnected;
    const left = await server.service.listParticipants("guarded");
    expect(left.map(({ identity }) => identity)).toEqual(["bob"]);
  });
});
