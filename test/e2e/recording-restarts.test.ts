import { beforeAll, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import {
  activate,
  egressAt,
  expectStatus,
  leave,
  recorded,
  rememberedId,
  rememberedRecording,
  runningIn,
} from "../support/recordings.ts";
import { roomAt } from "../support/rooms.ts";
import { newStack, type Stack } from "../support/stack.ts";
import { joinPlainly } from "../support/tokens.ts";
import { changesIn, expectPlainRefusal, saidOn } from "../support/world.ts";

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
});

async function started(name: string, restartPolicy: string, room: object = {}): Promise<Stack> {
  const stack = await newStack({ program: recorded(name, { restartPolicy }, room), env: server.env });
  await stack.up();
  return stack;
}

async function fail(stack: Stack, name: string): Promise<string> {
  const id = await rememberedId(stack, name);
  await server.egress.killRecorder(id);
  await expectStatus(server, id, "EGRESS_FAILED");
  return id;
}

test("always: each that has ended is followed by another, as an update in place, and every file stays listed", async () => {
  const stack = await started("radio", "always");
  const ended: string[] = [];
  const files: string[] = [];
  for (const round of [1, 2]) {
    const id = await rememberedId(stack, "radio");
    const alice = await activate(server, "radio", id);
    await server.recordings.stopEgress(id);
    const { fileResults } = await expectStatus(server, id, "EGRESS_COMPLETE");
    ended.push(`livekit:${id}`);
    files.push(fileResults[0]?.location ?? "");
    await leave(server, "radio", alice);

    // With a refresh first, or by a refresh and an up after it.
    if (round === 1) {
      expect(changesIn(await stack.preview(["--refresh"]))).toEqual(["update radio"]);
      expect(await runningIn(server, "radio")).toEqual([]);
      expect(changesIn(await stack.up(["--refresh"]))).toEqual(["update radio"]);
    } else {
      await stack.refresh();
      const preview = await stack.preview();
      expect(saidOn(preview, "radio").join()).toContain("restartPolicy is always: another is started");
      expect(changesIn(await stack.up())).toEqual(["update radio"]);
    }

    expect(await runningIn(server, "radio")).toEqual([await rememberedId(stack, "radio")]);
    const now = await rememberedRecording(stack, "radio");
    expect(now).toMatchObject({ status: "starting", files: files.map((location) => ({ location })) });
    expect((now["files"] as { recording: string }[]).map(({ recording }) => recording)).toEqual(ended);
    await stack.expectNoChanges(["--refresh"]);
  }
  const { output } = await stack.destroy();
  for (const file of files) expect(output).toContain(file);
});

test("onFailure: another follows one that has failed, and none one that was stopped", async () => {
  const stack = await started("call", "onFailure");
  const failed = await fail(stack, "call");

  expect(changesIn(await stack.up(["--refresh"]))).toEqual(["update call"]);

  const id = await rememberedId(stack, "call");
  expect(id).not.toBe(failed);
  expect(await runningIn(server, "call")).toEqual([id]);
  expect(await rememberedRecording(stack, "call")).not.toHaveProperty("error");
  await activate(server, "call", id);
  await server.recordings.stopEgress(id);
  await expectStatus(server, id, "EGRESS_COMPLETE");
  expect(changesIn(await stack.up(["--refresh"]))).toEqual([]);
  expect(await runningIn(server, "call")).toEqual([]);
});

test("never, the default, leaves a failed one ended; the up that brings another policy starts another", async () => {
  const stack = await started("once", "never");
  await fail(stack, "once");
  expect(changesIn(await stack.up(["--refresh"]))).toEqual([]);
  expect(await runningIn(server, "once")).toEqual([]);

  stack.write(recorded("once", { restartPolicy: "onFailure" }));
  expect(changesIn(await stack.up())).toEqual(["update once"]);

  expect(await runningIn(server, "once")).toEqual([await rememberedId(stack, "once")]);
  await stack.expectNoChanges(["--refresh"]);
});

test("a restart that fails at once is told, loses nothing, and is tried again by the next up", async () => {
  const stack = await started("stubborn", "always");
  const first = await fail(stack, "stubborn");
  await server.egress.faults({ room: "stubborn", startFailure: "template error" });

  expectPlainRefusal(await stack.up(["--refresh"], { code: "any" }), "failed at once", "template error");

  expect(await rememberedRecording(stack, "stubborn")).toMatchObject({ recording: `livekit:${first}` });
  await server.egress.faults({ room: "stubborn" });
  expect(changesIn(await stack.up())).toEqual(["update stubborn"]);
  expect(await runningIn(server, "stubborn")).toEqual([await rememberedId(stack, "stubborn")]);
});

test("a room that is dormant waits for its people: nothing is due before they are back", async () => {
  const stack = await started("weekly", "always", { emptyTimeoutSeconds: 12 });
  const id = await rememberedId(stack, "weekly");
  await expect.poll(() => roomAt(server, "weekly"), { timeout: 30_000 }).toBeUndefined();
  await expect.poll(async () => (await egressAt(server, id)).endedAt, { timeout: 15_000 }).not.toBe(0n);
  expect(changesIn(await stack.up(["--refresh"]))).toEqual([]);
  await stack.expectNoChanges(["--refresh"]);

  await joinPlainly(server, "weekly", "alice");
  await stack.up(["--refresh"]);

  const { sid } = (await roomAt(server, "weekly")) ?? {};
  expect(await runningIn(server, "weekly")).toEqual([await rememberedId(stack, "weekly")]);
  expect(await rememberedRecording(stack, "weekly")).toMatchObject({ roomSid: sid });
});
