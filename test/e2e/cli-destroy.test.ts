import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { startLivekit } from "../support/livekit.ts";
import { startProxy } from "../support/proxy.ts";
import { bareId, egressAt, expectStatus, leave, nameOf, publishIn } from "../support/recordings.ts";
import { RtcFolder } from "../support/rtc-folder.ts";
import { roomsOf } from "../support/world.ts";

/** Changes a state as a killed run leaves it: the room `unseen` exists, the state has only that it was begun; `lost` is not in it. */
function loseParts(file: string): void {
  const state = JSON.parse(readFileSync(file, "utf8")) as {
    checkpoint: {
      latest: {
        resources: { urn: string; id?: string; outputs?: object }[];
        pending_operations?: object[];
      };
    };
  };
  const { latest } = state.checkpoint;
  const unseen = latest.resources.filter(({ urn }) => urn.endsWith("::unseen"));
  latest.resources = latest.resources.filter(({ urn }) => !/::(unseen|lost-\d)$/.test(urn));
  latest.pending_operations = unseen.map(({ id: _, outputs: __, ...resource }) => ({
    type: "creating",
    resource,
  }));
  writeFileSync(file, JSON.stringify(state));
  rmSync(`${file}.bak`, { force: true });
}

/** One stack, from its rooms to nothing, with all that is in the way. */
async function play() {
  const server = await startLivekit({ egress: "worker" });
  const proxy = await startProxy(server.url);
  const folder = new RtcFolder({ ...server.env, LIVEKIT_URL: proxy.url });
  const stateFile = join(folder.backend, ".pulumi/stacks/acme/dev.json");
  const names = async () => Object.keys(await roomsOf(server)).sort();
  const declare = (protect: boolean) =>
    folder.manifest(
      "rooms:",
      "  standup: {}",
      `  vault: { protect: ${protect} }`,
      "  class: { count: 3 }",
      "  lost: { count: 2 }",
      "  unseen: { maxParticipants: 3 }",
      "recordings:",
      "  standup: { room: standup, audioOnly: true, outputUri: out/teardown/ }",
    );
  const remove = (name: string) => rmSync(join(folder.dir, name));

  await server.service.createRoom({ name: "foreign" });
  const filesBefore = folder.files();
  declare(true);
  await folder.run(0, "up");
  const [active] = await folder.json<{ recording: string }[]>(0, "recordings list --active");
  const recording = active?.recording ?? "";
  const alice = await publishIn(server, "standup");
  await expectStatus(server, bareId(recording), "EGRESS_ACTIVE");
  const observe = async () => [await roomsOf(server), nameOf((await egressAt(server, recording)).status)];
  const before = await observe();
  const sweptManaged = await folder.json(0, "sweep --yes");
  const rejected = await folder.run(4, "destroy --json");
  const afterRejection = await observe();

  // The credentials in the state are revoked, and the manifest is gone.
  folder.write(
    "Pulumi.dev.yaml",
    "config: { rtc:livekitApiSecret: a-secret-that-was-good-once-and-is-revoked }\n",
  );
  declare(false);
  await folder.run(0, "up");
  remove("Pulumi.dev.yaml");
  remove("rtc.yaml");
  const nameless = await folder.run(2, "destroy");

  await leave(server, "standup", alice);
  loseParts(stateFile);
  proxy.fail(({ method, body }) => method === "DeleteRoom" && body.includes("class-2"), { status: 500 });
  const incomplete = await folder.run(4, "destroy --project acme");
  const afterIncomplete = await names();
  proxy.reset();

  renameSync(stateFile, `${stateFile}.away`);
  const absent = await folder.json(4, "destroy --project acme");
  renameSync(`${stateFile}.away`, stateFile);
  folder.manifest("rooms: {}");
  const listed = await folder.run(0, "sweep");
  const afterList = await names();
  const swept = await folder.json(0, "sweep --yes");
  const afterSweep = await names();
  remove("rtc.yaml");

  const completed = await folder.json(0, "destroy --project acme");
  const afterCompletion = await names();
  const removed = await folder.json(0, "destroy --project acme --remove-stack");
  const again = await folder.json(0, "destroy --project acme");
  return {
    ...{ recording, before, sweptManaged, rejected, afterRejection, nameless, incomplete, afterIncomplete },
    ...{
      absent,
      listed,
      afterList,
      swept,
      afterSweep,
      completed,
      afterCompletion,
      removed,
      again,
      filesBefore,
    },
    files: folder.files(),
  };
}

describe("Taking a stack down", () => {
  let s: Awaited<ReturnType<typeof play>>;
  beforeAll(async () => {
    s = await play();
  });

  test("is rejected where participants are in a room or a resource is protected, before anything is touched", () => {
    expect(JSON.parse(s.rejected.stdout)).toMatchObject({
      result: "refused",
      protected: [{ kind: "room", name: "vault", id: "livekit:vault" }],
      occupied: [{ room: "livekit:standup", people: 1 }],
      deleted: [],
    });
    expect(s.rejected.stderr).not.toContain("Destroying");
    expect(s.afterRejection).toEqual(s.before);
    expect(s.before[1]).toBe("EGRESS_ACTIVE");
  });

  test("needs the project's name where there is no manifest", () => {
    expect(s.nameless.stderr).toContain("pass --project");
  });

  test("ends recordings before it deletes rooms, with current credentials, and reports their files", () => {
    const { stdout, stderr } = s.incomplete;
    expect(stdout).toMatch(new RegExp(`^recording ${s.recording} is complete: \\S+$`, "m"));
    const order = ["RtcRecording standup deleted", "RtcRoom vault deleting"].map((text) =>
      stderr.indexOf(text),
    );
    expect(order[0]).toBeGreaterThan(0);
    expect(order[1]).toBeGreaterThan(order[0] ?? 0);
  });

  test("also finds and deletes what a killed run has created and not stored", () => {
    // All that are managed, `unseen` too, but one.
    expect(s.incomplete.stdout).toContain("acme/dev: 6 deleted");
    expect(s.afterIncomplete).toEqual(["class-2", "foreign", "lost-1", "lost-2"]);
  });

  test("deletes the others where one fails, and names it with exit code 4; the next run deletes it", () => {
    expect(s.incomplete.stdout).toContain("not deleted: room class-2 (livekit:class-2)");
    expect(s.incomplete.stdout).toContain("deleted, not everything: run it again");
    expect(s.completed).toMatchObject({
      ...{ result: "destroyed", deleted: [{ name: "class-2" }], left: [], errors: [], removedStack: false },
    });
    expect(s.afterCompletion).toEqual(["foreign"]);
  });

  test("reports rooms of a stack whose state is lost as remaining, with exit code 4", () => {
    expect(s.absent).toMatchObject({
      result: "absent",
      remaining: ["livekit:class-2", "livekit:lost-1", "livekit:lost-2"],
    });
  });

  test("removes the stack when it is empty, without a trace on disk", () => {
    expect(s.removed).toMatchObject({ result: "destroyed", removedStack: true });
    expect(s.files).toEqual(s.filesBefore);
    expect(s.again).toMatchObject({ result: "absent", remaining: [] });
  });

  test("is followed by a sweep of orphans only: none that is managed, and none of others", () => {
    expect(s.sweptManaged).toEqual({ removed: [], failed: [], would: [] });
    expect(s.listed.stdout).toBe("livekit:lost-1\nlivekit:lost-2\n");
    expect(s.afterList).toEqual(s.afterIncomplete);
    expect(s.swept).toMatchObject({ removed: ["livekit:lost-1", "livekit:lost-2"] });
    expect(s.afterSweep).toEqual(["class-2", "foreign"]);
  });
});
