import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { repo } from "../support/clone.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { RtcFolder } from "../support/rtc-folder.ts";
import { rtcAtTerminal } from "../support/terminal.ts";
import { joinPlainly } from "../support/tokens.ts";
import { roomsOf } from "../support/world.ts";

/** A folder that is a Pulumi project too, of a program that declares its manifest. */
function newProject(server: LivekitServer): RtcFolder {
  const folder = new RtcFolder(server.env);
  folder.write("Pulumi.yaml", "name: acme\nruntime: nodejs\nmain: program.js\n");
  folder.write("program.js", 'module.exports = require("pulumi-rtc/program");\n');
  mkdirSync(join(folder.dir, "node_modules/@pulumi"), { recursive: true });
  symlinkSync(repo, join(folder.dir, "node_modules/pulumi-rtc"));
  const sdk = "node_modules/@pulumi/pulumi";
  symlinkSync(join(repo, sdk), join(folder.dir, sdk));
  return folder;
}

/** One stack, by rtc and pulumi alternately: each destroys what the other has created. */
async function play() {
  const server = await startLivekit();
  const names = async () => Object.keys(await roomsOf(server)).sort();
  const folder = newProject(server);
  const hall = "  hall: { maxParticipants: 12 }";
  folder.manifest("rooms:", hall, "  class: { count: 2 }");
  const terminal = rtcAtTerminal("up --yes", { dir: folder.dir, env: { ...folder.env, NO_COLOR: "1" } });
  const typed = { code: await terminal.finished, shown: terminal.shown() };
  const errorAtTerminal = async (env: Record<string, string>) => {
    const run = rtcAtTerminal("rooms get nowhere", { dir: folder.dir, env: { ...folder.env, ...env } });
    return { code: await run.finished, shown: run.shown().trim() };
  };
  const plainError = await errorAtTerminal({ NO_COLOR: "1" });
  const colouredError = await errorAtTerminal({});
  const byRtc = await roomsOf(server);
  await folder.shell(`
    pulumi preview --stack dev --refresh --expect-no-changes
    pulumi destroy --stack dev --yes --skip-preview
  `);
  const afterPulumi = await names();
  await folder.shell("pulumi up --stack dev --yes --skip-preview");
  const byPulumi = await roomsOf(server);

  folder.write("rtc.staging.yaml", "rooms: { hall: { maxParticipants: 2 } }\n");
  const misspelt = { PULUMI_STACK: "stagin" };
  const rejected = [];
  for (const command of ["preview", "up --force", "reconcile"])
    rejected.push(await folder.run(2, command, misspelt));
  const absent = await folder.json(0, "destroy", misspelt);
  // Allowed for one stack, by its name.
  const otherAllowed = await folder.run(2, "up", { RTC_ALLOW_MISSING_OVERLAY: "stagin" });
  const afterRejections = await roomsOf(server);
  folder.manifest("rooms:", hall, "  class: { count: 2 }", "  vault: { protect: true }");
  const allowed = await folder.json(0, "up --refresh", { RTC_ALLOW_MISSING_OVERLAY: "dev" });
  // An overlay that is meant for another project.
  folder.write("rtc.dev.yaml", "project: others\n");
  const foreign = await folder.run(2, "up");
  folder.write("rtc.dev.yaml", "rooms: {}\n");

  folder.manifest("rooms:", hall, "  class: { count: 2 }", "  lobby: {}");
  const unprotected = await folder.json<{ errors: { message: string }[] }>(4, "up");
  const afterFailure = await names();
  const alice = await joinPlainly(server, "hall", "alice");
  await vi.waitFor(async () => expect(await server.service.listParticipants("hall")).toHaveLength(1));
  const before = await roomsOf(server);
  const forcedProtected = await folder.json(4, "destroy --force");
  const afterForce = await roomsOf(server);
  // The room is declared no more, and so cannot be declared without its protection.
  await folder.shell("pulumi state unprotect --all --yes --stack organization/acme/dev");
  const occupied = await folder.run(4, "destroy");
  const destroyed = await folder.json(0, "destroy --force --remove-stack");
  await alice.disconnected;
  return {
    ...{ typed, byRtc, afterPulumi, byPulumi, rejected, absent, otherAllowed, afterRejections, allowed },
    ...{ foreign, unprotected, afterFailure, before, forcedProtected, afterForce, occupied, destroyed },
    ...{ plainError, colouredError, left: await names() },
  };
}

describe("In a Pulumi project, on one stack", () => {
  let s: Awaited<ReturnType<typeof play>>;
  beforeAll(async () => {
    s = await play();
  });

  test("NO_COLOR is respected at a terminal, where errors are coloured without it", () => {
    expect(s.typed.code).toBe(0);
    expect(s.typed.shown).toContain("RtcRoom hall created");
    expect(s.typed.shown).not.toContain("\u001b");
    const text = "NOT_FOUND: there is no room livekit:nowhere";
    expect(s.plainError).toEqual({ code: 4, shown: text });
    const shown = text.replace("NOT_FOUND:", "\u001b[31mNOT_FOUND:\u001b[39m");
    expect(s.colouredError).toEqual({ code: 4, shown });
  });

  test("pulumi finds what rtc has created unchanged and takes it down, and creates the same rooms", () => {
    expect(Object.keys(s.byRtc).sort()).toEqual(["class-1", "class-2", "hall"]);
    expect(s.afterPulumi).toEqual([]);
    expect(Object.keys(s.byPulumi)).toHaveLength(3);
    for (const [name, { owner }] of Object.entries(s.byRtc)) expect(s.byPulumi[name]?.owner).toBe(owner);
  });

  test("rtc finds what pulumi has created unchanged, also where it refreshes, and creates only what is new", () => {
    expect(s.allowed).toMatchObject({ changes: { create: 1, same: 3 } });
  });

  test("every command that would act is rejected for a stack without an overlay where others have one", () => {
    for (const { stdout, stderr } of s.rejected) {
      expect(stderr).toContain("has no overlay for stack stagin, but rtc.staging.yaml");
      expect(stdout).toBe("");
    }
    expect(s.absent).toMatchObject({ result: "absent" });
    expect(s.otherAllowed.stderr).toContain("for stack dev");
    expect(s.foreign.stderr).toContain("project");
    expect(s.afterRejections).toEqual(s.byPulumi);
  });

  test("a protected room that is no longer declared stays, and the rest is carried on with", () => {
    const { errors } = s.unprotected;
    expect(s.unprotected).toMatchObject({
      ...{ result: "failed", changes: { create: 1 }, errors: [{ resource: "vault" }] },
    });
    expect(errors[0]?.message).toContain("protect");
    expect(s.afterFailure).toEqual(["class-1", "class-2", "hall", "lobby", "vault"]);
  });

  test("destroy --force takes no protection back", () => {
    expect(s.forcedProtected).toMatchObject({ result: "refused", protected: [{ name: "vault" }] });
    expect(s.afterForce).toEqual(s.before);
  });

  test("destroy disconnects participants only with --force, and deletes what rtc and pulumi have created", () => {
    expect(s.occupied.stdout).toContain(
      "room livekit:hall is occupied (participants: 1): --force ends their call",
    );
    expect(s.occupied.stderr).not.toContain("is occupied");
    expect(s.destroyed).toMatchObject({
      result: "destroyed",
      occupied: [{ room: "livekit:hall", people: 1 }],
      deleted: [{}, {}, {}, {}, {}],
      left: [],
      removedStack: true,
    });
    expect(s.left).toEqual([]);
  });
});
