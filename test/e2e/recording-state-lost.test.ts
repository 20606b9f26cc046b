import { createClient, strayRecordings } from "pulumi-rtc";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { Call } from "../support/calls.ts";
import { killDuring } from "../support/kill.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { startProxy } from "../support/proxy.ts";
import {
  activate,
  bareId,
  expectStatus,
  leave,
  nameOf,
  POLL_OPTIONS,
  recorded,
  runningIn,
  snapshotOf,
  storedIds,
  together,
} from "../support/recordings.ts";
import { newStack, type Stack } from "../support/stack.ts";
import { changesOf, resourceOf } from "../support/world.ts";

const starts = (room: string) => (call: Call) =>
  call.method === "StartRoomCompositeEgress" && call.body.includes(`"${room}"`);

/** A client of the server, and the ids of a stack's orphans there. */
function clientOf({ url, apiKey, apiSecret }: LivekitServer) {
  const client = createClient({ livekitUrl: url, livekitApiKey: apiKey, livekitApiSecret: apiSecret });
  const orphansOf = async ({ project, name }: Stack, ...ids: (string | undefined)[]): Promise<string[]> => {
    const known = ids.map((id) => `livekit:${id}`);
    const found = await strayRecordings(client, { project, stack: name, known });
    return found.map(({ recording }) => bareId(recording)).sort();
  };
  return { client, orphansOf };
}

/** Two stacks of one project and one of another; the first loses its state, in the second a run is killed. */
async function play() {
  const server = await startLivekit({ egress: "worker" });
  const { client, orphansOf } = clientOf(server);
  const stop = (id = "") => client.recording.stop(`livekit:${id}`);
  const proxy = await startProxy(server.url);

  const program = together(recorded("dropped"), recorded("belated"));
  const env = await server.envWith({ LIVEKIT_URL: proxy.url });
  const killed = await newStack({ program, env, stack: "prod" });
  const answer = proxy.hold(starts("dropped"), "after");
  const request = proxy.hold(starts("belated"), "before", { times: 1 });
  await killDuring(killed, "CLI", Promise.all([answer.caught, request.caught]));
  answer.release();
  await killed.run(["cancel", "--yes"]);
  const [dropped] = await runningIn(server, "dropped");
  killed.write(together(recorded("dropped", { outputUri: "out/other/" }), recorded("belated")));
  await killed.up();
  const now = await storedIds<"dropped" | "belated">(killed);
  const next = {
    running: (await runningIn(server, "dropped")).sort(),
    orphans: await orphansOf(killed, ...Object.values(now)),
  };
  request.release();
  await vi.waitFor(async () => expect(await runningIn(server, "belated")).toHaveLength(2), POLL_OPTIONS);
  const belated = (await runningIn(server, "belated")).filter((id) => id !== now.belated);

  const stack = await newStack({
    program: together(recorded("mine"), recorded("amnesia")),
    env: server.env,
    project: killed.project,
  });
  const stranger = await newStack({ program: recorded("strange"), env: server.env });
  await Promise.all([stack.up(), stranger.up()]);
  await server.service.createRoom({ name: "by-hand", emptyTimeout: 600 });
  await client.recording.start({ room: "by-hand", audioOnly: true, outputUri: "out/by-hand/" });
  const ids = await storedIds<"mine" | "amnesia">(stack);
  const managed = await orphansOf(stack, ...Object.values(ids));
  const { urn } = await resourceOf(stack, "mine");
  await stack.run(["state", "delete", urn.replace("RtcRoom", "RtcRecording"), "--yes"]);
  const deleted = {
    orphans: await orphansOf(stack, ids.amnesia),
    ofCopy: await orphansOf(killed, ...Object.values(now)),
    ofStranger: await orphansOf(stranger, (await storedIds(stranger))["strange"]),
  };
  await leave(server, "mine", await activate(server, "mine", ids.mine));
  for (const id of [ids.mine, dropped, ...belated]) await stop(id);
  const { fileResults } = await expectStatus(server, ids.mine, "EGRESS_COMPLETE");
  await Promise.all([dropped, ...belated].map((id = "") => expectStatus(server, id, "EGRESS_ABORTED")));
  const stopped = {
    fileResults,
    orphans: await orphansOf(stack, ids.amnesia),
    recordings: await snapshotOf(server),
  };

  await stack.run(["stack", "rm", "--force", "--yes", "--preserve-config"]);
  const lost = await orphansOf(stack);
  await stack.init();
  stack.write(recorded("amnesia"));
  const up = await stack.up();
  const again = await storedIds<"amnesia">(stack);
  const repaired = { up, id: again.amnesia, orphans: await orphansOf(stack, again.amnesia) };
  const recordings = await snapshotOf(server);
  await stack.expectNoChanges(["--refresh"]);
  return { now, dropped, next, belated, ids, managed, urn, deleted, stopped, lost, repaired, recordings };
}

let played: Awaited<ReturnType<typeof play>>;
beforeAll(async () => {
  played = await play();
}, 240_000);

test("a recording that was removed from the state is an orphan of its stack alone; it can be stopped, and has its file", () => {
  const { managed, urn, ids, deleted, dropped, belated, stopped } = played;
  expect(managed).toEqual([]);
  expect(urn).toContain("RtcRoom");
  expect(deleted.orphans).toEqual([ids.mine]);
  expect(deleted.ofCopy).toEqual([dropped, ...belated].sort());
  expect(deleted.ofStranger).toEqual([]);
  expect(stopped.fileResults[0]?.location).toMatch(/\.ogg$/);
  expect(stopped.orphans).toEqual([]);
  for (const room of ["strange", "by-hand"]) expect(stopped.recordings.running(room)).toHaveLength(1);
});

test("the recordings of a lost state are orphans until an up of the same stack adopts them", () => {
  const { ids, lost, repaired, recordings } = played;
  expect(lost).toEqual([ids.amnesia]);
  expect(changesOf(repaired.up, "amnesia")).toEqual(["create amnesia", "create amnesia"]);
  expect(repaired.id).toBe(ids.amnesia);
  expect(recordings.of("amnesia")).toHaveLength(1);
  expect(repaired.orphans).toEqual([]);
});

describe("what a killed run has started is an orphan, and can be stopped", () => {
  test("where the program no longer declares it", () => {
    const { now, dropped, next, stopped } = played;
    expect(next.running).toEqual([dropped, now.dropped].sort());
    expect(next.orphans).toEqual([dropped]);
    expect(nameOf(stopped.recordings.at(dropped ?? "").status)).toBe("EGRESS_ABORTED");
    expect(stopped.recordings.running("dropped")).toEqual([now.dropped]);
  });

  test("where the start arrives only after the next up, which leaves a second recording", () => {
    const { now, belated, deleted, stopped } = played;
    expect(belated).toHaveLength(1);
    expect(deleted.ofCopy).toContain(belated[0]);
    expect(stopped.recordings.running("belated")).toEqual([now.belated]);
  });
});
