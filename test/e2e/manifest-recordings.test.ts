import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EgressInfo } from "livekit-server-sdk";
import { beforeAll, describe, expect, test } from "vitest";
import { startLivekit } from "../support/livekit.ts";
import { activate, egressesOf, leave, runningIn, storedRecording } from "../support/recordings.ts";
import { newStack } from "../support/stack.ts";
import type { Result } from "../support/stack-types.ts";
import { changesIn, messagesOn } from "../support/world.ts";

const ROOMS = [
  "rooms:",
  "  standup: { name: standup-7b, emptyTimeoutSeconds: 600 }",
  "  lobby: { emptyTimeoutSeconds: 600 }",
  "  hall:",
  "recordings:",
  "  hall: { room: hall }",
];
const BEFORE = [
  ...ROOMS,
  "  standup: { room: standup, audioOnly: true, layout: speaker, outputUri: out/standup/, metadata: { week: 7 } }",
  "  lobby-video: { room: lobby, restartPolicy: onFailure, forceDestroy: true }",
];
const AFTER = [...ROOMS, "  standup: { room: standup, audioOnly: true, outputUri: out/standup/ }"];

// What of a recording is rejected: test/unit/manifest/recordings.test.ts.
describe("The recordings of rtc.yaml", () => {
  const ran = {} as Record<"plan" | "made" | "changed", Result>;
  const remembered = {} as Record<"audio" | "video" | "changed", Record<string, unknown>>;
  let outputs: Record<string, unknown>;
  let [audio, video, hall]: (EgressInfo | undefined)[] = [];
  let running: string[][];
  let left: unknown[];

  beforeAll(async () => {
    const server = await startLivekit({ egress: "worker" });
    const program = 'module.exports = require("pulumi-rtc/program");';
    const config = { "rtc:recordingOutput": "out/all/" };
    const stack = await newStack({ program, env: server.env, config });
    const declare = (lines: string[]) => {
      const text = ["apiVersion: rtc/v1", `project: ${stack.project}`, ...lines, ""].join("\n");
      writeFileSync(join(stack.dir, "rtc.yaml"), text);
    };
    declare(BEFORE);
    ran.plan = await stack.preview();
    ran.made = await stack.up();
    outputs = await stack.outputs();
    const started = ["standup-7b", "lobby", "hall"].map((room) => egressesOf(server, room));
    [audio, video, hall] = (await Promise.all(started)).map(([first]) => first);
    remembered.audio = await storedRecording(stack, "standup");
    remembered.video = await storedRecording(stack, "lobby-video");

    const alice = await activate(server, "standup-7b", audio?.egressId ?? "");
    declare(AFTER);
    ran.changed = await stack.up();
    running = await Promise.all(["standup-7b", "lobby", "hall"].map((room) => runningIn(server, room)));
    remembered.changed = await storedRecording(stack, "standup");

    await leave(server, "standup-7b", alice);
    await stack.destroy();
    left = [...(await server.service.listRooms()), ...(await server.recordings.listEgress({ active: true }))];
  });

  test("are started with all their inputs, as the preview reports", () => {
    const made = ["hall", "hall", "lobby", "lobby-video", "standup", "standup"].map(
      (name) => `create ${name}`,
    );
    expect(changesIn(ran.plan).sort()).toEqual(made);
    expect(changesIn(ran.made).sort()).toEqual(made);
    expect(audio?.request.value).toMatchObject({ layout: "", audioOnly: true });
    expect(video?.request.value).toMatchObject({ layout: "grid", audioOnly: false });
    expect(remembered.audio).toMatchObject({ metadata: { week: 7 } });
    expect(remembered.video).toMatchObject({
      outputUri: "out/all/",
      restartPolicy: "onFailure",
      forceDestroy: true,
    });
  });

  test("are the outputs of the stack beside its rooms", () => {
    const recording = (egress: EgressInfo | undefined) => `livekit:${egress?.egressId}`;
    expect(outputs).toEqual({
      rooms: { standup: "livekit:standup-7b", lobby: "livekit:lobby", hall: "livekit:hall" },
      recordings: { standup: recording(audio), "lobby-video": recording(video), hall: recording(hall) },
    });
  });

  test("are changed and stopped with the file, and without drift, whether or not a participant has published", () => {
    expect(changesIn(ran.changed).sort()).toEqual(["delete lobby-video", "update standup"]);
    expect(running).toEqual([[audio?.egressId], [], [hall?.egressId]]);
    expect(remembered.changed["recording"]).toBe(`livekit:${audio?.egressId}`);
    expect(remembered.changed).not.toHaveProperty("metadata");
  });

  test("are stopped by destroy, and their rooms deleted", () => {
    expect(left).toEqual([]);
  });

  test("of a room that never closes bring a warning in the preview", () => {
    expect(messagesOn(ran.plan, "hall").join()).toContain("set emptyTimeoutSeconds on the room");
    expect(messagesOn(ran.plan, "standup").join()).not.toContain("set emptyTimeoutSeconds");
  });
});
