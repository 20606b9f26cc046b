import { beforeAll, describe, expect, test, vi } from "vitest";
import { interrupt, type Reach, runUntil } from "../support/interrupt.ts";
import { pendingOf } from "../support/kill.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import {
  activate,
  egressAt,
  egressesOf,
  expectStatus,
  leave,
  nameOf,
  recorded,
  runningIn,
  storedId,
} from "../support/recordings.ts";
import { report } from "../support/reliability.ts";
import { newStack, type Stack } from "../support/stack.ts";

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
});

/** A stack whose next up ends a recording, which takes its time to be finished, and starts another. */
async function aboutToBeReplaced(name: string, finishMs: number): Promise<{ stack: Stack; id: string }> {
  const stack = await newStack({ program: recorded(name), env: server.env });
  await stack.up();
  const id = await storedId(stack, name);
  await leave(server, name, await activate(server, name, id));
  await server.egress.faults({ room: name, finishMs });
  stack.write(recorded(name, { outputUri: "out/next/" }));
  return { stack, id };
}

/** Resolves when the recording was asked to end, the last thing that the CLI does here. */
function ending(id: string): Promise<void> {
  const isEnding = async () => expect(nameOf((await egressAt(server, id)).status)).toBe("EGRESS_ENDING");
  return vi.waitFor(isEnding, { timeout: 90_000, interval: 100 });
}

/** The old recording is whole, and the new one runs. Answers where the old one's file is. */
async function expectReplaced(stack: Stack, name: string, id: string): Promise<string> {
  const { fileResults } = await expectStatus(server, id, "EGRESS_COMPLETE");
  expect(await egressesOf(server, name)).toHaveLength(2);
  expect(await runningIn(server, name)).toEqual([await storedId(stack, name)]);
  await stack.expectNoChanges(["--refresh"]);
  expect(await pendingOf(stack)).toEqual([]);
  return fileResults[0]?.location ?? "no file";
}

const signals = ["SIGINT", "SIGTERM"] as const;
const reaches: readonly Reach[] = ["the CLI alone", "its process group"];
const cases = signals.flatMap((signal) => reaches.map((reach) => ({ signal, reach })));

describe.each(cases)("$signal to $reach while a recording is finishing", ({ signal, reach }) => {
  test("waits for its file and names it, starts no other, and the next up starts it", async ({ task }) => {
    const name = `${signal}-${reach}`.toLowerCase().replaceAll(" ", "-");
    const { stack, id } = await aboutToBeReplaced(name, 10_000);
    const run = await runUntil(stack, "up", ending(id));
    await interrupt(run, signal, reach);
    expect(nameOf((await egressAt(server, id)).status)).toBe("EGRESS_ENDING");

    const { code, output } = await run.result;
    expect(code).toBe(1);
    expect(output).toContain("error: update canceled");
    expect(await runningIn(server, name)).toEqual([]);

    await stack.up();
    const file = await expectReplaced(stack, name, id);
    expect(output).toContain(`recording livekit:${id} is complete, ${file}`);
    report(task, {
      promise: `${signal} to ${reach} while a recording is finishing: its file is waited for and named, the next \`up\` continues`,
      figure: `${(await egressesOf(server, name)).length} recordings, ${(await runningIn(server, name)).length} running`,
    });
  }, 300_000);
});

test("A second signal while a recording is finishing ends the run at once; the next up waits for the file and names it", async ({
  task,
}) => {
  const { stack, id } = await aboutToBeReplaced("twice", 30_000);
  const run = await runUntil(stack, "up", ending(id));
  await interrupt(run, "SIGINT", "its process group");
  await interrupt(run, "SIGTERM", "its process group", "terminating");
  expect((await run.result).code).toBe(8);
  expect(nameOf((await egressAt(server, id)).status)).toBe("EGRESS_ENDING");
  expect(await storedId(stack, "twice")).toBe(id);

  const { output } = await stack.up();
  const file = await expectReplaced(stack, "twice", id);
  expect(output).toContain(`recording livekit:${id} is complete, ${file}`);
  report(task, {
    promise:
      "A second signal while a recording is finishing ends the run at once; the next `up` waits for the file",
    figure: `${(await egressesOf(server, "twice")).length} recordings, ${(await runningIn(server, "twice")).length} running`,
  });
}, 300_000);
