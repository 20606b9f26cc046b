import { beforeAll, describe, expect, test } from "vitest";
import { killDuring, type Victim } from "../support/kill.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { type Proxy as LivekitProxy, startProxy } from "../support/proxy.ts";
import { egressesOf, recorded, rememberedId, runningIn } from "../support/recordings.ts";
import { newStack, type Stack } from "../support/stack.ts";

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
});
