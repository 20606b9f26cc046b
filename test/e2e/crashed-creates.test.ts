import { beforeAll, describe, expect, test, vi } from "vitest";
import { createdIn } from "../support/calls.ts";
import { roomOf } from "../support/crash-points.ts";
import { killDuring, pendingOf } from "../support/kill.ts";
import { startLivekit } from "../support/livekit.ts";
import { declaring } from "../support/programs.ts";
import { startProxy } from "../support/proxy.ts";
import { report } from "../support/reliability.ts";
import { roomsInState } from "../support/rooms.ts";
import { newStack } from "../support/stack.ts";
import { roomsOf } from "../support/world.ts";

const LIMIT = { maxParticipants: 12 };

/** Two creates of one run: at the kill one has not reached the server, and the answer to the other is lost. */
async function killCreates() {
  const server = await startLivekit();
  const proxy = await startProxy(server.url);
  const stack = await newStack({ program: declaring({ early: LIMIT, late: LIMIT }), env: server.env });
  const hold = (room: string, when: "before" | "after") =>
    proxy.hold((call) => call.method === "CreateRoom" && roomOf(call, []) === room, when);
  const [early, late] = [hold("early", "before"), hold("late", "after")];
  const caught = Promise.all([early.caught, late.caught]);
  await killDuring(stack, "CLI", caught, { env: await server.envWith({ LIVEKIT_URL: proxy.url }) });
  late.release();
  const killed = await roomsOf(server);

  const locked = await stack.up([], { code: "any" });
  await stack.run(["cancel", "--yes"]);
  const pending = await pendingOf(stack);
  const next = await stack.up();
  const repaired = await roomsOf(server);
  expect(createdIn(proxy.traffic)).not.toContain("early");
  early.release();
  await vi.waitFor(() => expect(createdIn(proxy.traffic)).toContain("early"), { timeout: 15_000 });
  const arrivedLate = await roomsOf(server);

  const settled = await stack.up(["--refresh"]);
  const known = await roomsInState(stack);
  const pendingBefore = await pendingOf(stack);
  await stack.refresh(["--clear-pending-creates"]);
  const pendingAfter = await pendingOf(stack);
  const destroyed = await stack.destroy();
  const left = await roomsOf(server);
  return {
    ...{ killed, locked, pending, next, repaired, arrivedLate, settled, known, pendingBefore, pendingAfter },
    ...{ destroyed, left },
  };
}

describe("after kill -9 of the CLI in the middle of a create", () => {
  let s: Awaited<ReturnType<typeof killCreates>>;
  beforeAll(async () => {
    s = await killCreates();
  });

  test("the provider ends too, the next up makes the room, and the create still on its way changes nothing", () => {
    expect(s.killed).not.toHaveProperty("early");
    expect(s.repaired["early"]).toMatchObject(LIMIT);
    expect(s.arrivedLate).toEqual(s.repaired);
  });

  test("the next up adopts the room that was made, and the pending create is not in the way", ({ task }) => {
    expect(s.killed["late"]).toBeDefined();
    expect(s.locked.code).not.toBe(0);
    expect(s.locked.output).toMatch(/currently locked by 1 lock.*pulumi cancel.*\(pid \d+\)/s);
    expect(s.pending).toEqual(["creating", "creating"]);
    expect(s.next.counts.create).toBe(2);
    expect(s.repaired["late"]?.sid).toBe(s.killed["late"]?.sid);
    report(task, {
      promise:
        "A state that a dead process has locked: the message names `pulumi cancel`, and the next `up` adopts the room",
      figure: `${Object.keys(s.known).length} rooms, ${s.pendingAfter.length} pending operations`,
    });
  });

  test("then changes nothing, and nothing is pending once that is cleared", () => {
    expect(s.settled.counts).toMatchObject({ same: 2, create: 0, update: 0, replace: 0, delete: 0 });
    const { early, late } = s.repaired;
    expect(s.known).toMatchObject({
      early: { outputs: { sid: early?.sid } },
      late: { outputs: { sid: late?.sid } },
    });
    expect(s.pendingBefore).toEqual(["creating", "creating"]);
    expect(s.pendingAfter).toEqual([]);
    expect(s.destroyed.output).not.toContain("pending operations");
    for (const name of ["early", "late"]) expect(s.left).not.toHaveProperty(name);
  });
});
