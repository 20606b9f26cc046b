import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { RtcFolder } from "../support/rtc-folder.ts";
import { roomsOf } from "../support/world.ts";

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit();
});

test("A folder with nothing but a manifest is previewed, made, guarded against losing much, and changed", async () => {
  const folder = new RtcFolder(server.env);
  folder.manifest("rooms:", "  hall: { maxParticipants: 12 }", "  class: { count: 10 }");

  // A preview of a stack that is not there yet leaves none behind.
  expect(await folder.json(0, "preview")).toMatchObject({
    project: "acme",
    stack: "dev",
    changed: true,
    changes: { create: 11 },
  });
  expect((await folder.run(7, "preview --expect-no-changes --format markdown")).stdout).toMatch(
    /^<!-- pulumi-rtc preview acme\/dev -->\n### .*\n\n\| to create /,
  );
  expect(await roomsOf(server)).toEqual({});

  const made = await folder.run(0, "up");
  expect(made.stdout).toBe("acme/dev: 11 created\n");
  expect(made.stderr).toMatch(/RtcRoom hall created/);
  expect(made.stderr).not.toContain("\u001b");
  expect(Object.keys(await roomsOf(server))).toHaveLength(11);
  await folder.run(0, "preview --refresh --expect-no-changes");
  // Nothing but the manifest is there, and nothing is selected for a later pulumi.
  expect(readdirSync(folder.dir)).toEqual(["rtc.yaml"]);
  expect(readdirSync(folder.env["TMPDIR"] ?? "")).toEqual([]);
  expect(existsSync(`${folder.env["HOME"]}/.pulumi/workspaces`)).toBe(false);

  // Four of eleven are more than three.
  folder.manifest("rooms:", "  hall: { maxParticipants: 12, metadata: { a: 1 } }", "  class: { count: 6 }");
  const refused = await folder.run(2, "up");
  expect(refused.stderr).toContain("TOO_MANY_DELETES: this would delete 4 of the stack's 11");
  expect(refused.stdout).toBe("");
  expect(Object.keys(await roomsOf(server))).toHaveLength(11);
  expect(await folder.json(0, "up --max-deletes 4")).toMatchObject({
    result: "succeeded",
    changes: { delete: 4, update: 1, same: 6 },
    errors: [],
  });

  // What happened at the vendor is seen and mended only where that is asked for.
  await server.service.deleteRoom("hall");
  expect(await folder.json(0, "up")).toMatchObject({ changes: { same: 7 } });
  expect(await folder.json(0, "up --refresh")).toMatchObject({ changes: { create: 1 } });
  expect(await roomsOf(server)).toMatchObject({ hall: { maxParticipants: 12, metadata: { a: 1 } } });

  folder.manifest("rooms: {}");
  expect((await folder.run(2, "up --force")).stderr).toContain("declares no room at all");
  expect((await folder.run(2, "up", { PULUMI_STACK: undefined })).stderr).toContain("say which stack");
});

test("A resource that fails exits with 4 and the others are made; refused credentials exit with 3", async () => {
  const folder = new RtcFolder(server.env);
  await server.service.createRoom({ name: "taken" });
  folder.manifest("rooms: { taken: {}, free: {} }");
  const failed = await folder.json(4, "up");
  expect(failed).toMatchObject({
    result: "failed",
    changes: { create: 1 },
    errors: [{ resource: "taken", code: "ALREADY_EXISTS" }],
  });
  expect(Object.keys(await roomsOf(server))).toContain("free");
  await folder.run(3, "up --refresh", { LIVEKIT_API_SECRET: "another-secret-of-32-characters-and-more" });
});

test("A lock says whose it is and what to do about it; nothing is touched", async () => {
  const folder = new RtcFolder(server.env);
  folder.manifest("rooms: { locked: {} }");
  await folder.run(0, "up");
  // What a run that was killed leaves behind.
  const backend = new URL(folder.env["PULUMI_BACKEND_URL"] ?? "").pathname;
  const locks = join(backend, ".pulumi/locks/organization/acme/dev");
  const lock = { pid: 12, username: "ann", hostname: "build", timestamp: "2026-11-22T10:00:00Z" };
  mkdirSync(locks, { recursive: true });
  writeFileSync(join(locks, "0a1b2c3d-0000-4000-8000-000000000000.json"), JSON.stringify(lock));
  folder.manifest("rooms: { locked: {}, more: {} }");
  const { stderr, stdout } = await folder.run(1, "up");
  expect(stderr).toMatch(
    /LOCKED: another run .*ann@build \(pid 12\).*"pulumi cancel organization\/acme\/dev"/,
  );
  expect(stdout).toBe("");
  expect(Object.keys(await roomsOf(server))).not.toContain("more");
});
