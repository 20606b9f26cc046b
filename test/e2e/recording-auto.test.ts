import { beforeAll, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { activate, egressesOf, expectStatus, leave, nameOf, publishIn } from "../support/recordings.ts";
import { remembered, roomAt } from "../support/rooms.ts";
import { newStack, type Stack } from "../support/stack.ts";
import { isThrough } from "../support/through.ts";
import { changesIn, declare, expectPlainRefusal, program, saidOn } from "../support/world.ts";

/** `enableRecording`: the room's first session, by the server's own automatic egress. */

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
});

const room = (name: string, inputs: object = {}) =>
  program(declare(name, { enableRecording: true, ...inputs }));

async function stackOf(name: string, inputs: object = {}, on = server): Promise<Stack> {
  const env = await on.envWith({ RTC_RECORDING_OUTPUT: "out/auto/" });
  return newStack({ program: room(name, inputs), env });
}

test("a room with enableRecording is recorded from its first track on, to rtc:recordingOutput", async () => {
  const stack = await stackOf("keynote", { maxParticipants: 9, metadata: { track: 1 } });
  const [preview, up] = [await stack.preview(), await stack.up()];
  // Which vendor it is, a gateway says when it has made the room.
  const [told, silent] = isThrough ? [up, preview] : [preview, up];
  expect(saidOn(told, "keynote").join()).toContain("enableRecording covers the room's first session only");
  expect(silent.output).not.toContain("first session only");

  const [egress, ...others] = await egressesOf(server, "keynote");
  expect(others).toEqual([]);
  expect(egress?.roomId).toBe((await roomAt(server, "keynote"))?.sid);
  expect(nameOf(egress?.status ?? 0)).toBe("EGRESS_STARTING");
  expect(egress?.request.value).toMatchObject({ roomName: "keynote", layout: "grid", audioOnly: false });
  const alice = await activate(server, "keynote", egress?.egressId ?? "");
  await stack.expectNoChanges();
  await stack.refresh(["--expect-no-changes"]);
  expect((await remembered(stack))["keynote"]?.outputs).toMatchObject({ enableRecording: true });

  await leave(server, "keynote", alice);
  await stack.destroy();
  const ended = await expectStatus(server, egress?.egressId ?? "", "EGRESS_COMPLETE");
  expect(ended.fileResults[0]?.location).toMatch(/\/out\/auto\/keynote-.+\.mp4$/);
});

test("a later session is not recorded, which is no drift: that is what an RtcRecording is for", async () => {
  const stack = await stackOf("series");
  await stack.up();
  const [first] = await egressesOf(server, "series");
  const alice = await activate(server, "series", first?.egressId ?? "");
  await server.recordings.stopEgress(first?.egressId ?? "");
  await expectStatus(server, first?.egressId ?? "", "EGRESS_COMPLETE");
  await leave(server, "series", alice);
  await publishIn(server, "series", "bob");

  expect(changesIn(await stack.up(["--refresh"]))).toEqual([]);

  expect(await egressesOf(server, "series")).toHaveLength(1);
});

test("enableRecording is refused in preview beside emptyTimeoutSeconds, and where nothing says where to", async () => {
  const closing = await stackOf("closing", { emptyTimeoutSeconds: 600 });
  expectPlainRefusal(await closing.preview([], { code: "any" }), "enableRecording", "emptyTimeoutSeconds");

  const aimless = await newStack({ program: room("aimless"), env: server.env });
  const message = "enableRecording: nothing says where to: set rtc:recordingOutput (or RTC_RECORDING_OUTPUT)";
  // Where recordings go is a setting of the gateway.
  if (!isThrough) expectPlainRefusal(await aimless.preview([], { code: "any" }), message);
  expectPlainRefusal(await aimless.up([], { code: "any" }), message);
  expect(await roomAt(server, "aimless")).toBeUndefined();
});

test("a server without Redis cannot record: that is told at once, and no room is left behind", async () => {
  const plain = await startLivekit();
  const stack = await stackOf("unrecorded", {}, plain);
  expectPlainRefusal(await stack.up([], { code: "any" }), "NOT_CONFIGURED", "it runs without Redis");
  expect(await plain.service.listRooms()).toEqual([]);
  expect(await remembered(stack)).toEqual({});
  await plain.stop();
});

test("where no worker answers, the server has made the room all the same: it is taken away again", async () => {
  const lonely = await startLivekit({ egress: "redis-only" });
  const stack = await stackOf("waiting", {}, lonely);
  expectPlainRefusal(
    await stack.up([], { code: "any" }),
    "UNAVAILABLE",
    "no egress worker took the recording",
  );
  expect(lonely.log()).toMatch(/CreateRoom/);
  expect(await lonely.service.listRooms()).toEqual([]);
  expect(await remembered(stack)).toEqual({});
  await lonely.stop();
});
