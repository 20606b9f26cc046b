import { beforeAll, describe, expect, test } from "vitest";
import { createdIn } from "../support/calls.ts";
import { startLivekit } from "../support/livekit.ts";
import { startProxy } from "../support/proxy.ts";
import { activate, egressesOf, expectStatus, leave, nameOf, publishIn } from "../support/recordings.ts";
import { roomsInState } from "../support/rooms.ts";
import { newStack } from "../support/stack.ts";
import { isThrough } from "../support/through.ts";
import { changesIn, declare, expectPlainRejection, messagesOn, program, roomsOf } from "../support/world.ts";

/** `enableRecording`: the room's first session, by the server's own automatic egress. */

const room = (name: string, inputs: object = {}) => declare(name, { enableRecording: true, ...inputs });

/** Takes two rooms from their preview to their destroy; returns what was observed. */
async function play() {
  const server = await startLivekit({ egress: "worker" });
  const stack = await newStack({
    program: program(room("keynote", { maxParticipants: 9, metadata: { track: 1 } }), room("series")),
    env: await server.envWith({ RTC_RECORDING_OUTPUT: "out/auto/" }),
  });
  const preview = await stack.preview();
  const up = await stack.up();
  const started = { keynote: await egressesOf(server, "keynote"), rooms: await roomsOf(server) };
  const [keynote = "", series = ""] = [started.keynote, await egressesOf(server, "series")].map(
    ([egress]) => egress?.egressId,
  );
  const [alice, carol] = await Promise.all([
    activate(server, "keynote", keynote),
    activate(server, "series", series),
  ]);
  await stack.refresh(["--expect-no-changes"]);
  const refreshed = await roomsInState(stack);

  await server.recordings.stopEgress(series);
  await expectStatus(server, series, "EGRESS_COMPLETE");
  await leave(server, "series", carol);
  const bob = await publishIn(server, "series", "bob");
  const later = await stack.up(["--refresh"]);
  const ofSeries = await egressesOf(server, "series");

  await Promise.all([leave(server, "keynote", alice), leave(server, "series", bob)]);
  await stack.destroy();
  const ended = await expectStatus(server, keynote, "EGRESS_COMPLETE");
  return { preview, up, started, refreshed, later, ofSeries, ended };
}

describe("a room with enableRecording", () => {
  let played: Awaited<ReturnType<typeof play>>;
  beforeAll(async () => {
    played = await play();
  }, 240_000);

  test("gets a warning, once, that this covers its first session only", () => {
    const { preview, up } = played;
    // A gateway reports the vendor when it has created the room.
    const [reporting, silent] = isThrough ? [up, preview] : [preview, up];
    expect(messagesOn(reporting, "keynote").join()).toContain(
      "enableRecording covers the room's first session only",
    );
    expect(silent.output).not.toContain("first session only");
  });

  test("is recorded from its first track on, to rtc:recordingOutput", () => {
    const { started, refreshed, ended } = played;
    const [egress, ...others] = started.keynote;
    expect(others).toEqual([]);
    expect(egress?.roomId).toBe(started.rooms["keynote"]?.sid);
    expect(nameOf(egress?.status ?? 0)).toBe("EGRESS_STARTING");
    expect(egress?.request.value).toMatchObject({ roomName: "keynote", layout: "grid", audioOnly: false });
    expect(refreshed["keynote"]?.outputs).toMatchObject({ enableRecording: true });
    expect(ended.fileResults[0]?.location).toMatch(/\/out\/auto\/keynote-.+\.mp4$/);
  });

  test("is not recorded in a later session, which is no drift: that is what an RtcRecording is for", () => {
    const { later, ofSeries } = played;
    expect(changesIn(later)).toEqual([]);
    expect(ofSeries).toHaveLength(1);
  });
});

describe("enableRecording is rejected, and no room is left behind,", () => {
  test("without a destination", async () => {
    const server = await startLivekit();
    const stack = await newStack({ program: program(room("aimless")), env: server.env });
    const message = "enableRecording: no destination: set rtc:recordingOutput (or RTC_RECORDING_OUTPUT)";
    expectPlainRejection(await stack.up([], { code: "any" }), message);
    expect(await roomsOf(server)).toEqual({});
  });

  test("by a server without Redis, at once, and where no worker answers, although the server has made the room", async () => {
    const lonely = await startLivekit({ egress: "redis-only" });
    const plain = await startLivekit();
    const { url, apiKey, apiSecret } = plain;
    const proxy = await startProxy(lonely.url);
    const settings = {
      LIVEKIT_URL: proxy.url,
      RTC_RECORDING_OUTPUT: "out/auto/",
      RTC_LIVEKIT_REGIONS: JSON.stringify({ plain: { url, apiKey, apiSecret } }),
    };
    const stack = await newStack({ program: program(room("waiting")), env: await lonely.envWith(settings) });
    // One after the other: the first that fails ends the program, whoever else is still being made.
    const waiting = await stack.up([], { code: 1 });
    stack.write(program(room("unrecorded", { region: "plain" })));
    const unrecorded = await stack.up([], { code: 1 });
    expectPlainRejection(waiting, "UNAVAILABLE", "no egress worker took the recording");
    expectPlainRejection(unrecorded, "NOT_CONFIGURED", "it runs without Redis");
    expect(createdIn(proxy.traffic)).toEqual(["waiting"]);
    expect(await roomsOf(lonely)).toEqual({});
    expect(await roomsOf(plain)).toEqual({});
    expect(await roomsInState(stack)).toEqual({});
  });
});
