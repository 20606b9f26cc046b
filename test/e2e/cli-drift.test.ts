import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { atEndOfFile } from "../support/cleanup.ts";
import { repo } from "../support/clone.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { RtcFolder } from "../support/rtc-folder.ts";
import { roomsOf } from "../support/world.ts";

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
});

/** What the commands print as JSON. */
interface Drift {
  drifted: boolean;
  resources: { name: string; class: string; fields: object[] }[];
}

test("Drift is told by class and field and changes nothing; reconcile mends it, and then has nothing to do", async () => {
  const folder = new RtcFolder(server.env);
  folder.manifest(
    "rooms:",
    "  changed: { metadata: { team: core } }",
    "  deleted: { maxParticipants: 3 }",
    "  recreated: {}",
    "  kept: {}",
    "  recorded: {}",
    "recordings:",
    "  recorded: { room: recorded, audioOnly: true, outputUri: out/drift/ }",
  );
  await folder.run(6, "drift");
  expect(await folder.json(0, "reconcile")).toMatchObject({ acted: true, changes: { create: 6 } });
  expect(await folder.json(0, "drift")).toMatchObject({ drifted: false, resources: [] });
  expect(await folder.json(0, "reconcile")).toMatchObject({ acted: false, changes: { same: 6 } });

  await server.service.updateRoomMetadata("changed", '{"team":"web|<b>"}');
  await server.service.deleteRoom("deleted");
  await server.service.deleteRoom("recreated");
  await server.service.createRoom({
    name: "recreated",
    emptyTimeout: 2 ** 32 - 1,
    departureTimeout: 2 ** 32 - 1,
  });
  const [{ recording } = { recording: "" }] = await folder.json<{ recording: string }[]>(
    0,
    "recordings list --active",
  );
  await folder.run(0, `recordings stop ${recording}`);
  const before = await roomsOf(server);

  const { resources } = await folder.json<Drift>(7, "drift");
  const byName = Object.fromEntries(resources.map((one) => [one.name, one]));
  expect(byName).toMatchObject({
    changed: {
      class: "changed",
      fields: [{ field: "metadata", declared: { team: "core" }, live: { team: "web|<b>" } }],
    },
    deleted: { class: "deleted" },
    recreated: { class: "recreated" },
    recorded: { class: "ended", kind: "recording" },
  });
  expect(Object.keys(byName)).toHaveLength(4);
  const markdown = await folder.run(7, "drift --format markdown");
  expect(markdown.stdout).toContain("<!-- pulumi-rtc drift acme/dev -->");
  expect(markdown.stdout).toContain("| 1 | 1 | 1 | 1 |");
  // Nobody has mended or noted anything.
  expect(await roomsOf(server)).toEqual(before);

  expect(await folder.json(0, "reconcile")).toMatchObject({ acted: true, result: "succeeded" });
  expect(await roomsOf(server)).toMatchObject({
    changed: { metadata: { team: "core" } },
    deleted: { maxParticipants: 3 },
  });
  expect(await folder.json(0, "reconcile")).toMatchObject({ acted: false });
  expect(await folder.json(0, "drift")).toMatchObject({ drifted: false });
  await folder.run(3, "drift", { LIVEKIT_API_SECRET: "another-secret-of-32-characters-and-more" });
});

test("A watch mends what drifts, survives a manifest that is broken for a while, and stops cleanly on SIGTERM", async () => {
  const folder = new RtcFolder(server.env);
  folder.manifest("rooms: { watched: {} }");
  const args = [join(repo, "dist/cli/main.js"), "reconcile", "--watch", "1s", "--json"];
  const child = spawn(process.execPath, args, {
    cwd: folder.dir,
    env: folder.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  atEndOfFile(async () => void child.kill("SIGKILL"));
  let out = "";
  let progress = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    progress += text;
  });
  const patience = { timeout: 60_000, interval: 200 };
  const idle = () => out.trim().split("\n").at(-1)?.includes('"acted":false');

  await expect.poll(idle, patience).toBe(true);
  await server.service.deleteRoom("watched");
  await expect.poll(async () => Object.keys(await roomsOf(server)), patience).toContain("watched");
  folder.write("rtc.yaml", "rooms: [");
  await expect.poll(() => progress, patience).toContain("trying again in");
  folder.manifest("rooms: { watched: {}, more: {} }");
  await expect.poll(async () => Object.keys(await roomsOf(server)), patience).toContain("more");

  const closed = once(child, "close");
  child.kill("SIGTERM");
  expect(await closed).toEqual([0, null]);
  for (const line of out.trim().split("\n")) expect(JSON.parse(line)).toMatchObject({ stack: "dev" });
  await folder.run(0, "preview --refresh --expect-no-changes");
});
