import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import {
  activate,
  egressesOf,
  leave,
  rememberedId,
  rememberedRecording,
  runningIn,
} from "../support/recordings.ts";
import { newStack, type Stack } from "../support/stack.ts";
import { changesIn, expectPlainRefusal, saidOn } from "../support/world.ts";

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
});

function declare(stack: Stack, ...lines: string[]): void {
  const text = ["apiVersion: rtc/v1", `project: ${stack.project}`, ...lines, ""].join("\n");
  writeFileSync(join(stack.dir, "rtc.yaml"), text);
}

async function newManifest(...lines: string[]): Promise<Stack> {
  const program = 'module.exports = require("pulumi-rtc/program");';
  const config = { "rtc:recordingOutput": "out/all/" };
  const stack = await newStack({ program, env: server.env, config });
  declare(stack, ...lines);
  return stack;
}

test("The recordings of rtc.yaml are started with all their inputs, changed, and stopped, each with its room", async () => {
  const rooms = [
    "rooms:",
    "  standup: { name: standup-7b, emptyTimeoutSeconds: 600 }",
    "  lobby: { emptyTimeoutSeconds: 600 }",
  ];
  const stack = await newManifest(
    ...rooms,
    "recordings:",
    "  standup: { room: standup, audioOnly: true, layout: speaker, outputUri: out/standup/, metadata: { week: 7 } }",
    "  lobby-video: { room: lobby, restartPolicy: onFailure, forceDestroy: true }",
  );
  const made = ["create lobby", "create lobby-video", "create standup", "create standup"];
  expect(changesIn(await stack.preview()).sort()).toEqual(made);
  expect(changesIn(await stack.up()).sort()).toEqual(made);

  const [audio] = await egressesOf(server, "standup-7b");
  const [video] = await egressesOf(server, "lobby");
  expect(await stack.outputs()).toEqual({
    rooms: { standup: "livekit:standup-7b", lobby: "livekit:lobby" },
    recordings: { standup: `livekit:${audio?.egressId}`, "lobby-video": `livekit:${video?.egressId}` },
  });
  expect(audio?.request.value).toMatchObject({ layout: "speaker", audioOnly: true });
  expect(video?.request.value).toMatchObject({ layout: "grid", audioOnly: false });
  expect(await rememberedRecording(stack, "standup")).toMatchObject({ metadata: { week: 7 } });
  expect(await rememberedRecording(stack, "lobby-video")).toMatchObject({
    outputUri: "out/all/",
    restartPolicy: "onFailure",
    forceDestroy: true,
  });
  await stack.expectNoChanges(["--refresh"]);

  const alice = await activate(server, "standup-7b", audio?.egressId ?? "");
  declare(
    stack,
    ...rooms,
    "recordings:",
    "  standup: { room: standup, audioOnly: true, outputUri: out/standup/ }",
  );
  expect(changesIn(await stack.up()).sort()).toEqual(["delete lobby-video", "update standup"]);
  expect(await runningIn(server, "lobby")).toEqual([]);
  expect(await runningIn(server, "standup-7b")).toEqual([await rememberedId(stack, "standup")]);
  await stack.expectNoChanges(["--refresh"]);

  await leave(server, "standup-7b", alice);
  await stack.destroy();
  expect(await server.service.listRooms()).toEqual([]);
});

test("A recording of a room that never closes is warned of, and one of a room that the manifest lacks is refused", async () => {
  const stack = await newManifest("rooms:", "  hall:", "recordings:", "  hall: { room: hall }");
  expect(saidOn(await stack.preview(), "hall").join()).toContain("set emptyTimeoutSeconds on the room");

  declare(stack, "rooms:", "  hall:", "recordings:", "  hall: { room: hal }");
  const message = "rtc.yaml:6:17: recordings.hall.room: names no room of this manifest; did you mean hall?";
  expectPlainRefusal(await stack.preview([], { code: "any" }), message);
  expectPlainRefusal(await stack.up([], { code: "any" }), message);
  expect(await egressesOf(server, "hall")).toEqual([]);
});
