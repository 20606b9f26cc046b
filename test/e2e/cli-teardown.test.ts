import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test, vi } from "vitest";
import { repo } from "../support/clone.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { ReviewStacks } from "../support/review-stack.ts";
import { RtcFolder } from "../support/rtc-folder.ts";
import { rtcAtTerminal } from "../support/terminal.ts";
import { joinPlainly } from "../support/tokens.ts";
import { roomsOf } from "../support/world.ts";

/** A test has up to ten commands. */
vi.setConfig({ testTimeout: 300_000 });

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
});

const names = async () => Object.keys(await roomsOf(server)).sort();

test("In a Pulumi project rtc and pulumi work on one stack: each takes down what the other has made", async () => {
  const folder = new RtcFolder(server.env);
  folder.manifest("rooms: { hall: { maxParticipants: 12 }, class: { count: 2 } }");
  folder.write("Pulumi.yaml", "name: acme\nruntime: nodejs\nmain: program.js\n");
  folder.write("program.js", 'module.exports = require("pulumi-rtc/program");\n');
  for (const [name, path] of [
    ["pulumi-rtc", repo],
    ["@pulumi/pulumi", join(repo, "node_modules/@pulumi/pulumi")],
  ] as const) {
    mkdirSync(join(folder.dir, "node_modules/@pulumi"), { recursive: true });
    symlinkSync(path, join(folder.dir, "node_modules", name));
  }
  await folder.run(0, "up");
  const made = await roomsOf(server);
  expect(Object.keys(made).sort()).toEqual(["class-1", "class-2", "hall"]);
  await folder.shell(`
    pulumi preview --stack dev --refresh --expect-no-changes
    pulumi destroy --stack dev --yes --skip-preview
  `);
  expect(await names()).toEqual([]);

  await folder.shell("pulumi up --stack dev --yes --skip-preview");
  // The very same rooms: by their owner marks too.
  for (const [name, { owner }] of Object.entries(made))
    expect((await roomsOf(server))[name]?.owner).toBe(owner);
  await folder.run(0, "preview --refresh --expect-no-changes");
  expect(await folder.json(0, "destroy --remove-stack")).toMatchObject({
    result: "destroyed",
    deleted: [{}, {}, {}],
    left: [],
    removedStack: true,
  });
  expect(await names()).toEqual([]);
});

test("A protected room that is no longer declared stays, and the rest is carried on with; --force ends calls, but takes no protection back", async () => {
  const folder = new RtcFolder(server.env);
  folder.manifest("rooms: { vault: { protect: true }, hall: {} }");
  await folder.run(0, "up");
  folder.manifest("rooms: { hall: {}, lobby: {} }");
  const failed = await folder.json<{ errors: { message: string }[] }>(4, "up");
  expect(failed).toMatchObject({ result: "failed", changes: { create: 1 }, errors: [{ resource: "vault" }] });
  expect(failed.errors[0]?.message).toContain("protect");
  expect(await names()).toEqual(["hall", "lobby", "vault"]);

  const alice = await joinPlainly(server, "hall", "alice");
  const seen = async () => (await server.service.listParticipants("hall")).length;
  await expect.poll(seen).toBe(1);
  const before = await roomsOf(server);
  expect(await folder.json(4, "destroy --force")).toMatchObject({
    result: "refused",
    protected: [{ name: "vault" }],
  });
  expect(await roomsOf(server)).toEqual(before);

  folder.manifest("rooms: { vault: {}, hall: {}, lobby: {} }");
  await folder.run(0, "up");
  const refused = await folder.run(4, "destroy");
  expect(refused.stdout).toContain("room livekit:hall has 1 in it: --force ends their call");
  expect(await folder.json(0, "destroy --force --remove-stack")).toMatchObject({
    result: "destroyed",
    occupied: [{ room: "livekit:hall", people: 1 }],
    deleted: [{}, {}, {}],
  });
  await alice.disconnected;
  expect(await names()).toEqual([]);
});

test("A stack without an overlay, where others have one, is refused by every command that would act, and nothing is begun", async () => {
  const folder = new RtcFolder(server.env);
  folder.manifest("rooms: { hall: {} }");
  folder.write("rtc.staging.yaml", "rooms: { hall: { maxParticipants: 2 } }\n");
  const misspelt = { PULUMI_STACK: "stagin" };
  for (const command of ["preview", "up --force", "reconcile"]) {
    const { stdout, stderr } = await folder.run(2, command, misspelt);
    expect(stderr).toContain("has no overlay for stack stagin, but rtc.staging.yaml");
    expect(stdout).toBe("");
  }
  expect(await names()).toEqual([]);
  expect(await folder.json(0, "destroy", misspelt)).toMatchObject({ result: "absent" });
  // Allowed for one stack, by its name.
  expect((await folder.run(2, "up", { RTC_ALLOW_MISSING_OVERLAY: "stagin" })).stderr).toContain(
    "for stack dev",
  );
  await folder.run(0, "up", { RTC_ALLOW_MISSING_OVERLAY: "dev" });
  // An overlay that is meant for another project.
  folder.write("rtc.dev.yaml", "project: others\n");
  expect((await folder.run(2, "up")).stderr).toContain("project");
  await folder.run(0, "destroy --remove-stack");
});

test("NO_COLOR is respected at a terminal", async () => {
  const folder = new RtcFolder(server.env);
  const shown = async (env: Record<string, string>) => {
    const run = rtcAtTerminal("rooms get nowhere", { dir: folder.dir, env: { ...folder.env, ...env } });
    expect(await run.finished).toBe(4);
    return run.shown().trim();
  };
  const text = "NOT_FOUND: there is no room livekit:nowhere";
  expect(await shown({ NO_COLOR: "1" })).toBe(text);
  expect(await shown({})).toBe(text.replace("NOT_FOUND:", "\u001b[31mNOT_FOUND:\u001b[39m"));
  folder.manifest("rooms: { plain: {} }");
  const up = rtcAtTerminal("up", { dir: folder.dir, env: { ...folder.env, NO_COLOR: "1" } });
  expect(await up.finished).toBe(0);
  expect(up.shown()).toContain("RtcRoom plain created");
  expect(up.shown()).not.toContain("\u001b");
  await folder.run(0, "destroy --remove-stack");
});

test("A review stack is made, changed, mended and taken down, and leaves nothing at the vendor or on disk", async () => {
  const stacks = new ReviewStacks(server);
  const before = stacks.onDisk();
  await stacks.life(41);
  expect(await stacks.atTheVendor()).toEqual([]);
  expect(stacks.onDisk()).toEqual(before);
});
