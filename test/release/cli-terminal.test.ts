import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { startLivekit } from "../support/livekit.ts";
import { RtcFolder } from "../support/rtc-folder.ts";
import { rtcAtTerminal } from "../support/terminal.ts";
import { roomsOf } from "../support/world.ts";

const CTRL_C = "\u0003";
const CTRL_D = "\u0004";

/** Commands that ask at a terminal, a stack that another run has locked, and the configuration of a stack. */
async function play() {
  const server = await startLivekit();
  const folder = new RtcFolder({ ...server.env, NO_COLOR: "1" });
  const names = async () => Object.keys(await roomsOf(server)).sort();
  const answer = async (line: string, keys: string) => {
    const run = rtcAtTerminal(line, folder);
    await vi.waitFor(() => expect(run.shown()).toContain("[y/N]"), { timeout: 60_000, interval: 100 });
    run.type(keys);
    return { code: await run.finished, shown: run.shown(), rooms: await names() };
  };

  folder.manifest("rooms:", "  hall: { maxParticipants: 12 }", "  exam: { count: 2 }");
  const declined = await answer("up", "n\r");
  const statesAfterNo = folder.files().filter((name) => name.includes("/stacks/"));
  const interrupted = await answer("up", CTRL_C);
  const accepted = await answer("up", "y\r");
  const unchanged = rtcAtTerminal("up", folder);
  const unasked = { code: await unchanged.finished, shown: unchanged.shown() };

  // What a run that goes on holds, and then releases.
  const locks = join(folder.backend, ".pulumi/locks/organization/acme/dev");
  const lock = { pid: 12, username: "ann", hostname: "build", timestamp: "2026-11-22T10:00:00Z" };
  const file = join(locks, "0a1b2c3d-0000-4000-8000-000000000000.json");
  mkdirSync(locks, { recursive: true });
  writeFileSync(file, JSON.stringify(lock));
  folder.manifest("rooms:", "  hall: { maxParticipants: 12 }", "  exam: { count: 2 }", "  more: {}");
  const over = await folder.run(1, "reconcile --yes --wait 1s");
  const patient = folder.start("up --wait 5m");
  await patient.waitForOutput("waiting for another run");
  const roomsWhileLocked = await names();
  rmSync(file);
  const waited = await patient.finished;
  const roomsAfterWait = await names();

  // The stack's configuration alone, in a Pulumi project.
  folder.write("Pulumi.yaml", "name: acme\nruntime: nodejs\n");
  const config = {
    "rtc:livekitUrl": server.url,
    "rtc:livekitApiKey": server.apiKey,
    "rtc:livekitApiSecret": server.apiSecret,
  };
  folder.write("Pulumi.dev.yaml", JSON.stringify({ config }));
  const bare = { LIVEKIT_URL: undefined, LIVEKIT_API_KEY: undefined, LIVEKIT_API_SECRET: undefined };
  const unnamed = { ...bare, PULUMI_STACK: undefined };
  const byStack = await folder.run(0, "token hall alice --stack dev", unnamed);
  const byVariable = await folder.json(0, "rooms list", bare);
  const unselected = await folder.run(2, "participants hall", unnamed);
  await folder.shell("pulumi stack select dev", { PULUMI_STACK: undefined });
  const bySelection = await folder.json(0, "participants hall", unnamed);
  const noStack = await folder.run(6, "rooms list --stack dve", unnamed);
  const noPulumi = await folder.run(0, "rooms list", { PULUMI_STACK: undefined, PATH: "/nowhere" });

  // Without it the engine finds the provider in a folder of its own.
  rmSync(join(folder.dir, "Pulumi.yaml"));
  const declinedDelete = await answer("rooms delete --prefix exam", CTRL_D);
  const acceptedDelete = await answer("rooms delete --prefix exam", "yes\r");
  const declinedDestroy = await answer("destroy", "\r");
  const destroyed = await answer("destroy --remove-stack", "y\r");
  folder.write("old.cjs", 'Object.defineProperty(process.versions, "node", { value: "18.20.4" });');
  const oldNode = await folder.run(1, "rooms list", {
    NODE_OPTIONS: `--require ${join(folder.dir, "old.cjs")}`,
  });
  return {
    ...{ oldNode, declined, statesAfterNo, interrupted, accepted, unasked, over, roomsWhileLocked },
    ...{ waited, roomsAfterWait, byStack, byVariable, unselected, bySelection, noStack, noPulumi },
    ...{ declinedDelete, acceptedDelete, declinedDestroy, destroyed },
  };
}

let s: Awaited<ReturnType<typeof play>>;
beforeAll(async () => {
  s = await play();
});

describe("At a terminal", () => {
  test("up shows what it would do and asks; if the user declines, nothing is touched, and no stack is created", () => {
    expect(s.declined.shown).toMatch(/\+ create room hall[\s\S]*3 to create[\s\S]*Apply this to acme\/dev\?/);
    expect(s.declined.shown).toContain("DECLINED: not confirmed: nothing was touched");
    expect(s.declined).toMatchObject({ code: 2, rooms: [] });
    expect(s.statesAfterNo).toEqual([]);
    expect(s.interrupted).toMatchObject({ code: 8, rooms: [] });
  });

  test("up continues after confirmation, and does not ask where nothing changes", () => {
    expect(s.accepted).toMatchObject({ code: 0, rooms: ["exam-1", "exam-2", "hall"] });
    expect(s.unasked.code).toBe(0);
    expect(s.unasked.shown).not.toContain("[y/N]");
  });

  test("rooms delete lists the rooms of a prefix, and deletes them after a yes only", () => {
    expect(s.declinedDelete).toMatchObject({ code: 2, rooms: ["exam-1", "exam-2", "hall", "more"] });
    expect(s.acceptedDelete.shown).toMatch(/- delete room livekit:exam-1[\s\S]*Delete these 2 rooms/);
    expect(s.acceptedDelete).toMatchObject({ code: 0, rooms: ["hall", "more"] });
  });

  test("destroy lists what it deletes, and deletes it only after confirmation", () => {
    expect(s.declinedDestroy).toMatchObject({ code: 2, rooms: ["hall", "more"] });
    expect(s.destroyed.shown).toMatch(
      /- delete room hall \(livekit:hall\)[\s\S]*Destroy and remove acme\/dev/,
    );
    expect(s.destroyed).toMatchObject({ code: 0, rooms: [] });
  });
});

describe("A locked stack", () => {
  test("is reported with its owner, and the command continues when it is released", () => {
    expect(s.roomsWhileLocked).not.toContain("more");
    expect(s.waited).toMatchObject({ code: 0 });
    expect(s.waited.stderr).toMatch(
      /waiting for another run on this stack \(created by ann@build \(pid 12\)/,
    );
    expect(s.roomsAfterWait).toContain("more");
  });

  test("fails as LOCKED when the time is over", () => {
    expect(s.over.stderr).toMatch(
      /waiting for another run[\s\S]*LOCKED: another run .*, also after a wait of 1 s: run this again/,
    );
  });
});

describe("The configuration of a stack is read in a Pulumi project", () => {
  test("of the one that --stack, PULUMI_STACK or a selection names", () => {
    expect(s.byStack.stdout).toMatch(/^eyJ/);
    expect(s.byVariable).toHaveLength(4);
    expect(s.bySelection).toEqual([]);
  });

  test("and without any, or without Pulumi, that of the environment", () => {
    expect(s.unselected.stderr).toContain("NOT_CONFIGURED: livekit: rtc:livekitUrl (or LIVEKIT_URL)");
    expect(s.noPulumi.stdout).toContain("livekit:hall");
  });

  test("and a named one that does not exist is an error", () => {
    expect(s.noStack.stderr).toContain("NO_STACK: there is no stack dve of project acme");
  });
});

test("An older Node is named in one line", () => {
  expect(s.oldNode.stderr).toMatch(/^pulumi-rtc needs Node 22\.13 or newer, and this is \S+\n$/);
});
