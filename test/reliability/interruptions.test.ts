import { beforeAll, describe, expect, test } from "vitest";
import { createdIn } from "../support/calls.ts";
import { interrupt, type Reach, runUntil } from "../support/interrupt.ts";
import { pendingOf } from "../support/kill.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { type Proxy as LivekitProxy, startProxy } from "../support/proxy.ts";
import { report } from "../support/reliability.ts";
import { roomAt, roomsInState } from "../support/rooms.ts";
import { newStack, type Stack } from "../support/stack.ts";
import { declare, program } from "../support/world.ts";

let server: LivekitServer;
let proxy: LivekitProxy;
beforeAll(async () => {
  server = await startLivekit();
  proxy = await startProxy(server.url);
});

/** A stack of two rooms, the second of which is made after the first. */
async function twoRooms(name: string): Promise<Stack> {
  const source = program(
    `const first = ${declare(name, { maxParticipants: 12 })}`,
    declare(`${name}-next`, {}, "{ dependsOn: first }"),
  );
  return newStack({ program: source, env: { ...server.env, LIVEKIT_URL: proxy.url } });
}

/** The rooms of a stack are there once, and are the ones that it remembers. Answers how often each was made. */
async function expectConverged(stack: Stack, name: string): Promise<number> {
  const known = await roomsInState(stack);
  for (const room of [name, `${name}-next`]) {
    const { sid } = (await roomAt(server, room)) ?? {};
    expect(sid).toBeDefined();
    expect(known[room]?.outputs["sid"]).toBe(sid);
  }
  await stack.expectNoChanges(["--refresh"]);
  return createdIn(proxy.traffic).filter((room) => room === name).length;
}

const signals = ["SIGINT", "SIGTERM"] as const;
const reaches: readonly Reach[] = ["the CLI alone", "its process group"];
const cases = signals.flatMap((signal) => reaches.map((reach) => ({ signal, reach })));

describe.each(cases)("$signal to $reach in the middle of a create", ({ signal, reach }) => {
  test("waits for the room, stores it, creates no other, and the next up continues", async ({ task }) => {
    const name = `${signal}-${reach}`.toLowerCase().replaceAll(" ", "-");
    const stack = await twoRooms(name);
    const heldCall = proxy.hold("CreateRoom", "before", { times: 1 });
    const run = await runUntil(stack, "up", heldCall.caught);
    await interrupt(run, signal, reach);
    heldCall.release();

    const { code, output } = await run.result;
    expect(code).toBe(1);
    expect(output).toContain("error: update canceled");
    expect(Object.keys(await roomsInState(stack))).toEqual([name]);
    expect(await pendingOf(stack)).toEqual([]);
    expect(await roomAt(server, `${name}-next`)).toBeUndefined();

    const next = await stack.up();
    expect(next.counts).toMatchObject({ create: 1, same: 1 });
    const times = await expectConverged(stack, name);
    expect(times).toBe(1);
    report(task, {
      promise: `${signal} to ${reach} in the middle of a create: the room is waited for and stored, the next \`up\` continues`,
      figure: `made ${times} time, ${next.counts.create} left for the next up`,
    });
  }, 300_000);
});

describe("a second signal, from an impatient user or from a CI job that is cancelled,", () => {
  test.for([
    ["SIGINT", "SIGINT", "its process group"],
    ["SIGINT", "SIGTERM", "the CLI alone"],
  ] as const)(
    "%s and then %s to %s, in the middle of a create: ends it at once, and the next up adopts the room",
    { timeout: 300_000 },
    async ([first, second, reach], { task }) => {
      const name = `${first}-${second}`.toLowerCase();
      const stack = await twoRooms(name);
      const heldCall = proxy.hold("CreateRoom", "after", { times: 1 });
      const run = await runUntil(stack, "up", heldCall.caught);
      await interrupt(run, first, reach);
      await interrupt(run, second, reach, "terminating");
      const { code } = await run.result;
      heldCall.release();
      expect(code).toBe(8);
      const { sid } = (await roomAt(server, name)) ?? {};
      expect(sid).toBeDefined();
      expect(Object.keys(await roomsInState(stack))).toEqual([]);

      // It has released its lock, and reports what is pending.
      const { output } = await stack.up();
      expect(output).toMatch(/RtcRoom::.*interrupted while creating/);
      expect(await roomAt(server, name)).toMatchObject({ sid });
      await expectConverged(stack, name);
      await stack.refresh(["--clear-pending-creates"]);
      const pending = await pendingOf(stack);
      expect(pending).toEqual([]);
      report(task, {
        promise: `${first} and then ${second} to ${reach} in the middle of a create: it ends at once, the next \`up\` adopts the room`,
        figure: `exit code ${code}, ${pending.length} pending operations`,
      });
    },
  );
});

test("Two up at the same moment never both win: the loser gets the lock error, and nothing is made twice", async ({
  task,
}) => {
  const rounds = 2;
  let losers = 0;
  for (let round = 0; round < rounds; round++) {
    const name = `at-once-${round}`;
    const stack = await twoRooms(name);
    const heldCall = proxy.hold("CreateRoom", "before"); // so that the one is not done before the other begins
    const both = [1, 2].map(() => stack.spawn(["up", "--yes", "--skip-preview"]).result);
    await Promise.race(both);
    heldCall.release();
    const lost = (await Promise.all(both)).filter(({ code }) => code !== 0);
    // Where they meet to the millisecond, both give way.
    expect(lost.length).toBeGreaterThanOrEqual(1);
    for (const { output } of lost) expect(output).toMatch(/currently locked by 1 lock.*pulumi cancel/s);
    losers += lost.length;
    await stack.up();
    expect(await expectConverged(stack, name)).toBe(1);
  }
  report(task, {
    promise: "Two `up` at the same moment on one stack: never do both continue, and no room is created twice",
    figure: `${rounds} of ${rounds} times, ${losers} reported the lock`,
  });
}, 300_000);
