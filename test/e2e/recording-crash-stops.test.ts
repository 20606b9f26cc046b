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

let server: LivekitServer;
let proxy: LivekitProxy;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
  proxy = await startProxy(server.url);
});

/** A stack with a recording that has something to finish, and whose people have left. */
async function recording(name: string, finishMs: number): Promise<{ stack: Stack; id: string }> {
  const env = { ...server.env, LIVEKIT_URL: proxy.url };
  const stack = await newStack({ program: recorded(name), env });
  await stack.up();
  const id = await rememberedId(stack, name);
  await leave(server, name, await activate(server, name, id));
  await server.egress.faults({ room: name, finishMs });
  return { stack, id };
}

describe.each(["CLI", "provider"] as const)("after kill -9 of the %s in the middle of a stop", (victim) => {
  test("that is finishing, destroy again waits for the file and names it", async () => {
    const name = `finishing-${victim}`;
    const { stack, id } = await recording(name, 20_000);
    const ending = expectStatus(server, id, "EGRESS_ENDING");
    await killDuring(stack, victim, ending, { command: "destroy" });
    if (victim === "CLI") await stack.run(["cancel", "--yes"]);
    expect(await rememberedId(stack, name)).toBe(id);
    expect(nameOf((await egressAt(server, id)).status)).toBe("EGRESS_ENDING");

    const { output } = await stack.destroy();

    const { fileResults } = await expectStatus(server, id, "EGRESS_COMPLETE");
    expect(fileResults[0]?.location).toMatch(/\.ogg$/);
    expect(output).toContain(fileResults[0]?.location);
    expect(await egressesOf(server, name)).toHaveLength(1);
    expect(await roomAt(server, name)).toBeUndefined();
  });

  test("that the server has not seen, destroy again stops it", async () => {
    const name = `unseen-${victim}`;
    const { stack, id } = await recording(name, 0);
    const held = proxy.hold("StopEgress", "before");
    proxy.fail("StopEgress", "reset", { times: 1 });
    await killDuring(stack, victim, held.caught, { command: "destroy" });
    held.release();
    expect(await runningIn(server, name)).toEqual([id]);
    if (victim === "CLI") await stack.run(["cancel", "--yes"]);

    const { output } = await stack.destroy();

    const { fileResults } = await egressAt(server, id);
    expect(fileResults[0]?.location).toMatch(/\.ogg$/);
    expect(output).toContain(fileResults[0]?.location);
    expect(await runningIn(server, name)).toEqual([]);
  });

  test("that makes place for another, the next up lets it finish and starts the other", async () => {
    const name = `replaced-${victim}`;
    const { stack, id } = await recording(name, 20_000);
    stack.write(recorded(name, { outputUri: "out/anew/" }));
    await killDuring(stack, victim, expectStatus(server, id, "EGRESS_ENDING"));
    if (victim === "CLI") await stack.run(["cancel", "--yes"]);
    expect(nameOf((await egressAt(server, id)).status)).toBe("EGRESS_ENDING");

    const { output } = await stack.up();

    const { fileResults } = await expectStatus(server, id, "EGRESS_COMPLETE");
    expect(output).toContain(fileResults[0]?.location);
    expect(await runningIn(server, name)).toEqual([await rememberedId(stack, name)]);
    expect(await egressesOf(server, name)).toHaveLength(2);
    await stack.expectNoChanges(["--refresh"]);
  });
});
