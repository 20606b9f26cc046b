import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { startLivekit } from "../support/livekit.ts";
import { RtcFolder } from "../support/rtc-folder.ts";
import { roomsOf } from "../support/world.ts";

/** A folder with nothing but a manifest, which is created, changed, and then cannot be carried out. */
async function play() {
  const server = await startLivekit();
  const folder = new RtcFolder(server.env);
  const names = async () => Object.keys(await roomsOf(server));
  folder.manifest("rooms:", "  hall: { maxParticipants: 12 }", "  class: { count: 10 }");
  const preview = await folder.json(7, "preview --expect-no-changes");
  const previewed = {
    rooms: await roomsOf(server),
    stacks: readdirSync(folder.backend, { recursive: true }),
  };
  const created = await folder.run(0, "up");
  const createdRooms = await names();
  const unchanged = await folder.run(0, "preview --refresh --expect-no-changes --format markdown");
  const folders = {
    own: readdirSync(folder.dir),
    temporary: readdirSync(folder.env["TMPDIR"] ?? ""),
    isSelected: existsSync(`${folder.env["HOME"]}/.pulumi/workspaces`),
  };

  // Four of eleven are more than three.
  const changes = ["rooms:", "  hall: { maxParticipants: 12, metadata: { a: 1 } }", "  class: { count: 6 }"];
  folder.manifest(...changes);
  const tooMany = await folder.run(2, "up");
  const afterTooMany = await names();
  const allowed = await folder.json(0, "up --max-deletes 4");

  await server.service.deleteRoom("hall");
  await server.service.createRoom({ name: "taken" });
  folder.manifest(...changes, "  taken: {}", "  free: {}");
  const failed = await folder.json(4, "up");
  const afterFailure = await names();
  folder.manifest(...changes, "  free: {}");
  const refreshed = await folder.json(0, "up --refresh");
  const afterRefresh = await roomsOf(server);
  await folder.run(3, "up --refresh", { LIVEKIT_API_SECRET: "another-secret-of-32-characters-and-more" });

  // What a run that was killed leaves behind.
  const locks = join(folder.backend, ".pulumi/locks/organization/acme/dev");
  const lock = { pid: 12, username: "ann", hostname: "build", timestamp: "2026-11-22T10:00:00Z" };
  mkdirSync(locks, { recursive: true });
  writeFileSync(join(locks, "0a1b2c3d-0000-4000-8000-000000000000.json"), JSON.stringify(lock));
  folder.manifest(...changes, "  free: {}", "  more: {}");
  const locked = await folder.run(1, "up");
  const afterLock = await names();

  folder.manifest("rooms: {}");
  return {
    ...{ preview, previewed, created, createdRooms, unchanged, folders, tooMany, afterTooMany, allowed },
    ...{ failed, afterFailure, refreshed, afterRefresh, locked, afterLock },
    empty: await folder.run(2, "up --force"),
    nameless: await folder.run(2, "up", { PULUMI_STACK: undefined }),
  };
}

describe("rtc up", () => {
  let s: Awaited<ReturnType<typeof play>>;
  beforeAll(async () => {
    s = await play();
  });

  test("is previewed for a stack that does not exist, with exit code 7, and without creating the stack", () => {
    const changes = { create: 11 };
    expect(s.preview).toMatchObject({ project: "acme", stack: "dev", changed: true, changes });
    expect(s.previewed.rooms).toEqual({});
    expect(s.previewed.stacks.filter((name) => String(name).endsWith("dev.json"))).toEqual([]);
  });

  test("creates the rooms, and reports each on stderr and the counts on stdout, without colours", () => {
    expect(s.created.stdout).toBe("acme/dev: 11 created\n");
    expect(s.created.stderr).toMatch(/RtcRoom hall created/);
    expect(s.created.stderr).not.toContain("\u001b");
    expect(s.createdRooms).toHaveLength(11);
  });

  test("leaves no changes for a preview that refreshes, as a comment in Markdown too", () => {
    expect(s.unchanged.stdout).toMatch(
      /^<!-- pulumi-rtc preview acme\/dev -->\n### .*\n\n\| to create .*\n.*\n\| 0 \| 0 \| 0 \| 0 \| 0 \| 11 \|\n/,
    );
  });

  test("leaves nothing but the manifest in the folder, and selects no stack for a later pulumi", () => {
    expect(s.folders).toEqual({ own: ["rtc.yaml"], temporary: [], isSelected: false });
  });

  test("is rejected where it would delete more than 30 %, before anything is touched, unless that many are allowed", () => {
    expect(s.tooMany.stderr).toContain("TOO_MANY_DELETES: this would delete 4 of the stack's 11");
    expect(s.tooMany.stdout).toBe("");
    expect(s.afterTooMany).toHaveLength(11);
    const changes = { delete: 4, update: 1, same: 6 };
    expect(s.allowed).toMatchObject({ result: "succeeded", changes, errors: [] });
  });

  test("exits with 4 where a resource fails, and creates the others", () => {
    const errors = [{ resource: "taken", code: "ALREADY_EXISTS" }];
    expect(s.failed).toMatchObject({ result: "failed", changes: { create: 1, same: 7 }, errors });
    expect(s.afterFailure).toContain("free");
  });

  test("observes and repairs what has happened at the vendor with --refresh only", () => {
    expect(s.afterFailure).not.toContain("hall");
    expect(s.refreshed).toMatchObject({ changes: { create: 1, same: 7 } });
    expect(s.afterRefresh).toMatchObject({ hall: { maxParticipants: 12, metadata: { a: 1 } } });
  });

  test("reports the owner of the lock and how to release it, and touches nothing", () => {
    expect(s.locked.stderr).toMatch(
      /LOCKED: another run .*ann@build \(pid 12\).*"pulumi cancel organization\/acme\/dev"/,
    );
    expect(s.locked.stdout).toBe("");
    expect(s.afterLock).not.toContain("more");
  });

  test("rejects a manifest without any room, even by force, and a stack that is not named", () => {
    expect(s.empty.stderr).toContain("declares no room at all");
    expect(s.nameless.stderr).toContain("no stack is named");
  });
});
