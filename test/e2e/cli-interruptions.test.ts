import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { createdIn } from "../support/calls.ts";
import { startLivekit } from "../support/livekit.ts";
import { startProxy } from "../support/proxy.ts";
import { processesIn } from "../support/pulumi.ts";
import { report } from "../support/reliability.ts";
import { roomAt } from "../support/rooms.ts";
import { RtcFolder } from "../support/rtc-folder.ts";
import { rtcAtTerminal } from "../support/terminal.ts";

const CTRL_C = "\u0003";
const pollOptions = { timeout: 60_000, interval: 200 };

/** What of a run is stopped in the middle: a signal, and whom it reaches. */
const SIGNALS = [
  ["SIGTERM", "rtc alone"],
  ["SIGTERM", "its process group"],
  ["SIGINT", "its process group"],
] as const;
const nameOf = (signal: string, reach: string) => `${signal}-${reach}`.toLowerCase().replaceAll(" ", "-");

/** One stack, whose `up` is interrupted again and again, each time while it creates rooms that are new. */
async function play() {
  const server = await startLivekit();
  const proxy = await startProxy(server.url);
  const folder = new RtcFolder({ ...server.env, LIVEKIT_URL: proxy.url });
  const rooms: string[] = [];
  const declare = (...more: string[]) => {
    rooms.push(...more);
    folder.manifest("rooms:", ...rooms.map((name) => `  ${name}: { maxParticipants: 12 }`));
  };
  const hold = (when: "before" | "after", room: string) =>
    proxy.hold(({ method, body }) => method === "CreateRoom" && body.includes(`"${room}"`), when);
  const sidOf = async (name: string) => (await roomAt(server, name))?.sid;
  /** The folders that the engine works in, of commands that run or were killed. */
  const workDirs = () =>
    readdirSync(folder.env["TMPDIR"] ?? "").map((name) => join(folder.env["TMPDIR"] ?? "", name));
  /** The rooms that the state has. */
  const recorded = () => {
    const text = readFileSync(join(folder.backend, ".pulumi/stacks/acme/dev.json"), "utf8");
    const { latest } = (JSON.parse(text) as { checkpoint: { latest: { resources: { id?: string }[] } } })
      .checkpoint;
    return latest.resources.flatMap(({ id }) => id ?? []);
  };

  declare("once", "also");
  const both = [1, 2].map(() => folder.start("up --json").finished);
  const first = proxy.hold("CreateRoom", "before"); // so that the one is not done before the other begins
  await Promise.race(both);
  first.release();
  const simultaneous = await Promise.all(both);

  const signalled = [];
  for (const [signal, reach] of SIGNALS) {
    const name = nameOf(signal, reach);
    declare(name);
    const heldCall = hold("before", name);
    const run = folder.start("up");
    await Promise.race([heldCall.caught, run.finished]);
    process.kill(reach === "rtc alone" ? run.pid : -run.pid, signal);
    await run.waitForOutput("received; cancelling");
    heldCall.release();
    const { code, stdout, stderr } = await run.finished;
    signalled.push({ name, code, stdout, stderr, workDirs: workDirs(), recorded: recorded() });
  }

  declare("typed", "impatient");
  const [typed, impatient] = [hold("after", "typed"), hold("after", "impatient")];
  const run = rtcAtTerminal("up --yes", folder);
  await Promise.race([Promise.all([typed.caught, impatient.caught]), run.finished]);
  run.type(CTRL_C);
  await vi.waitFor(() => expect(run.shown()).toContain("^C received; cancelling"), pollOptions);
  typed.release();
  await vi.waitFor(() => expect(run.shown()).toMatch(/typed.*created/), pollOptions);
  const shownOnce = run.shown();
  run.type(CTRL_C);
  const terminal = { code: await run.finished, shownOnce, shown: run.shown() };
  impatient.release();
  const impatientSid = await sidOf("impatient");
  const recovered = await folder.json(0, "reconcile");
  const recoveredSid = await sidOf("impatient");

  declare("killed", "next");
  const heldCall = hold("after", "killed");
  const victim = folder.start("up");
  await Promise.race([heldCall.caught, victim.finished]);
  const killedSid = await sidOf("killed");
  process.kill(victim.pid, "SIGKILL");
  await victim.finished;
  await vi.waitFor(() => expect(workDirs().flatMap(processesIn)).toEqual([]), pollOptions);
  heldCall.release();
  const locked = await folder.run(1, "reconcile");
  const cancel = /"(pulumi cancel .+)"/.exec(locked.stderr)?.[1];
  await folder.shell(`${cancel} --yes`);
  const repaired = await folder.json(0, "reconcile");
  const repairedSid = await sidOf("killed");
  const settled = await folder.json(0, "reconcile");
  declare("unread");
  // The reader ends with the first line, as one does whose connection breaks.
  const unread = await folder.shell("set -o pipefail\nrtc up 2>&1 | head -n 1\necho ended with 0");
  const unreadSid = await sidOf("unread");
  return {
    ...{ simultaneous, signalled, terminal, cancel, settled },
    unread: { output: unread, sid: unreadSid, recorded: recorded() },
    impatient: { before: impatientSid, after: recoveredSid, run: recovered },
    killed: { before: killedSid, after: repairedSid, run: repaired },
    /** How often the server was asked to make a room. */
    timesMade: (room: string) => createdIn(proxy.traffic).filter((name) => name === room).length,
  };
}

describe("An interrupted rtc up", () => {
  let s: Awaited<ReturnType<typeof play>>;
  beforeAll(async () => {
    s = await play();
  });

  test("at the same moment as another, on a stack that is new: one wins at most, the other reports the lock and exits with 1", ({
    task,
  }) => {
    const lost = s.simultaneous.filter(({ code }) => code !== 0);
    // Where they meet to the millisecond, both give way.
    expect(lost.length).toBeGreaterThanOrEqual(1);
    for (const { code, stdout, stderr } of lost) {
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      const { error } = JSON.parse(stderr);
      expect(error, error.message).toMatchObject({ code: "LOCKED" });
      // Its owner, unless it is gone when it is read.
      expect(error.message).toMatch(
        /another run is in progress on this stack( \(created by .+ \(pid \d+\).*\))?: wait/,
      );
      expect(error.message).toContain('"pulumi cancel organization/acme/dev"');
    }
    expect([s.timesMade("once"), s.timesMade("also")]).toEqual([1, 1]);
    report(task, {
      promise:
        "Two `rtc up` at the same moment: at most one runs, the other reports the lock, and no room is created twice",
      figure: `${lost.length} of 2 reported the lock, 2 rooms made by ${s.timesMade("once") + s.timesMade("also")} calls`,
    });
  });

  test.for(SIGNALS)(
    "by %s to %s waits for the room and records it, exits with 8, and leaves nothing to do for it",
    ([signal, reach], { task }) => {
      const name = nameOf(signal, reach);
      const run = s.signalled.find((one) => one.name === name);
      expect(run).toMatchObject({ code: 8, stdout: "", workDirs: [] });
      expect(run?.stderr).toMatch(/INTERRUPTED: stopped: .*run it again/);
      expect(run?.stderr).not.toContain("; terminating");
      expect(run?.recorded).toContain(`livekit:${name}`);
      // Of two at once, of three signals, and the one that was typed: only the room that ended unseen is new.
      expect(s.impatient.run).toMatchObject({ changes: { same: 6, create: 1 } });
      expect(s.timesMade(name)).toBe(1);
      report(task, {
        promise: `${signal} to ${reach} in the middle of \`rtc up\`: running calls are finished and stored, and the next \`rtc reconcile\` finds nothing lost`,
        figure: `exit code ${run?.code}, the room made by ${s.timesMade(name)} call`,
      });
    },
  );

  test("by ^C at a terminal counts it once, in colours; a second one ends it at once, and reconcile adopts the room", ({
    task,
  }) => {
    const { code, shown, shownOnce } = s.terminal;
    expect(shownOnce).not.toContain("; terminating");
    expect(code, shown).toBe(8);
    expect(shown).toContain("^C received; terminating");
    expect(shown).toContain("\u001b[31mINTERRUPTED:\u001b[39m stopped immediately");
    const { before, after, run } = s.impatient;
    expect(before).toBeDefined();
    expect(run).toMatchObject({ acted: true });
    expect(after).toBe(before);
    report(task, {
      promise:
        "A second ^C during `rtc up`: it ends at once, and the next `rtc reconcile` adopts what it started",
      figure: `exit code ${code}, the room made by ${s.timesMade("impatient")} call`,
    });
  });

  test("by kill -9 ends the engine too; once its lock is removed, reconcile adopts the room, and then has nothing to do", ({
    task,
  }) => {
    expect(s.cancel).toBe("pulumi cancel organization/acme/dev");
    const { before, after, run } = s.killed;
    expect(before).toBeDefined();
    expect(run).toMatchObject({ acted: true, result: "succeeded" });
    expect(after).toBe(before);
    expect(s.settled).toMatchObject({ acted: false, changes: { same: 9 } });
    report(task, {
      promise:
        "`kill -9` of `rtc` in the middle of an `up`: once the lock is removed, the next `rtc reconcile` adopts the room",
      figure: `the same room as before, made by ${s.timesMade("killed")} call`,
    });
  });

  test("runs to its end when its output is no longer read", () => {
    expect(s.unread.output).toMatch(/\nended with 0\n$/);
    expect(s.unread.sid).toBeDefined();
    expect(s.unread.recorded).toContain("livekit:unread");
  });
});
