import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, inject, test } from "vitest";
import { runUntil } from "../support/interrupt.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { startProxy } from "../support/proxy.ts";
import { startPulumi } from "../support/pulumi.ts";
import { recorded, runningIn, storedId } from "../support/recordings.ts";
import { report } from "../support/reliability.ts";
import { roomsInState } from "../support/rooms.ts";
import { newStack, type Stack } from "../support/stack.ts";
import { declare, roomsOf } from "../support/world.ts";

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
});

/** So much still fits on the disk: less than a state. */
const LEFT = 600;

/** From now on no file that a process writes can be larger, as on a disk that is full. */
function limitFiles(pid: number, bytes: number | "unlimited"): void {
  // The soft limit alone, so that it can be taken back.
  execFileSync("prlimit", ["--pid", String(pid), `--fsize=${bytes}:`]);
}

/** A stack with a recorded room and one that its next up deletes; that up also creates another, and is paused there. */
async function inTheMiddleOfAnUp(name: string) {
  const proxy = await startProxy(server.url);
  const old = declare(`${name}-old`);
  const stack = await newStack({
    program: recorded(name, {}, {}, old),
    env: { ...server.env, LIVEKIT_URL: proxy.url },
  });
  await stack.up();
  const recording = await storedId(stack, name);
  const before = await theRoomsOf(name);
  stack.write(recorded(name, {}, {}, declare(`${name}-new`)));
  const heldCall = proxy.hold("CreateRoom", "before", { times: 1 });
  const run = await runUntil(stack, "up", heldCall.caught);
  return { stack, recording, before, run, heldCall };
}

/** The sids of the rooms whose names begin so. */
async function theRoomsOf(name: string): Promise<Record<string, string>> {
  const rooms = Object.entries(await roomsOf(server)).filter(([room]) => room.startsWith(name));
  return Object.fromEntries(rooms.map(([room, { sid }]) => [room, sid]));
}

/** Where a local backend stores the state. */
function stateOf({ dir, project, name }: Stack): string {
  return join(dir, `backend/.pulumi/stacks/${project}/${name}.json`);
}

/** As in docs/operating.md: restores the newest whole copy of the state. Returns which it was. */
function restoreState(stack: Stack): string {
  const state = stateOf(stack);
  const backups = join(stack.dir, `backend/.pulumi/backups/${stack.project}/${stack.name}`);
  const copies = [`${state}.bak`, ...readdirSync(backups).map((name) => join(backups, name))];
  const whole = copies.filter((file) => existsSync(file) && isWhole(file));
  const newest = whole.toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
  if (newest === undefined) throw new Error("No copy of the state is whole.");
  copyFileSync(newest, state);
  return newest;
}

function isWhole(file: string): boolean {
  try {
    JSON.parse(readFileSync(file, "utf8"));
    return true;
  } catch {
    return false;
  }
}

describe.concurrent("when the disk of the state", () => {
  test("is full from the start, nothing is touched, and the message names the cause", async ({ expect }) => {
    const stack = await newStack({ program: declare("never"), env: server.env });
    const args = [
      "--fsize=0",
      inject("engines").pulumi,
      "up",
      "--yes",
      "--skip-preview",
      "--non-interactive",
    ];
    const { code, output } = await startPulumi("prlimit", args, stack.dir, stack.env).finished;
    expect(code).not.toBe(0);
    expect(output).toContain("file too large");
    expect(await theRoomsOf("never")).toEqual({});
  });

  test("is full for a moment, the run continues as soon as there is space", async ({ expect, task }) => {
    const { stack, recording, before, run, heldCall } = await inTheMiddleOfAnUp("moment");
    limitFiles(run.pid, LEFT);
    const began = Date.now();
    heldCall.release();
    await expect.poll(() => isWhole(stateOf(stack)), { timeout: 60_000 }).toBe(false);
    limitFiles(run.pid, "unlimited");
    const { code, output } = await run.result;
    expect(output).not.toContain("failed to save snapshot");
    expect(code).toBe(0);
    const seconds = (Date.now() - began) / 1000;
    expect(await theRoomsOf("moment")).toMatchObject({ moment: before["moment"] });
    expect(Object.keys(await roomsInState(stack)).sort()).toEqual(["moment", "moment-new"]);
    expect(await runningIn(server, "moment")).toEqual([recording]);
    await stack.expectNoChanges(["--refresh"]);
    report(task, {
      promise:
        "A disk that is full for a moment while the state is written: the run continues when there is space",
      figure: `done after ${seconds.toFixed(1)} s`,
    });
  });

  test("stays full, the message names the cause, and from the newest whole copy of the state the next up finds everything", async ({
    expect,
    task,
  }) => {
    const { stack, recording, before, run, heldCall } = await inTheMiddleOfAnUp("full");
    limitFiles(run.pid, LEFT);
    heldCall.release();
    const { code, output } = await run.result;
    expect(code).not.toBe(0);
    expect(output).toMatch(/failed to save snapshot: .*file too large/);
    const after = await theRoomsOf("full");
    expect(after).toMatchObject(before);

    const cutOff = await stack.up([], { code: "any" });
    expect(cutOff.output).toContain("failed to load checkpoint");
    restoreState(stack);
    await stack.up(["--refresh"]);

    const { "full-old": _, ...wanted } = after;
    expect(Object.keys(wanted).sort()).toEqual(["full", "full-new"]);
    expect(await theRoomsOf("full")).toEqual(wanted);
    expect(await runningIn(server, "full")).toEqual([recording]);
    expect(await storedId(stack, "full")).toBe(recording);
    await stack.expectNoChanges(["--refresh"]);
    report(task, {
      promise:
        "A disk that stays full while the state is written: from the newest whole copy of the state, `up --refresh` finds every room and recording",
      figure: `${Object.keys(wanted).length} of ${Object.keys(wanted).length} rooms are the same as before, ${(await runningIn(server, "full")).length} recording running`,
    });
  });
}, 300_000);
