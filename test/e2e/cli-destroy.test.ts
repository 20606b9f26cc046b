import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { startProxy } from "../support/proxy.ts";
import { bareId, expectStatus, leave, publishIn } from "../support/recordings.ts";
import { RtcFolder } from "../support/rtc-folder.ts";
import { roomsOf } from "../support/world.ts";

let server: LivekitServer;
let folder: RtcFolder;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
});
beforeEach(() => {
  folder = new RtcFolder(server.env);
});

/** What the command prints as JSON. */
interface Teardown {
  result: string;
  recordings: { recording: string; status: string; files: string[] }[];
  deleted: { kind: string; name: string; id: string }[];
}

test("People and protected rooms stop it before anything is touched; then recordings end first, with the keys of now and no manifest", async () => {
  const declared = (protect: boolean) =>
    folder.manifest(
      "rooms:",
      "  standup: {}",
      `  vault: { protect: ${protect} }`,
      "recordings:",
      "  standup: { room: standup, audioOnly: true, outputUri: out/teardown/ }",
    );
  declared(true);
  await folder.run(0, "up");
  const [{ recording } = { recording: "" }] = await folder.json<{ recording: string }[]>(
    0,
    "recordings list --active",
  );
  const alice = await publishIn(server, "standup");
  await expectStatus(server, bareId(recording), "EGRESS_ACTIVE");
  const before = await roomsOf(server);

  const refused = await folder.run(4, "destroy --json");
  expect(JSON.parse(refused.stdout)).toMatchObject({
    result: "refused",
    protected: [{ kind: "room", name: "vault", id: "livekit:vault" }],
    occupied: [{ room: "livekit:standup", people: 1 }],
    deleted: [],
  });
  expect(refused.stderr).not.toContain("Destroying");
  expect(await roomsOf(server)).toEqual(before);
  await expectStatus(server, bareId(recording), "EGRESS_ACTIVE");

  // The keys that the state remembers are good no more, and the manifest is gone.
  declared(false);
  await folder.run(0, "up");
  folder.write(
    "Pulumi.dev.yaml",
    "config: { rtc:livekitApiSecret: a-secret-that-was-good-once-and-is-revoked }\n",
  );
  await folder.run(0, "up");
  rmSync(join(folder.dir, "Pulumi.dev.yaml"));
  rmSync(join(folder.dir, "rtc.yaml"));
  expect((await folder.run(2, "destroy")).stderr).toContain("name it with --project");
  await leave(server, "standup", alice);

  const done = await folder.run(0, "destroy --project acme --remove-stack --json");
  const { result, recordings, deleted } = JSON.parse(done.stdout) as Teardown;
  expect(result).toBe("destroyed");
  expect(recordings).toMatchObject([{ recording, status: "complete" }]);
  expect(recordings[0]?.files).toHaveLength(1);
  expect(deleted).toHaveLength(3);
  const order = ["RtcRecording standup deleted", "RtcRoom vault deleting"].map((text) =>
    done.stderr.indexOf(text),
  );
  expect(order[0]).toBeGreaterThan(0);
  expect(order[1]).toBeGreaterThan(order[0] ?? 0);
  expect(await roomsOf(server)).toEqual({});
  const stacks = join(new URL(folder.env["PULUMI_BACKEND_URL"] ?? "").pathname, ".pulumi/stacks/acme");
  expect(readdirSync(stacks)).not.toContain("dev.json");
  expect(readdirSync(folder.dir)).toEqual([]);

  expect(await folder.json(0, "destroy --project acme")).toMatchObject({ result: "absent", remaining: [] });
});

test("One of ten that fails leaves one, which is named with exit code 4; again takes it down", async () => {
  const proxy = await startProxy(server.url);
  folder.manifest("rooms: { class: { count: 10 } }");
  await folder.run(0, "up", { LIVEKIT_URL: proxy.url });
  proxy.fail(({ method, body }) => method === "DeleteRoom" && body.includes("class-7"), { status: 500 });
  const some = await folder.run(4, "destroy", { LIVEKIT_URL: proxy.url });
  expect(some.stdout).toContain("left: room class-7 (livekit:class-7)");
  expect(some.stdout).toContain("acme/dev: 9 deleted, not everything: run it again");
  expect(Object.keys(await roomsOf(server))).toEqual(["class-7"]);
  proxy.reset();
  expect(await folder.json(0, "destroy", { LIVEKIT_URL: proxy.url })).toMatchObject({
    result: "destroyed",
    deleted: [{ name: "class-7" }],
    left: [],
    errors: [],
  });
  expect(await folder.json(0, "destroy", { LIVEKIT_URL: proxy.url })).toMatchObject({ result: "destroyed" });
});

test("What a killed run has made unseen is found and taken down too", async () => {
  folder.manifest("rooms: { seen: {}, unseen: { maxParticipants: 3 } }");
  await folder.run(0, "up");
  // As kill -9 leaves it: the room is there, and the state knows only that it was about to be made.
  const backend = new URL(folder.env["PULUMI_BACKEND_URL"] ?? "").pathname;
  const file = join(backend, ".pulumi/stacks/acme/dev.json");
  const state = JSON.parse(readFileSync(file, "utf8")) as {
    checkpoint: { latest: { resources: { urn: string }[]; pending_operations?: object[] } };
  };
  const { latest } = state.checkpoint;
  const unseen = latest.resources.filter(({ urn }) => urn.endsWith("::unseen"));
  latest.resources = latest.resources.filter((resource) => !unseen.includes(resource));
  latest.pending_operations = unseen.map(({ ...resource }) => {
    const { id: _, outputs: __, ...begun } = resource as { urn: string; id?: string; outputs?: object };
    return { type: "creating", resource: begun };
  });
  writeFileSync(file, JSON.stringify(state));
  rmSync(`${file}.bak`, { force: true });

  rmSync(join(folder.dir, "rtc.yaml"));
  const { deleted } = await folder.json<Teardown>(0, "destroy --project acme --remove-stack");
  expect(deleted.map(({ name }) => name).sort()).toEqual(["seen", "unseen"]);
  expect(await roomsOf(server)).toEqual({});
});

test("Rooms whose state is lost are swept, once that is asked for; others' are not touched", async () => {
  folder.manifest("rooms: { lost: { count: 2 } }");
  await folder.run(0, "up");
  await server.service.createRoom({ name: "foreign" });
  expect(await folder.json(0, "sweep --yes")).toEqual({ removed: [], failed: [], would: [] });
  const backend = new URL(folder.env["PULUMI_BACKEND_URL"] ?? "").pathname;
  rmSync(join(backend, ".pulumi/stacks/acme/dev.json"));

  // A teardown of what is in no state says so.
  expect(await folder.json(4, "destroy")).toMatchObject({
    result: "absent",
    remaining: ["livekit:lost-1", "livekit:lost-2"],
  });
  expect((await folder.run(0, "sweep")).stdout).toBe("livekit:lost-1\nlivekit:lost-2\n");
  expect(Object.keys(await roomsOf(server))).toHaveLength(3);
  expect(await folder.json(0, "sweep --yes")).toMatchObject({
    removed: ["livekit:lost-1", "livekit:lost-2"],
  });
  expect(Object.keys(await roomsOf(server))).toEqual(["foreign"]);
  await server.service.deleteRoom("foreign");
});
