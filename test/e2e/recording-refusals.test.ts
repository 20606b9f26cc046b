import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { EngineEvent } from "../support/events.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { egressesOf, recorded, rememberedRecording, runningIn } from "../support/recordings.ts";
import { roomAt } from "../support/rooms.ts";
import { newStack, type Stack } from "../support/stack.ts";
import type { Result } from "../support/stack-types.ts";
import { isThrough } from "../support/through.ts";
import { changesIn, expectPlainRefusal, saidOn } from "../support/world.ts";

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
});

/** Seconds that a busy machine may add. */
const BUSY = 10;

function stackOf(program: string, on: Pick<LivekitServer, "env"> = server): Promise<Stack> {
  return newStack({ program, env: on.env });
}

/** How long the creation of a recording took, from the engine's first word about it to its end. */
function secondsOf({ events }: Result, urnEnd: string): number {
  const of = (event: EngineEvent) =>
    event.resourcePreEvent ?? event.resOpFailedEvent ?? event.resOutputsEvent ?? undefined;
  const times = events
    .filter((event) => of(event)?.metadata.urn.endsWith(urnEnd))
    .map(({ timestamp }) => timestamp);
  return Math.max(...times) - Math.min(...times);
}

describe("in preview", () => {
  test("a recording of a room that never closes gets a warning that says what to set; one that closes gets none", async () => {
    const stack = await stackOf(recorded("forever", {}, { emptyTimeoutSeconds: undefined }));
    const preview = await stack.preview();
    expect(saidOn(preview, "forever").join()).toMatch(/records silence.*set emptyTimeoutSeconds on the room/);
    expect((await stack.up()).output).not.toContain("records silence");

    const closing = await stackOf(recorded("brief"));
    expect((await closing.preview()).output).not.toContain("records silence");
  });

  test("two declarations of the same recording are refused, also when the room is not there yet", async () => {
    const twin = `new rtc.RtcRecording("again", { room, audioOnly: true, layout: "grid", outputUri: "out/twice/" });`;
    const named = isThrough ? "livekit:twice" : "twice"; // a gateway finds out whose a name is, later
    const stack = await stackOf(recorded("twice", {}, {}, twin));
    const message = "twice is recorded twice with the same layout, audio and output: also by urn:";
    expectPlainRefusal(await stack.preview([], { code: "any" }), message);

    stack.write(recorded("twice"));
    await stack.up();
    stack.write(recorded("twice", {}, {}, twin.replace("{ room", `{ room: "${named}"`)));
    expectPlainRefusal(await stack.preview([], { code: "any" }), message);
    stack.write(recorded("twice", {}, {}, twin));
    expectPlainRefusal(await stack.up([], { code: "any" }), message);
    expect(await runningIn(server, "twice")).toHaveLength(1);

    // Another layout makes it another recording.
    stack.write(recorded("twice", {}, {}, twin.replace('"grid"', '"speaker"')));
    expect(changesIn(await stack.up())).toEqual(["create again"]);
    expect(await runningIn(server, "twice")).toHaveLength(2);
  });

  test("a vendor that cannot record, or is not the room's, is refused", async () => {
    const stack = await stackOf(recorded("pinned", { vendor: "agora" }));
    const cannot = "UNSUPPORTED: agora: cannot rtc.recording.start";
    expectPlainRefusal(await stack.preview([], { code: "any" }), cannot, "livekit: fits");
    expectPlainRefusal(await stack.up([], { code: "any" }), "vendor: is not the room's, which is livekit");
    expect(await egressesOf(server, "pinned")).toEqual([]);
  });

  test("all problems of a declaration are told at once, and an output address without its credentials", async () => {
    const wrong = {
      layout: "mosaic",
      restartPolicy: "sometimes",
      outputUri: "s3://key:canary-in-uri@bucket/",
    };
    const stack = await stackOf(recorded("wrong", wrong));
    const result = await stack.preview([], { code: "any" });
    expectPlainRefusal(
      result,
      "layout: must be one of grid",
      "restartPolicy: must be never, onFailure or always",
    );
    expect(result.output).toContain("outputUri: ");
    expect(result.output).not.toContain("canary-in-uri");
  });

  test("a recording that names no output is refused where the configuration names none either", async () => {
    const stack = await stackOf(recorded("nowhere", { outputUri: undefined }));
    expectPlainRefusal(
      await stack.preview([], { code: "any" }),
      "outputUri: nothing says where to: set rtc:recordingOutput",
    );
  });
});

describe("a server that cannot record is diagnosed", () => {
  test("at once, where it has no Redis", async () => {
    const plain = await startLivekit();
    const stack = await stackOf(recorded("unrecorded"), plain);

    const up = await stack.up([], { code: "any" });

    expectPlainRefusal(
      up,
      "NOT_CONFIGURED",
      "this server cannot record: it runs without Redis",
      "egress worker",
    );
    expect(secondsOf(up, "RtcRecording::unrecorded")).toBeLessThan(15); // and not 25, as without a worker
    await plain.stop();
  });

  test("within 25 seconds, where no worker answers, with progress on the row", async () => {
    const lonely = await startLivekit({ egress: "redis-only" });
    onTestFinished(lonely.stop);
    const stack = await stackOf(recorded("waiting"), lonely);

    const up = await stack.up([], { code: "any" });

    expectPlainRefusal(up, "UNAVAILABLE", "no egress worker took the recording: is one running");
    expect(up.output).not.toMatch(/TimeoutError|aborted due to timeout|DOMException/);
    const seconds = secondsOf(up, "RtcRecording::waiting");
    expect(seconds).toBeGreaterThan(15);
    expect(seconds).toBeLessThan(25 + BUSY);
    if (isThrough) return; // the gateway waits, and its client hears nothing in the meantime
    const progress = saidOn(up, "waiting").filter((text) => text.includes("waiting for an egress worker"));
    expect(progress.length).toBeGreaterThan(3);
    expect(progress[0]).toContain("3 s of at most 25");
  });

  test("where the worker has no capacity, with the worker's own words", async () => {
    await server.egress.faults({ room: "crowded", outOfCapacity: true });
    const stack = await stackOf(recorded("crowded"));
    expectPlainRefusal(await stack.up([], { code: "any" }), "UNAVAILABLE", "not enough CPU");
    expect(await egressesOf(server, "crowded")).toEqual([]);

    await server.egress.faults({ room: "crowded" });
    expect(changesIn(await stack.up())).toEqual(["create crowded"]);
    await stack.expectNoChanges(["--refresh"]);
  });
});

test("a recording that fails at once fails the up, with the reason; the next one starts another", async () => {
  await server.egress.faults({ room: "broken", startFailure: "template error: the page does not load" });
  const stack = await stackOf(recorded("broken"));
  const up = await stack.up([], { code: "any" });
  expectPlainRefusal(up, "livekit:broken failed at once", "template error: the page does not load");
  await expect(rememberedRecording(stack, "broken")).rejects.toThrow("The state has no recording");

  await server.egress.faults({ room: "broken" });
  expect(changesIn(await stack.up())).toEqual(["create broken"]);
  expect(await runningIn(server, "broken")).toHaveLength(1);
  await stack.expectNoChanges(["--refresh"]);
});

test("a room that is dormant is not there to be recorded: NOT_FOUND says why, and what brings it back", async () => {
  const room = `const rtc = require("pulumi-rtc"); const room = new rtc.RtcRoom("asleep", { emptyTimeoutSeconds: 1 });`;
  const stack = await stackOf(room);
  await stack.up();
  await expect.poll(() => roomAt(server, "asleep"), { timeout: 15_000 }).toBeUndefined();

  stack.write(recorded("asleep", {}, { emptyTimeoutSeconds: 1 }));
  const up = await stack.up([], { code: "any" });

  expectPlainRefusal(
    up,
    "NOT_FOUND",
    "room livekit:asleep is not there now",
    "comes back with the next join",
  );
  expect(await egressesOf(server, "asleep")).toEqual([]);
});
