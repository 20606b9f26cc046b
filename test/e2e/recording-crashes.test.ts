import { beforeAll, describe, expect, test } from "vitest";
import { killDuring, pendingOf, type Victim } from "../support/kill.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { type Proxy as LivekitProxy, startProxy } from "../support/proxy.ts";
import {
  activate,
  egressesOf,
  expectStatus,
  recorded,
  rememberedId,
  rememberedRecording,
  runningIn,
} from "../support/recordings.ts";
import { newStack, type Stack } from "../support/stack.ts";
import { expectPlainRefusal } from "../support/world.ts";

const START = "StartRoomCompositeEgress";

let server: LivekitServer;
let proxy: LivekitProxy;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
  proxy = await startProxy(server.url);
});

function stackOf(program: string): Promise<Stack> {
  return newStack({ program, env: { ...server.env, LIVEKIT_URL: proxy.url } });
}

/** After a kill of the CLI the stack is locked. */
async function unlock(stack: Stack, killed: Victim): Promise<void> {
  if (killed === "provider") return;
  expect((await stack.up([], { code: "any" })).output).toContain("pulumi cancel");
  await stack.run(["cancel", "--yes"]);
}

/** One recording runs, the state has it, and nothing is left to do. */
async function expectConverged(stack: Stack, name: string): Promise<void> {
  expect(await runningIn(server, name)).toEqual([await rememberedId(stack, name)]);
  await stack.expectNoChanges(["--refresh"]);
}

describe("after kill -9 in the middle of a start", () => {
  test.each(["CLI", "provider"] as const)(
    "of the %s, before the server has seen it, the next up starts the one recording",
    async (victim) => {
      const name = `early-${victim}`;
      const stack = await stackOf(recorded(name));
      const held = proxy.hold(START, "before");
      proxy.fail(START, "reset", { times: 1 });
      await killDuring(stack, victim, held.caught);
      held.release();
      expect(await egressesOf(server, name)).toEqual([]);

      await unlock(stack, victim);
      expect((await stack.up()).counts.create).toBe(1);

      expect(await egressesOf(server, name)).toHaveLength(1);
      await expectConverged(stack, name);
    },
  );

  test.each(["CLI", "provider"] as const)(
    "of the %s, after the server has started it, the next up takes that one over",
    async (victim) => {
      const name = `late-${victim}`;
      const stack = await stackOf(recorded(name));
      const held = proxy.hold(START, "after");
      await killDuring(stack, victim, held.caught);
      held.release();
      const [id] = await runningIn(server, name);
      expect(id).toMatch(/^EG_/);

      await unlock(stack, victim);
      expect((await stack.up()).counts.create).toBe(1);

      expect(await rememberedId(stack, name)).toBe(id);
      expect(await egressesOf(server, name)).toHaveLength(1);
      await expectConverged(stack, name);
      if (victim === "provider") return;
      // What the killed run has left in the state is no obstacle, and goes when it is told to.
      expect(await pendingOf(stack)).toEqual(["creating"]);
      await stack.refresh(["--clear-pending-creates"]);
      expect(await pendingOf(stack)).toEqual([]);
      await stack.destroy();
      expect(await runningIn(server, name)).toEqual([]);
    },
  );

  test("while it is watched for a failure at once, the next up takes it over", async () => {
    const stack = await stackOf(recorded("watched"));
    const before = proxy.calls.length;
    const listed = async () => {
      const calls = proxy.calls.slice(before);
      return calls.includes(START) && calls.lastIndexOf("ListEgress") > calls.indexOf(START);
    };
    await killDuring(stack, "CLI", expect.poll(listed, { timeout: 30_000, interval: 20 }).toBe(true));
    const [id] = await runningIn(server, "watched");

    await unlock(stack, "CLI");
    await stack.up();

    expect(await rememberedId(stack, "watched")).toBe(id);
    await expectConverged(stack, "watched");
  });

  test("that belongs to a replacement, the next up finishes it", async () => {
    const stack = await stackOf(recorded("moved"));
    await stack.up();
    const first = await rememberedId(stack, "moved");
    stack.write(recorded("moved", { outputUri: "out/elsewhere/" }));
    const held = proxy.hold(START, "after");
    await killDuring(stack, "CLI", held.caught);
    held.release();
    const [id] = await runningIn(server, "moved");
    expect(id).not.toBe(first);

    await unlock(stack, "CLI");
    await stack.up();

    expect(await rememberedRecording(stack, "moved")).toMatchObject({ outputUri: "out/elsewhere/" });
    expect(await rememberedId(stack, "moved")).toBe(id);
    await expectConverged(stack, "moved");
  });

  test("that follows one that has ended, the next up takes it over and keeps the file of the first", async () => {
    const stack = await stackOf(recorded("again", { restartPolicy: "always" }));
    await stack.up();
    const first = await rememberedId(stack, "again");
    await activate(server, "again", first);
    await server.recordings.stopEgress(first);
    const { fileResults } = await expectStatus(server, first, "EGRESS_COMPLETE");
    await stack.refresh();
    const held = proxy.hold(START, "after");
    await killDuring(stack, "CLI", held.caught);
    held.release();
    const [id] = await runningIn(server, "again");

    await unlock(stack, "CLI");
    await stack.up();

    expect(await rememberedId(stack, "again")).toBe(id);
    const { files } = await rememberedRecording(stack, "again");
    expect(files).toMatchObject([{ recording: `livekit:${first}`, location: fileResults[0]?.location }]);
    await expectConverged(stack, "again");
  });
});

test("when the answer to a start is lost, and the server can no longer be asked, the up fails and the next one takes it over", async () => {
  const stack = await stackOf(recorded("cut-off"));
  const held = proxy.hold(START, "after");
  const run = stack.spawn(["up", "--yes", "--skip-preview"]);
  await Promise.race([held.caught, run.result.then(({ output }) => Promise.reject(new Error(output)))]);
  proxy.fail(START, "reset", { when: "after" });
  proxy.fail("ListEgress", "reset");
  held.release();
  expectPlainRefusal(await run.result, "UNAVAILABLE");
  proxy.reset();
  const [id] = await runningIn(server, "cut-off");

  await stack.up();

  expect(await rememberedId(stack, "cut-off")).toBe(id);
  expect(await egressesOf(server, "cut-off")).toHaveLength(1);
  await expectConverged(stack, "cut-off");
});
