import { beforeAll, describe, expect, test } from "vitest";
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
import { changesIn } from "../support/world.ts";

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
});

async function started(program: string): Promise<Stack> {
  const stack = await newStack({ program, env: server.env });
  await stack.up();
  return stack;
}

describe("a recording that has ended with its room", () => {
  test("is history: it keeps status, file and duration, also when the vendor has forgotten it, and is no drift", async () => {
    const stack = await started(recorded("lecture", {}, { emptyTimeoutSeconds: 15 }));
    // Not from the state: a command takes its time on a busy machine, and the room waits 15 seconds.
    const [id = ""] = await runningIn(server, "lecture");
    const alice = await activate(server, "lecture", id);
    await alice.leave();
    await expect.poll(() => roomAt(server, "lecture"), { timeout: 30_000 }).toBeUndefined();
    const { fileResults } = await expectStatus(server, id, "EGRESS_COMPLETE");

    const { output } = await stack.refresh(["--expect-no-changes"]);

    expect(output).not.toContain("warning");
    const history = await rememberedRecording(stack, "lecture");
    expect(history).toMatchObject({
      status: "complete",
      recording: `livekit:${id}`,
      outputUri: "out/lecture/",
      files: [
        {
          recording: `livekit:${id}`,
          location: fileResults[0]?.location,
          sizeBytes: Number(fileResults[0]?.size),
          durationSeconds: history["durationSeconds"],
        },
      ],
      endedAt: expect.stringMatching(/Z$/),
    });
    expect(history["durationSeconds"]).toBeCloseTo(Number(fileResults[0]?.duration) / 1e9, 2);
    expect(history).not.toHaveProperty("error");
    await stack.expectNoChanges();

    await server.egress.forget(id);
    await stack.refresh(["--expect-no-changes"]);
    expect(await rememberedRecording(stack, "lecture")).toEqual(history);
    expect(changesIn(await stack.up(["--refresh"]))).toEqual([]);
    expect(await runningIn(server, "lecture")).toEqual([]);
    await stack.destroy();
  });

  test("and that the vendor had forgotten before anybody looked is told to be over, without a made-up end", async () => {
    const stack = await started(recorded("unseen"));
    const id = await rememberedId(stack, "unseen");
    await server.recordings.stopEgress(id);
    await expectStatus(server, id, "EGRESS_ABORTED");
    await server.egress.forget(id);

    const { output } = await stack.refresh(["--expect-no-changes"]);

    expect(output).toMatch(/warning: recording livekit:EG_\w+ of room livekit:unseen.*forgotten/);
    const seen = await rememberedRecording(stack, "unseen");
    expect(seen["error"]).toContain("the vendor has forgotten it");
    expect(seen).not.toHaveProperty("files");
    await stack.expectNoChanges(["--refresh"]);
    await stack.destroy();
  });
});

const ROOMS = ["stopped", "stopped-early", "limited", "lost", "killed"] as const;

/** Lets the recording of each room end before its time, each in another way. */
async function endAll(stack: Stack): Promise<Record<(typeof ROOMS)[number], string>> {
  const ids = await Promise.all(ROOMS.map(async (name) => [name, await rememberedId(stack, name)] as const));
  const id = Object.fromEntries(ids) as Record<(typeof ROOMS)[number], string>;
  for (const name of ["stopped", "limited", "lost", "killed"] as const)
    await activate(server, name, id[name]);
  await server.recordings.stopEgress(id.stopped);
  await server.recordings.stopEgress(id["stopped-early"]);
  await server.egress.faults({ room: "limited", sessionLimitMs: 1 });
  await server.egress.faults({ room: "lost", uploadFailure: "AccessDenied" });
  await server.recordings.stopEgress(id.lost);
  await server.egress.killRecorder(id.killed);
  for (const name of ROOMS)
    await expect
      .poll(async () => (await egressAt(server, id[name])).endedAt, { timeout: 15_000 })
      .not.toBe(0n);
  return id;
}

test("a recording that ended before its time says why, in its outputs and once as a warning, and is no drift", async () => {
  const several = ROOMS.map((name) => `{ ${recorded(name).replace(/^exports.*$/m, "")} }`).join("\n");
  const stack = await started(several);
  const id = await endAll(stack);

  const { output } = await stack.refresh(["--expect-no-changes"]);

  for (const [name, status, error] of [
    ["stopped", "complete", "it was stopped before its room closed"],
    ["stopped-early", "aborted", "Start signal not received (End reason: StopEgress API)"],
    ["limited", "limit_reached", "Session limit reached"],
    ["lost", "failed", "AccessDenied"],
    ["killed", "failed", "signal: killed"],
  ] as const) {
    const seen = await rememberedRecording(stack, name);
    expect(seen).toMatchObject({ status, error: expect.stringContaining(error) });
    const warning = `warning: recording livekit:${id[name]} of room livekit:${name} is ${status}: ${seen["error"]}`;
    expect(output).toContain(warning);
    expect(seen["files"] ?? []).toHaveLength(name === "stopped" || name === "limited" ? 1 : 0);
  }
  const again = await stack.refresh(["--expect-no-changes"]);
  expect(again.output).not.toContain("warning");
  expect(changesIn(await stack.up(["--refresh"]))).toEqual([]);
  for (const name of ROOMS) expect(await runningIn(server, name)).toEqual([]);
});

test("a warning of an early end stands in up --refresh too", async () => {
  const stack = await started(recorded("cut"));
  const id = await rememberedId(stack, "cut");
  const alice = await activate(server, "cut", id);
  await server.egress.killRecorder(id);
  await expectStatus(server, id, "EGRESS_FAILED");
  await leave(server, "cut", alice);
  expect((await stack.up(["--refresh"])).output).toContain(`livekit:cut is failed: signal: killed`);
});
