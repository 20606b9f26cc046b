import { beforeAll, describe, expect, test } from "vitest";
import type { Call } from "../support/calls.ts";
import { runUntil } from "../support/interrupt.ts";
import { killDuring } from "../support/kill.ts";
import { startLivekit } from "../support/livekit.ts";
import { startProxy } from "../support/proxy.ts";
import {
  activate,
  egressAt,
  egressesOf,
  expectStatus,
  leave,
  nameOf,
  recorded,
  snapshotOf,
  storedId,
  storedIds,
  together,
} from "../support/recordings.ts";
import { roomAt } from "../support/rooms.ts";
import { newStack } from "../support/stack.ts";
import { isCoreOnly } from "../support/through.ts";
import { expectPlainRejection } from "../support/world.ts";

const START = "StartRoomCompositeEgress";
const HALL = "finishing";

/** Kills one stack's commands, one after the other; returns what existed after each. */
async function play() {
  const server = await startLivekit({ egress: "worker" });
  const proxy = await startProxy(server.url);
  const env = await server.envWith({ LIVEKIT_URL: proxy.url });
  const declared = (inputs: object = {}) => together(recorded(HALL, inputs), recorded("cut-off"));
  const stack = await newStack({ program: declared(), env });
  /** A command on a busy machine takes its time until it does something. */
  const ending = (id: string) =>
    expectStatus(server, id, "EGRESS_ENDING", { timeout: 90_000, interval: 100 });
  /** A participant has been recorded; the file is not finished by itself. */
  const recordSomebody = async (id: string) => {
    await leave(server, HALL, await activate(server, HALL, id));
    await server.egress.faults({ room: HALL, finishMs: 600_000 });
    return Date.now();
  };
  /** Waits some seconds until a recording that was asked to end has finished its file. */
  const finishSoon = (since: number) =>
    server.egress.faults({ room: HALL, finishMs: Date.now() - since + 10_000 });
  const isCutOff = (name: string) => (call: Call) => call.method === name && call.body.includes('"cut-off"');
  const afterKill = async (id: string) => ({
    id: await storedId(stack, HALL),
    status: nameOf((await egressAt(server, id)).status),
  });

  const heldCall = proxy.hold(isCutOff(START), "after");
  const run = await runUntil(stack, "up", heldCall.caught);
  proxy.fail(isCutOff(START), "reset", { when: "after" });
  proxy.fail(isCutOff("ListEgress"), "reset");
  heldCall.release();
  const failed = await run.result;
  proxy.reset();
  const started = await snapshotOf(server);
  await stack.up();
  const ids = await storedIds<typeof HALL | "cut-off">(stack);
  const cutOff = { failed, started, id: ids["cut-off"], recordings: await snapshotOf(server) };

  const first = ids[HALL];
  let since = await recordSomebody(first);
  stack.write(declared({ outputUri: "out/next/" }));
  await killDuring(stack, "CLI", ending(first));
  await stack.run(["cancel", "--yes"]);
  const killed = await afterKill(first);
  await finishSoon(since);
  const up = await stack.up();
  const second = await storedId(stack, HALL);
  const replaced = { first, killed, up, second, recordings: await snapshotOf(server) };

  since = await recordSomebody(second);
  await killDuring(stack, "CLI", ending(second), { command: "destroy" });
  await stack.run(["cancel", "--yes"]);
  const afterCLI = await afterKill(second);
  const asked = proxy.hold(({ body }) => body.includes(second), "before", { times: 1 });
  await killDuring(stack, "provider", asked.caught, { command: "destroy" });
  asked.release();
  const afterProvider = await afterKill(second);
  await finishSoon(since);
  const { output } = await stack.destroy();
  const destroyed = {
    ...{ afterCLI, afterProvider, output },
    recording: await expectStatus(server, second, "EGRESS_COMPLETE"),
    recordings: await egressesOf(server, HALL),
    room: await roomAt(server, HALL),
  };
  return { cutOff, replaced, destroyed };
}

let played: Awaited<ReturnType<typeof play>>;
beforeAll(async () => {
  if (!isCoreOnly) played = await play(); // there none of this can hold
}, 480_000);

// Kills at the vendor calls of any up: test/reliability/crash-matrix.test.ts, and a sample of them in crashes.test.ts.
describe("after kill -9 while a recording is finishing", () => {
  test("of the CLI and then of the provider, a second destroy waits for the file and names it", () => {
    const { replaced, destroyed } = played;
    const still = { id: replaced.second, status: "EGRESS_ENDING" };
    expect(destroyed.afterCLI).toEqual(still);
    expect(destroyed.afterProvider).toEqual(still);
    const location = destroyed.recording.fileResults[0]?.location;
    expect(location).toMatch(/\.ogg$/);
    expect(destroyed.output).toContain(location);
    const ids = destroyed.recordings.map(({ egressId }) => egressId);
    expect(ids).toEqual([replaced.first, replaced.second]);
    expect(destroyed.room).toBeUndefined();
  });

  test("and before another starts, the next up lets it finish and starts the other", () => {
    const { first, killed, up, second, recordings } = played.replaced;
    expect(killed.status).toBe("EGRESS_ENDING");
    const { status, fileResults } = recordings.at(first);
    expect(nameOf(status)).toBe("EGRESS_COMPLETE");
    expect(up.output).toContain(fileResults[0]?.location);
    expect(recordings.running(HALL)).toEqual([second]);
    expect(recordings.of(HALL)).toHaveLength(2);
  });
});

test("when the answer to a start is lost, and the server can no longer be asked, the up fails and the next one adopts it", () => {
  const { failed, started, id, recordings } = played.cutOff;
  expectPlainRejection(failed, "UNAVAILABLE");
  expect(started.running("cut-off")).toEqual([id]);
  expect(recordings.running("cut-off")).toEqual([id]);
  expect(recordings.of("cut-off")).toHaveLength(1);
});
