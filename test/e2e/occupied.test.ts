import { beforeAll, describe, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { declaring } from "../support/programs.ts";
import { remembered, roomAt } from "../support/rooms.ts";
import { newStack, type Stack } from "../support/stack.ts";
import { joinAsAgent, joinPlainly } from "../support/tokens.ts";

/** ParticipantInfo.Kind of an agent. */
const AGENT = 4;

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit();
});

/** A room, and one more that is made anew whenever the first one is. */
const withDependent = (name: string, inputs: object) => `
  const rtc = require("pulumi-rtc");
  const pulumi = require("@pulumi/pulumi");
  const room = new rtc.RtcRoom("${name}", ${JSON.stringify(inputs)});
  new rtc.RtcRoom("${name}-lobby", { name: pulumi.interpolate\`${name}-lobby-\${room.sid}\` });
`;

async function sids(): Promise<string[]> {
  return (await server.service.listRooms()).map(({ sid }) => sid).sort();
}

async function started(program: string): Promise<Stack> {
  const stack = await newStack({ program, env: server.env });
  await stack.up();
  return stack;
}

describe("the replacement of a room with people in it", () => {
  test("is a warning with their number in preview, and refused in up before anything is touched", async () => {
    const stack = await started(withDependent("busy", { maxParticipants: 12 }));
    await joinPlainly(server, "busy", "alice");
    const bob = await joinPlainly(server, "busy", "bob");
    const before = await sids();

    stack.write(withDependent("busy", { maxParticipants: 20 }));
    const preview = await stack.preview();
    expect(preview.counts.replace).toBe(2);
    expect(preview.output).toMatch(/warning: up will refuse this: 2 people are in room livekit:busy/);
    const up = await stack.up([], { code: 1 });

    expect(up.output).toContain("ROOM_OCCUPIED: 2 people are in room livekit:busy");
    expect(await sids()).toEqual(before);
    expect(bob.room.isConnected).toBe(true);
  });

  test("goes through once the room is empty", async () => {
    const stack = await started(withDependent("waiting", { maxParticipants: 12 }));
    const before = await sids();
    const alice = await joinPlainly(server, "waiting", "alice");
    stack.write(withDependent("waiting", { maxParticipants: 20 }));
    const { output } = await stack.up([], { code: 1 });
    expect(output).toContain("1 person is in room livekit:waiting");

    await alice.leave();
    await expect.poll(() => server.service.listParticipants("waiting")).toEqual([]);

    expect((await stack.up()).counts.replace).toBe(2);
    expect(await roomAt(server, "waiting")).toMatchObject({ maxParticipants: 20 });
    expect((await sids()).filter((sid) => before.includes(sid))).toHaveLength(before.length - 2);
    await stack.expectNoChanges();
  });

  test("goes through with forceDestroy, also one that is new in the same change", async () => {
    const stack = await started(declaring({ urgent: { maxParticipants: 12 } }));
    const alice = await joinPlainly(server, "urgent", "alice");

    stack.write(declaring({ urgent: { maxParticipants: 20, forceDestroy: true } }));
    const preview = await stack.preview();
    expect(preview.output).not.toContain("up will refuse this");
    expect((await stack.up()).counts.replace).toBe(1);

    await alice.disconnected;
    expect(await roomAt(server, "urgent")).toMatchObject({ maxParticipants: 20 });
    await joinPlainly(server, "urgent", "bob");
    stack.write(declaring({ urgent: { maxParticipants: 30, forceDestroy: true } }));
    expect((await stack.up()).counts.replace).toBe(1);
    expect(await roomAt(server, "urgent")).toMatchObject({ maxParticipants: 30 });
    await stack.expectNoChanges();
  });
});

describe("the end of a room with people in it", () => {
  test("is refused when it leaves the program, and when the stack is destroyed", async () => {
    const stack = await started(declaring({ meeting: {}, other: {} }));
    await joinPlainly(server, "meeting", "alice");
    const room = await roomAt(server, "meeting");

    stack.write(declaring({ other: {} }));
    const up = await stack.up([], { code: 1 });
    const destroy = await stack.destroy([], { code: 1 });

    for (const { output } of [up, destroy])
      expect(output).toContain("ROOM_OCCUPIED: 1 person is in room livekit:meeting");
    expect(await roomAt(server, "meeting")).toMatchObject({ sid: room?.sid });
    expect(Object.keys(await remembered(stack))).toContain("meeting");
  });

  test("does not keep the others from being deleted with --continue-on-error", async () => {
    const names = ["hall-1", "hall-2", "hall-3", "hall-4", "hall-5"];
    const stack = await started(declaring(Object.fromEntries(names.map((name) => [name, {}]))));
    await joinPlainly(server, "hall-3", "alice");

    const { output } = await stack.destroy(["--continue-on-error"], { code: 1 });

    expect(output).toContain("1 person is in room livekit:hall-3");
    expect((await server.service.listRooms(names)).map(({ name }) => name)).toEqual(["hall-3"]);
    expect(Object.keys(await remembered(stack))).toEqual(["hall-3"]);
  });

  test("goes through where the room was declared with forceDestroy", async () => {
    const stack = await started(declaring({ forced: { forceDestroy: true } }));
    const alice = await joinPlainly(server, "forced", "alice");

    await stack.destroy();

    await alice.disconnected;
    expect(await roomAt(server, "forced")).toBeUndefined();
  });

  test("goes through for a whole teardown with RTC_FORCE_DESTROY", async () => {
    const stack = await started(declaring({ "closing-1": {}, "closing-2": {} }));
    const alice = await joinPlainly(server, "closing-1", "alice");
    const bob = await joinPlainly(server, "closing-2", "bob");

    await stack.destroy([], { env: { RTC_FORCE_DESTROY: "true" } });

    await Promise.all([alice.disconnected, bob.disconnected]);
    expect(await server.service.listRooms(["closing-1", "closing-2"])).toEqual([]);
  });

  test("goes through for a whole teardown with rtc:forceDestroy in the stack's config", async () => {
    const stack = await started(declaring({ ending: {} }));
    const alice = await joinPlainly(server, "ending", "alice");
    await stack.setConfig("rtc:forceDestroy", "true");

    await stack.destroy(["--run-program"]);

    await alice.disconnected;
    expect(await roomAt(server, "ending")).toBeUndefined();
  });
});

test("an agent alone in a room is no person: the room is replaced and deleted", async () => {
  const stack = await started(declaring({ assisted: { maxParticipants: 12 } }));
  await joinAsAgent(server, "assisted");
  const [helper] = await server.service.listParticipants("assisted");
  expect(helper?.kind).toBe(AGENT);

  stack.write(declaring({ assisted: { maxParticipants: 20 } }));
  const { output } = await stack.up();
  expect(output).not.toContain("ROOM_OCCUPIED");
  expect(await roomAt(server, "assisted")).toMatchObject({ maxParticipants: 20 });
  await joinAsAgent(server, "assisted");
  await stack.destroy();

  expect(await roomAt(server, "assisted")).toBeUndefined();
});
