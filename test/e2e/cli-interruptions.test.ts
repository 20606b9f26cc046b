import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test, vi } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { type Proxy as LivekitProxy, startProxy } from "../support/proxy.ts";
import { processesIn } from "../support/pulumi.ts";
import { report } from "../support/reliability.ts";
import { roomAt } from "../support/rooms.ts";
import { RtcFolder } from "../support/rtc-folder.ts";
import { rtcAtTerminal } from "../support/terminal.ts";

/** A test has up to ten commands. */
vi.setConfig({ testTimeout: 300_000 });

let server: LivekitServer;
let proxy: LivekitProxy;
beforeAll(async () => {
  server = await startLivekit();
  proxy = await startProxy(server.url);
});

const CTRL_C = "\u0003";
const patience = { timeout: 60_000, interval: 200 };

/** A folder whose manifest declares rooms of these names. */
function newFolder(...rooms: string[]): RtcFolder {
  const folder = new RtcFolder({ ...server.env, LIVEKIT_URL: proxy.url });
  folder.manifest("rooms:", ...rooms.map((name) => `  ${name}: { maxParticipants: 12 }`));
  return folder;
}

/** How often the server was asked to make a room. */
const timesMade = (room: string) =>
  server.log().match(new RegExp(`"method": "CreateRoom", "room": "${room}"`, "g"))?.length ?? 0;

/** The folders that the engine works in, of commands that run or were killed. */
const workDirs = ({ env }: RtcFolder) =>
  readdirSync(env["TMPDIR"] ?? "").map((name) => join(env["TMPDIR"] ?? "", name));

test("Two up at the same moment on a stack that is new: one wins at most, the other is told of the lock and exits with 1", async ({
  task,
}) => {
  const folder = newFolder("once", "also");
  const held = proxy.hold("CreateRoom", "before"); // so that the one is not done before the other begins
  const both = [1, 2].map(() => folder.start("up --json").finished);
  await Promise.race(both);
  held.release();
  const all = await Promise.all(both);
  const lost = all.filter(({ code }) => code !== 0);
  // Where they meet to the millisecond, both give way.
  expect(lost.length).toBeGreaterThanOrEqual(1);
  for (const { code, stdout, stderr } of lost) {
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    const { error } = JSON.parse(stderr);
    expect(error).toMatchObject({ code: "LOCKED", message: expect.stringContaining("(pid ") });
    expect(error.message).toContain('"pulumi cancel organization/acme/dev"');
  }
  await folder.run(0, "reconcile");
  expect([timesMade("once"), timesMade("also")]).toEqual([1, 1]);
  report(task, {
    promise:
      "Two `rtc up` at the same moment: one wins at most, the other is told of the lock, and no room is made twice",
    figure: `${lost.length} of 2 told of the lock, 2 rooms made by ${timesMade("once") + timesMade("also")} calls`,
  });
});

test.for([
  ["SIGTERM", "rtc alone"],
  ["SIGTERM", "its process group"],
  ["SIGINT", "its process group"],
] as const)(
  "%s to %s in the middle of an up: the room is waited for and recorded, exit code 8, and reconcile finds nothing to do",
  async ([signal, reach], { task }) => {
    const name = `${signal}-${reach}`.toLowerCase().replaceAll(" ", "-");
    const folder = newFolder(name);
    const held = proxy.hold("CreateRoom", "before", { times: 1 });
    const run = folder.start("up");
    await Promise.race([held.caught, run.finished]);
    process.kill(reach === "rtc alone" ? run.pid : -run.pid, signal);
    await run.waitForOutput("received; cancelling");
    held.release();
    const { code, stdout, stderr } = await run.finished;
    expect({ code, stdout }).toEqual({ code: 8, stdout: "" });
    expect(stderr).toMatch(/INTERRUPTED: stopped: .*run it again/);
    expect(stderr).not.toContain("; terminating");
    expect(workDirs(folder)).toEqual([]);

    expect(await folder.json(0, "reconcile")).toMatchObject({ acted: false, changes: { same: 1 } });
    expect(timesMade(name)).toBe(1);
    report(task, {
      promise: `${signal} to ${reach} in the middle of \`rtc up\`: what is under way is finished and recorded, and the next \`rtc reconcile\` finds nothing lost`,
      figure: `exit code ${code}, the room made by ${timesMade(name)} call`,
    });
  },
);

test("^C at a terminal counts once, and is shown in colours; a second one ends it at once, and reconcile takes over the room", async ({
  task,
}) => {
  const folder = newFolder("typed", "impatient");
  const [typed, impatient] = ["typed", "impatient"].map((name) =>
    proxy.hold(({ method, body }) => method === "CreateRoom" && body.includes(name), "after"),
  );
  const run = rtcAtTerminal("up", folder);
  await Promise.race([Promise.all([typed?.caught, impatient?.caught]), run.finished]);
  run.type(CTRL_C);
  await expect.poll(run.shown, patience).toContain("^C received; cancelling");
  typed?.release();
  await expect.poll(run.shown, patience).toMatch(/typed.*created/);
  expect(run.shown()).not.toContain("; terminating");
  run.type(CTRL_C);
  const code = await run.finished;
  impatient?.release();
  expect(code, run.shown()).toBe(8);
  expect(run.shown()).toContain("^C received; terminating");
  expect(run.shown()).toContain("\u001b[31mINTERRUPTED:\u001b[39m stopped at once");

  const { sid } = (await roomAt(server, "impatient")) ?? {};
  expect(sid).toBeDefined();
  expect(await folder.json(0, "reconcile")).toMatchObject({ acted: true, changes: { same: 1, create: 1 } });
  expect(await roomAt(server, "impatient")).toMatchObject({ sid });
  report(task, {
    promise:
      "A second ^C during `rtc up`: it ends at once, and the next `rtc reconcile` takes over what was begun",
    figure: `exit code ${code}, the room made by ${timesMade("impatient")} call`,
  });
});

test("kill -9 in the middle of an up: the engine ends too; once its lock is taken away, reconcile takes over the room", async ({
  task,
}) => {
  const folder = newFolder("killed", "next");
  const held = proxy.hold(({ method, body }) => method === "CreateRoom" && body.includes("killed"), "after");
  const run = folder.start("up");
  await Promise.race([held.caught, run.finished]);
  const { sid } = (await roomAt(server, "killed")) ?? {};
  expect(sid).toBeDefined();
  process.kill(run.pid, "SIGKILL");
  await run.finished;
  await expect.poll(() => workDirs(folder).flatMap(processesIn), patience).toEqual([]);
  held.release();

  const locked = await folder.run(1, "reconcile");
  const [, cancel = ""] = /"(pulumi cancel .+)"/.exec(locked.stderr) ?? [];
  expect(cancel).toBe("pulumi cancel organization/acme/dev");
  await folder.shell(`${cancel} --yes`);
  expect(await folder.json(0, "reconcile")).toMatchObject({ acted: true, result: "succeeded" });
  expect(await roomAt(server, "killed")).toMatchObject({ sid });
  expect(await folder.json(0, "reconcile")).toMatchObject({ acted: false, changes: { same: 2 } });
  const times = timesMade("killed");
  report(task, {
    promise:
      "`kill -9` of `rtc` in the middle of an `up`: once the lock is taken away, the next `rtc reconcile` takes over the room",
    figure: `the same room as before, made by ${times} call`,
  });
});
