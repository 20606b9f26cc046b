import { beforeAll, describe, expect, test } from "vitest";
import { killDuring } from "../support/kill.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { type Proxy as LivekitProxy, startProxy } from "../support/proxy.ts";
import {
  activate,
  egressAt,
  egressesOf,
  expectStatus,
  leave,
  nameOf,
  recorded,
  rememberedId,
  runningIn,
} from "../support/recordings.ts";
import { roomAt } from "../support/rooms.ts";
import { newStack, type Stack } from "../support/stack.ts";
import { expectPlainRefusal } from "../support/world.ts";

const START = "StartRoomCompositeEgress";

let server: LivekitServer;
let proxy: LivekitProxy;
let env: Record<string, string>;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
  proxy = await startProxy(server.url);
  env = await server.envWith({ LIVEKIT_URL: proxy.url });
});

function stackOf(program: string): Promise<Stack> {
  return newStack({ program, env });
}

/** A command on a busy machine takes its time until it does something. */
const ending = (id: string) => expectStatus(server, id, "EGRESS_ENDING", { timeout: 90_000, interval: 100 });

/** Lets a recording that was told to end since then finish its file, in some seconds. */
const finishSoon = (room: string, since: number) =>
  server.egress.faults({ room, finishMs: Date.now() - since + 10_000 });

/** A stack with a recording that does not finish by itself, and whose people have left. */
async function recording(name: string): Promise<{ stack: Stack; id: string }> {
  const stack = await stackOf(recorded(name));
  await stack.up();
  const id = await rememberedId(stack, name);
  await leave(server, name, await activate(server, name, id));
  await server.egress.faults({ room: name, finishMs: 600_000 });
  return { stack, id };
}

// Kills at the vendor calls of any up: test/reliability/crash-matrix.test.ts, and a sample of them in crashes.test.ts.
describe("after kill -9 while a recording is finishing", () => {
  test.each(["CLI", "provider"] as const)(
    "of the %s, destroy again waits for the file and names it",
    async (victim) => {
      const name = `finishing-${victim}`;
      const { stack, id } = await recording(name);
      const since = Date.now();
      await killDuring(stack, victim, ending(id), { command: "destroy" });
      if (victim === "CLI") await stack.run(["cancel", "--yes"]);
      expect(await rememberedId(stack, name)).toBe(id);
      expect(nameOf((await egressAt(server, id)).status)).toBe("EGRESS_ENDING");

      await finishSoon(name, since);
      const { output } = await stack.destroy();

      const { fileResults } = await expectStatus(server, id, "EGRESS_COMPLETE");
      expect(fileResults[0]?.location).toMatch(/\.ogg$/);
      expect(output).toContain(fileResults[0]?.location);
      expect(await egressesOf(server, name)).toHaveLength(1);
      expect(await roomAt(server, name)).toBeUndefined();
    },
  );

  test("and making place for another, the next up lets it finish and starts the other", async () => {
    const { stack, id } = await recording("replaced");
    stack.write(recorded("replaced", { outputUri: "out/anew/" }));
    const since = Date.now();
    await killDuring(stack, "CLI", ending(id));
    await stack.run(["cancel", "--yes"]);
    expect(nameOf((await egressAt(server, id)).status)).toBe("EGRESS_ENDING");

    await finishSoon("replaced", since);
    const { output } = await stack.up();

    const { fileResults } = await expectStatus(server, id, "EGRESS_COMPLETE");
    expect(output).toContain(fileResults[0]?.location);
    expect(await runningIn(server, "replaced")).toEqual([await rememberedId(stack, "replaced")]);
    expect(await egressesOf(server, "replaced")).toHaveLength(2);
    await stack.expectNoChanges(["--refresh"]);
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
  expect(await runningIn(server, "cut-off")).toEqual([id]);
  expect(await egressesOf(server, "cut-off")).toHaveLength(1);
  await stack.expectNoChanges(["--refresh"]);
});
