import { rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test, vi } from "vitest";
import { repo } from "../support/clone.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { blocksOf } from "../support/markdown.ts";
import { type Proxy as LivekitProxy, startProxy } from "../support/proxy.ts";
import { RtcFolder } from "../support/rtc-folder.ts";
import { joinPlainly } from "../support/tokens.ts";
import { roomsOf } from "../support/world.ts";

const [plain = "", forced = "", unnamed = "", killed = "", swept = "", stackless = "", ...others] = blocksOf(
  join(repo, "docs/teardown.md"),
  "docs/teardown.md",
).map(({ text }) => text);

/** A test has up to ten commands. */
vi.setConfig({ testTimeout: 300_000 });

let server: LivekitServer;
let proxy: LivekitProxy;
let folder: RtcFolder;
beforeAll(async () => {
  server = await startLivekit();
  proxy = await startProxy(server.url);
  folder = new RtcFolder({ ...server.env, LIVEKIT_URL: proxy.url, PULUMI_STACK: "review-42" });
});

const names = async () => Object.keys(await roomsOf(server)).sort();

/** The stack of the document, with a hall and two classes. */
async function up(): Promise<void> {
  folder.manifest("rooms: { hall: {}, class: { count: 2 } }");
  await folder.run(0, "up");
  expect(await names()).toEqual(["class-1", "class-2", "hall"]);
}

test("docs/teardown.md: a stack is taken down, a second time without an error, by force, and without its manifest", async () => {
  expect(others).toEqual([]);
  await up();
  expect(await folder.shell(plain)).toContain(
    "acme/review-42: 3 deleted, nothing is left, the stack is removed",
  );
  expect(await names()).toEqual([]);
  expect(await folder.shell(plain)).toContain("there is no such stack");

  await up();
  const alice = await joinPlainly(server, "hall", "alice");
  await expect.poll(async () => (await server.service.listParticipants("hall")).length).toBe(1);
  expect((await folder.run(4, "destroy")).stdout).toContain("--force ends their call");
  await folder.shell(forced);
  await alice.disconnected;

  await up();
  rmSync(join(folder.dir, "rtc.yaml"));
  await folder.run(2, "destroy");
  await folder.shell(unnamed);
  expect(await names()).toEqual([]);
});

test("docs/teardown.md: after a killed run the lock is removed, and reconcile continues; orphans are swept", async () => {
  folder.manifest("rooms: { hall: {} }");
  const heldCall = proxy.hold("CreateRoom", "after");
  const run = folder.start("up");
  await Promise.race([heldCall.caught, run.finished]);
  process.kill(-run.pid, "SIGKILL");
  await run.finished;
  heldCall.drop();
  const before = await roomsOf(server);
  expect(Object.keys(before)).toEqual(["hall"]);
  expect((await folder.run(1, "destroy")).stderr).toContain("LOCKED");
  expect(await folder.shell(killed)).toContain("acme/review-42: 1 created");
  expect(await roomsOf(server)).toEqual(before);
  await folder.run(0, "drift");

  await server.service.createRoom({ name: "foreign" });
  const backend = new URL(folder.env["PULUMI_BACKEND_URL"] ?? "").pathname;
  rmSync(join(backend, ".pulumi/stacks/acme/review-42.json"));
  expect((await folder.run(4, "destroy")).stdout).toContain("orphaned at the vendor: livekit:hall");
  expect(await folder.shell(swept)).toContain("livekit:hall");
  expect(await names()).toEqual(["foreign"]);
  await server.service.deleteRoom("foreign");
});

test("docs/teardown.md: rooms of a script are deleted by name and age", async () => {
  await server.service.createRoom({ name: "exam-1" });
  await folder.shell(stackless);
  expect(await names()).toEqual(["exam-1"]);
  const old = () => folder.json<object[]>(0, "rooms list --prefix exam- --older-than 2s");
  await expect.poll(old).toMatchObject([{ name: "exam-1" }]);
  expect(await folder.shell(stackless.replaceAll("12h", "2s"))).toContain("Nothing is deleted without --yes");
  expect(await names()).toEqual([]);
});
