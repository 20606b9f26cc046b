import { beforeAll, describe, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import {
  activate,
  egressAt,
  egressesOf,
  expectStatus,
  nameOf,
  recorded,
  recordersIn,
  rememberedId,
  rememberedRecording,
  runningIn,
  whenEnded,
} from "../support/recordings.ts";
import { roomAt } from "../support/rooms.ts";
import { newStack, type Stack } from "../support/stack.ts";
import { isTheNine, isThrough, UPDATE } from "../support/through.ts";
import { changesIn, reasonsFor, saidOn } from "../support/world.ts";

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
});

async function started(program: string): Promise<Stack> {
  const stack = await newStack({ program, env: server.env });
  await stack.up();
  return stack;
}

/** Previews and carries out a new program; both must say the same. Returns what was previewed. */
async function changeTo(stack: Stack, program: string, changes: string[]) {
  stack.write(program);
  const preview = await stack.preview();
  expect(changesIn(preview)).toEqual(changes);
  expect(changesIn(await stack.up())).toEqual(changes);
  return preview;
}

describe("a declared recording", () => {
  test("is started by up, which is done while the room is still empty", async () => {
    const stack = await newStack({
      program: recorded("standup", { metadata: { week: 7 } }),
      env: server.env,
    });
    expect(changesIn(await stack.preview()).sort()).toEqual(["create standup", "create standup"]);
    expect(await egressesOf(server, "standup")).toEqual([]);

    await stack.up();

    const [egress, ...others] = await egressesOf(server, "standup");
    expect(others).toEqual([]);
    expect(egress?.request.value).toMatchObject({ roomName: "standup", layout: "grid", audioOnly: true });
    const { sid } = (await roomAt(server, "standup")) ?? {};
    expect(await rememberedRecording(stack, "standup")).toEqual({
      __provider: expect.stringContaining('("pulumi-rtc/provider").recording'),
      room: "livekit:standup",
      roomSid: sid,
      vendor: "livekit",
      audioOnly: true,
      outputUri: "out/standup/",
      metadata: { week: 7 },
      recording: `livekit:${egress?.egressId}`,
      status: "starting",
      startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      endpoint: server.endpoint,
      ...(isTheNine && { unverified: true }),
      schemaVersion: 1,
    });
    await stack.expectNoChanges();
    await stack.expectNoChanges(["--refresh"]);
    expect(await runningIn(server, "standup")).toEqual([egress?.egressId]);
  });

  test("becomes active when somebody publishes, which a refresh learns and no preview calls a change", async () => {
    const stack = await started(recorded("class"));
    const id = await rememberedId(stack, "class");
    await activate(server, "class", id);
    await stack.expectNoChanges(["--refresh"]);

    await stack.refresh(["--expect-no-changes"]);

    expect(await rememberedRecording(stack, "class")).toMatchObject({
      status: "active",
      recording: `livekit:${id}`,
    });
    await stack.expectNoChanges();
    expect(await runningIn(server, "class")).toEqual([id]);
  });

  test("takes another layout while it runs, and metadata, restartPolicy and forceDestroy into its record", async () => {
    const stack = await started(recorded("stage"));
    const id = await rememberedId(stack, "stage");
    await activate(server, "stage", id);
    let inputs = {};
    for (const [key, value] of Object.entries({
      layout: "speaker-dark",
      metadata: { week: 8 },
      restartPolicy: "onFailure",
      forceDestroy: true,
    })) {
      inputs = { ...inputs, [key]: value };

      stack.write(recorded("stage", inputs));
      const up = await stack.up();

      expect(changesIn(up)).toEqual(["update stage"]);
      expect(reasonsFor(up, "stage")).toEqual([key]);
      expect(await rememberedRecording(stack, "stage")).toMatchObject({
        ...inputs,
        recording: `livekit:${id}`,
      });
    }
    const [recorder, ...others] = await recordersIn(server, "stage");
    expect(others).toEqual([]);
    expect(JSON.parse(recorder?.metadata ?? "")).toEqual({ layout: "speaker-dark" });
    expect((await expectStatus(server, id, "EGRESS_ACTIVE")).egressId).toBe(id);
    await stack.expectNoChanges(["--refresh"]);
  });

  test("is replaced, with the reason, where the room, audioOnly or outputUri changes: one ends and one runs", async () => {
    const second = `const other = new rtc.RtcRoom("other", { emptyTimeoutSeconds: 600 });`;
    const elsewhere = (inputs: object) => recorded("hall", inputs).replace("{ room,", "{ room: other,");
    const place = (program: string) => program.replace("const recording", `${second}\nconst recording`);
    const stack = await started(place(recorded("hall")));
    let room = "hall";
    for (const [program, reason] of [
      [recorded("hall", { outputUri: "out/new/" }), "outputUri cannot be changed in place"],
      [recorded("hall", { audioOnly: false, outputUri: "out/new/" }), "audioOnly cannot be changed in place"],
      [elsewhere({ audioOnly: false, outputUri: "out/new/" }), "it records another room"],
    ] as const) {
      const before = await rememberedId(stack, "hall");

      const preview = await changeTo(stack, place(program), ["replace hall"]);

      expect(saidOn(preview, "hall").join("\n")).toContain(reason);
      const now = await rememberedId(stack, "hall");
      if (program.includes("room: other")) room = "other";
      await whenEnded(async () => {
        expect(nameOf((await egressAt(server, before)).status)).toBe("EGRESS_ABORTED");
        expect(await runningIn(server, room)).toEqual([now]);
      });
    }
    expect(await runningIn(server, "hall")).toEqual([]);
    expect(await rememberedRecording(stack, "hall")).toMatchObject({
      room: "livekit:other",
      audioOnly: false,
    });
    await stack.expectNoChanges(["--refresh"]);
  });

  test("keeps nothing behind when it is destroyed", async () => {
    const stack = await started(recorded("short"));
    expect((await stack.destroy()).counts.delete).toBe(2);
    await whenEnded(async () => expect(await runningIn(server, "short")).toEqual([]));
    expect(await roomAt(server, "short")).toBeUndefined();
  });

  test("writes to rtc:recordingOutput where it names no outputUri itself", async () => {
    const program = recorded("plain").replace('"outputUri":"out/plain/"', "");
    const stack = await newStack({ program, env: server.env, config: { "rtc:recordingOutput": "out/all/" } });
    await stack.up();
    expect(await rememberedRecording(stack, "plain")).toMatchObject({ outputUri: "out/all/" });
    const [egress] = await egressesOf(server, "plain");
    expect(egress?.fileResults[0]?.filename).toMatch(/^out\/all\/plain-.+\.ogg$/);
    await stack.expectNoChanges(["--refresh"]);
  });
});

describe("a recording of a room that is not managed here, given by its name", () => {
  test("is started, changed in place, and destroyed; the room stays", async () => {
    const program = (inputs: object) => `
      const rtc = require("pulumi-rtc");
      const inputs = ${JSON.stringify({ room: "townhall", audioOnly: true, outputUri: "out/townhall/", ...inputs })};
      new rtc.RtcRecording("townhall", inputs);
    `;
    // A gateway finds out whose a bare name is, and the resource goes on with the name.
    const sameRoom = isThrough ? "townhall" : "livekit:townhall";
    const { sid } = await server.service.createRoom({ name: "townhall", emptyTimeout: 600 });
    const stack = await started(program({}));
    expect(await rememberedRecording(stack, "townhall")).toMatchObject({
      room: sameRoom,
      roomSid: sid,
    });
    await stack.refresh(["--expect-no-changes"]);
    await stack.expectNoChanges();
    const id = await rememberedId(stack, "townhall");

    // The same room by its id is no change.
    stack.write(program({ layout: "speaker", room: sameRoom }));
    const up = await stack.up();
    expect(changesIn(up)).toEqual([`${UPDATE} townhall`]);
    expect(reasonsFor(up, "townhall")).toEqual(["layout"]);
    await whenEnded(async () =>
      expect(await runningIn(server, "townhall")).toEqual([isTheNine ? expect.any(String) : id]),
    );
    await stack.destroy();
    await whenEnded(async () => expect(await runningIn(server, "townhall")).toEqual([]));
    expect(await roomAt(server, "townhall")).toMatchObject({ sid });
  });
});
