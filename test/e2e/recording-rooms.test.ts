import { beforeAll, describe, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { startProxy } from "../support/proxy.ts";
import {
  activate,
  bareId,
  egressAt,
  expectStatus,
  nameOf,
  recorded,
  rememberedId,
  rememberedRecording,
  runningIn,
  whenEnded,
} from "../support/recordings.ts";
import { remembered, roomAt } from "../support/rooms.ts";
import { newStack, type Stack } from "../support/stack.ts";
import { isTheNine, NEVER } from "../support/through.ts";
import { joinPlainly } from "../support/tokens.ts";
import { changesIn } from "../support/world.ts";

/** A recording dies with its room; the room that takes its place is recorded again, whatever the restart policy. */

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
});

async function started(program: string, on = server): Promise<Stack> {
  const stack = await newStack({ program, env: on.env });
  await stack.up();
  return stack;
}

/** The room's living incarnation has exactly one running recording, which is the one of the state. */
async function expectRecorded(stack: Stack, name: string, before: string, on = server): Promise<void> {
  const { sid } = (await roomAt(on, name)) ?? {};
  const id = await rememberedId(stack, name);
  expect(id).not.toBe(before);
  await whenEnded(async () => expect(await runningIn(on, name)).toEqual([id]));
  expect((await egressAt(on, id)).roomId).toBe(sid);
  expect(await rememberedRecording(stack, name)).toMatchObject({ roomSid: sid });
  await stack.expectNoChanges();
  await stack.expectNoChanges(["--refresh"]);
}

test("a room that is replaced: recording stopped, room deleted, room made, recording started, as previewed", async () => {
  const proxy = await startProxy(server.url);
  const stack = await newStack({
    program: recorded("grown"),
    env: await server.envWith({ LIVEKIT_URL: proxy.url }),
  });
  await stack.up();
  const before = await rememberedId(stack, "grown");
  stack.write(recorded("grown", {}, { maxParticipants: 9 }));

  const preview = await stack.preview();
  expect(changesIn(preview).sort()).toEqual(["replace grown", "replace grown"]);
  const since = "since it records another room, or its room is made anew";
  expect(preview.output).toContain(`recording livekit:grown/grown is replaced, ${since}\n`);
  proxy.calls.length = 0;
  expect(changesIn(await stack.up()).sort()).toEqual(["replace grown", "replace grown"]);

  const order = ["StopEgress", "DeleteRoom", "CreateRoom", "StartRoomCompositeEgress"];
  expect(proxy.calls.filter((call) => order.includes(call))).toEqual(order);
  await expectRecorded(stack, "grown", before);
});

test("a room that is replaced while it is being recorded without people: the file is finished before the room goes", async () => {
  const stack = await started(recorded("busy"));
  const before = await rememberedId(stack, "busy");
  const alice = await activate(server, "busy", before);
  await alice.leave();
  await expect.poll(async () => (await server.service.listParticipants("busy")).length).toBe(1);
  stack.write(recorded("busy", {}, { maxParticipants: 9 }));

  const { output } = await stack.up();

  const [file] = (await expectStatus(server, before, "EGRESS_COMPLETE")).fileResults;
  if (!isTheNine) expect(output).toContain(file?.location);
  await expectRecorded(stack, "busy", before);
});

describe.each(["never", "always"])("with restartPolicy %s", (restartPolicy) => {
  test("a room that was deleted by hand is made again, and its recording with it", async () => {
    const name = `deleted-${restartPolicy}`;
    const stack = await started(recorded(name, { restartPolicy }, { emptyTimeoutSeconds: undefined }));
    const before = await rememberedId(stack, name);
    await activate(server, name, before);
    await server.service.deleteRoom(name);
    await expectStatus(server, before, "EGRESS_COMPLETE");

    expect(changesIn(await stack.up(["--refresh"])).sort()).toEqual([`create ${name}`, `replace ${name}`]);

    await expectRecorded(stack, name, before);
  });

  test("a room that a joining participant has brought back is recorded again, with the people in it", async () => {
    const name = `revived-${restartPolicy}`;
    const token = `exports.token = rtc.issueTokenOutput({ room, identity: "alice" }).token;`;
    const stack = await started(recorded(name, { restartPolicy }, {}, token));
    const before = await rememberedId(stack, name);
    await activate(server, name, before);
    await server.service.deleteRoom(name);
    await expectStatus(server, before, "EGRESS_COMPLETE");
    const { join } = await import("../support/people.ts");
    const alice = await join(server.url, String((await stack.outputs())["token"]));
    await alice.publishAudio();

    expect(changesIn(await stack.up(["--refresh"]))).toEqual([`replace ${name}`]);

    await expectStatus(server, await rememberedId(stack, name), "EGRESS_ACTIVE");
    await expectRecorded(stack, name, before);
    expect(alice.room.isConnected).toBe(true);
  });
});

test("a room that comes back with other limits and people in it is recorded again, although the room must wait", async () => {
  const stack = await started(recorded("stale"));
  const before = await rememberedId(stack, "stale");
  await activate(server, "stale", before);
  await server.service.deleteRoom("stale");
  await expectStatus(server, before, "EGRESS_COMPLETE");
  await joinPlainly(server, "stale", "bob");
  expect(await roomAt(server, "stale")).toMatchObject({ emptyTimeout: 300 });

  const { output } = await stack.up(["--refresh"]);

  expect(output).toContain("it is occupied, and mended once it is empty");
  await expectRecorded(stack, "stale", before);
});

test("a room that is forced to be replaced from outside is recorded once, and the next preview is empty", async () => {
  const stack = await started(recorded("forced"));
  const before = await rememberedId(stack, "forced");
  const urn = (await remembered(stack))["forced"]?.urn ?? "";

  await stack.up(["--target-replace", urn, "--target-dependents"]);

  const { sid } = (await roomAt(server, "forced")) ?? {};
  const now = await rememberedId(stack, "forced");
  expect(await rememberedRecording(stack, "forced")).toMatchObject({ roomSid: sid });
  await whenEnded(async () => {
    expect(await runningIn(server, "forced")).toEqual([now]);
    expect(nameOf((await egressAt(server, before)).status)).toBe("EGRESS_ABORTED");
  });
  await stack.expectNoChanges(["--refresh"]);
});

test("after a restart of the server, which loses the rooms, room and recording are there again", async () => {
  const own = await startLivekit({ egress: "worker" });
  const stack = await started(recorded("lasting", {}, { emptyTimeoutSeconds: undefined }), own);
  const before = await rememberedId(stack, "lasting");
  await activate(own, "lasting", before);

  await own.restart();
  await stack.up(["--refresh"]);

  const room = await roomAt(own, "lasting");
  expect(room).toMatchObject({ emptyTimeout: NEVER });
  expect(bareId(String((await rememberedRecording(stack, "lasting"))["recording"]))).not.toBe(before);
  await expectRecorded(stack, "lasting", before, own);
});
