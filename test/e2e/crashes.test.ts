import { beforeAll, describe, expect, test } from "vitest";
import { findPoints, killAt } from "../support/crash-matrix.ts";
import { sampleOf } from "../support/crash-points.ts";
import { scenes } from "../support/crash-scenes.ts";
import { newStage, type Stage } from "../support/crash-stage.ts";
import { killDuring, pendingOf } from "../support/kill.ts";
import type { LivekitServer } from "../support/livekit.ts";
import { declaring } from "../support/programs.ts";
import { type Proxy as LivekitProxy, startProxy } from "../support/proxy.ts";
import { report } from "../support/reliability.ts";
import { remembered, roomAt } from "../support/rooms.ts";
import { newStack, type Stack } from "../support/stack.ts";

let stage: Stage;
let server: LivekitServer;
let proxy: LivekitProxy;
beforeAll(async () => {
  stage = await newStage();
  server = stage.server;
  proxy = await startProxy(server.url);
});

const program = (name: string, maxParticipants = 12) => declaring({ [name]: { maxParticipants } });

async function expectConverged(stack: Stack, name: string): Promise<void> {
  const { sid } = (await roomAt(server, name)) ?? {};
  expect(sid).toBeDefined();
  expect((await remembered(stack))[name]?.outputs["sid"]).toBe(sid);
  await stack.expectNoChanges();
  await stack.expectNoChanges(["--refresh"]);
}

// All points: test/reliability/crash-matrix.test.ts.
test("after kill -9 right after any change at the vendor or at the gateway, of the CLI or the provider, the next up heals it", {
  timeout: 600_000,
}, async () => {
  const sample = sampleOf(await findPoints(stage));
  expect(new Set(sample.map(({ scene }) => scene))).toEqual(new Set(scenes));

  const { converged, failures } = await killAt(sample, stage);

  expect(failures).toEqual([]);
  expect(converged).toBe(sample.length);
});

describe("after kill -9 of the CLI in the middle of a create", () => {
  test("the provider ends too, the next up makes the room, and the create still on its way changes nothing", async () => {
    const stack = await newStack({ program: program("early"), env: server.env });
    const held = proxy.hold("CreateRoom", "before");
    await killDuring(stack, "CLI", held.caught, { env: await server.envWith({ LIVEKIT_URL: proxy.url }) });
    expect(await roomAt(server, "early")).toBeUndefined();

    await stack.run(["cancel", "--yes"]);
    expect((await stack.up()).counts.create).toBe(1);
    const { sid } = (await roomAt(server, "early")) ?? {};
    const arrived = () => server.log().match(/CreateRoom.*"early"/g)?.length ?? 0;
    const before = arrived();
    held.release();

    await expect.poll(arrived).toBeGreaterThan(before);
    expect(await roomAt(server, "early")).toMatchObject({ sid, maxParticipants: 12 });
    await expectConverged(stack, "early");
  });

  test("the next up takes over the room that was made, and the pending create is not in the way", async ({
    task,
  }) => {
    const stack = await newStack({ program: program("late"), env: server.env });
    const held = proxy.hold("CreateRoom", "after");
    await killDuring(stack, "CLI", held.caught, { env: await server.envWith({ LIVEKIT_URL: proxy.url }) });
    held.release();
    const { sid } = (await roomAt(server, "late")) ?? {};
    expect(sid).toBeDefined();

    const locked = await stack.up([], { code: "any" });
    expect(locked.code).not.toBe(0);
    expect(locked.output).toMatch(/currently locked by 1 lock.*pulumi cancel.*\(pid \d+\)/s);
    await stack.run(["cancel", "--yes"]);
    expect(await pendingOf(stack)).toEqual(["creating"]);
    await stack.preview();
    expect((await stack.up()).counts.create).toBe(1);
    expect(await roomAt(server, "late")).toMatchObject({ sid });

    await stack.refresh(["--expect-no-changes"]);
    expect((await stack.up()).counts).toMatchObject({ same: 1, create: 0 });
    await expectConverged(stack, "late");
    expect(await pendingOf(stack)).toEqual(["creating"]);
    await stack.refresh(["--clear-pending-creates"]);
    expect(await pendingOf(stack)).toEqual([]);
    const { output } = await stack.up();
    expect(output).not.toContain("pending operations");
    report(task, {
      promise:
        "A state that a dead process has locked: the message says `pulumi cancel`, and the next `up` takes over the room",
      figure: `${Object.keys(await remembered(stack)).length} room, ${(await pendingOf(stack)).length} pending operations`,
    });
    await stack.destroy();
    expect(await roomAt(server, "late")).toBeUndefined();
  });
});
