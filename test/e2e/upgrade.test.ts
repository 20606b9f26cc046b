import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import {
  keptOrigin,
  keptProgram,
  keptState,
  keptVersions,
  type Moment,
  worldOf,
} from "../support/kept-states.ts";
import type { LivekitServer } from "../support/livekit.ts";
import { rememberedId, rememberedRecording, runningIn } from "../support/recordings.ts";
import { report } from "../support/reliability.ts";
import type { Stack } from "../support/stack.ts";
import type { State } from "../support/stack-types.ts";
import { roomsOf } from "../support/world.ts";

/** The parts of a LiveKit room's outputs that every version has written so far. */
interface RoomOutputs {
  vendor: "livekit";
  name: string;
  sid: string;
  owner: string;
  metadata?: object;
  vendorSettings: { maxParticipants?: number; emptyTimeoutSeconds: number; departureTimeoutSeconds: number };
}

/** Two rooms and a recording of each, and two rooms that are records. */
const RESOURCES = 6;

describe.each(keptVersions())("With a state that version %s has written", (version) => {
  const program = keptProgram(version);
  let server: LivekitServer;
  let stack: Stack;

  beforeEach(async () => {
    ({ server, stack } = await worldOf(version));
    return () => server.stop();
  });

  /**
   * Brings the world and the stack to where the version has left them. Today's server listens on another port than the
   * one of that day, and gives rooms other ids of their incarnation: that is all that is changed in the state.
   */
  async function restore(moment: Moment): Promise<void> {
    const host = (url: string) => new URL(url).host;
    let state = keptState(version, moment).replaceAll(host(keptOrigin(version).url), host(server.url));
    for (const room of roomsIn(JSON.parse(state) as State))
      state = state.replaceAll(room.sid, await makeAsItWas(room));
    writeFileSync(join(stack.dir, "state.json"), state);
    await stack.run(["stack", "import", "--file", "state.json"]);
  }

  /** Answers the id of its incarnation. */
  async function makeAsItWas({ name, owner, metadata, vendorSettings }: RoomOutputs): Promise<string> {
    const { maxParticipants = 0, emptyTimeoutSeconds, departureTimeoutSeconds } = vendorSettings;
    const { sid } = await server.service.createRoom({
      name,
      maxParticipants,
      emptyTimeout: emptyTimeoutSeconds,
      departureTimeout: departureTimeoutSeconds,
      metadata: JSON.stringify({ ...metadata, $owner: owner }),
    });
    return sid;
  }

  test("preview, refresh and up find nothing to do, and touch no room; a recording that has ended, or that the server has forgotten, is history.", async ({
    task,
  }) => {
    await restore("state");
    const before = await roomsOf(server);
    const { files } = await rememberedRecording(stack, "standup");
    expect(files).toHaveLength(1);
    const ups = [await stack.up()];
    await stack.expectNoChanges();
    await stack.expectNoChanges(["--refresh"]);
    await stack.expectNoChanges(["--refresh", "--run-program"]);
    await stack.refresh(["--expect-no-changes"]);
    ups.push(await stack.up());
    for (const { counts } of ups)
      expect(counts).toEqual({ create: 0, update: 0, replace: 0, delete: 0, same: RESOURCES });
    expect(await roomsOf(server)).toEqual(before);
    expect(await server.recordings.listEgress({})).toEqual([]);
    expect(await rememberedRecording(stack, "interview")).toMatchObject({
      room: "livekit:interview-room",
      outputUri: "s3://acme-calls/interviews/",
      metadata: { week: 7 },
      error: expect.stringContaining("forgotten"),
    });
    expect(await rememberedRecording(stack, "standup")).toMatchObject({ status: "complete", files });
    const replaced = ups.reduce((sum, { counts }) => sum + counts.replace, 0);
    report(task, {
      promise: `A state that version ${version} has written: preview, refresh and up find nothing to do`,
      figure: `${ups.at(-1)?.counts.same} of ${RESOURCES} resources stay as they are, ${replaced} are replaced`,
    });
  }, 300_000);

  test("destroy deletes the rooms and the recordings.", async ({ task }) => {
    await restore("state");
    const { counts, output } = await stack.destroy();
    expect(counts.delete).toBe(RESOURCES);
    expect(output).toMatch(/recording livekit:EG_\w+ is complete, \S+\.mp4/);
    expect(await roomsOf(server)).toEqual({});
    expect((await stack.state()).deployment.resources ?? []).toEqual([]);
    report(task, {
      promise: `A state that version ${version} has written: destroy leaves nothing behind`,
      figure: `${counts.delete} of ${RESOURCES} resources deleted`,
    });
  });

  test("that a refresh has left with drift, limits that are mended by now are none, and a recording that is due is started.", async () => {
    await restore("refreshed");
    const before = await roomsOf(server);
    const { counts } = await stack.up(["--refresh"]);
    // The metadata, and the recording.
    expect(counts).toEqual({ create: 0, update: 2, replace: 0, delete: 0, same: RESOURCES - 2 });
    expect(await roomsOf(server)).toEqual({
      ...before,
      standup: { ...before["standup"], metadata: { team: "core", place: { floor: 2 } } },
    });
    expect(await runningIn(server, "interview-room")).toEqual([await rememberedId(stack, "interview")]);
    await stack.expectNoChanges(["--refresh"]);
  });

  test("a change of metadata is made in place, and keeps the owner mark.", async () => {
    await restore("state");
    const before = await roomsOf(server);
    stack.write(program.replace('team: "core"', 'team: "edge"'));
    const { counts } = await stack.up(["--refresh"]);
    expect(counts).toMatchObject({ update: 1, replace: 0, same: RESOURCES - 1 });
    const after = await roomsOf(server);
    expect(after["standup"]).toEqual({
      ...before["standup"],
      metadata: { team: "edge", place: { floor: 2 } },
    });
    await stack.expectNoChanges(["--refresh"]);
  });

  test("a room that is gone is made again, and one that closed by itself is no drift.", async () => {
    await restore("state");
    await server.service.deleteRoom("standup");
    await server.service.deleteRoom("interview-room");
    const { counts } = await stack.up(["--refresh"]);
    expect(counts).toMatchObject({ create: 1, update: 0, replace: 0, same: RESOURCES - 1 });
    expect(Object.keys(await roomsOf(server))).toEqual(["standup"]);
  });

  test("a room that was made anew is recorded again.", async () => {
    await restore("state");
    await server.service.deleteRoom("interview-room");
    await server.service.createRoom({ name: "interview-room", emptyTimeout: 600, departureTimeout: 600 });
    const { counts } = await stack.up(["--refresh"]);
    expect(counts).toMatchObject({ create: 0, replace: 1, same: RESOURCES - 1 });
    expect(await runningIn(server, "interview-room")).toEqual([await rememberedId(stack, "interview")]);
    await stack.expectNoChanges(["--refresh"]);
  });
});

function roomsIn(state: State): RoomOutputs[] {
  const rooms = state.deployment.resources.filter(({ type }) => type.endsWith("RtcRoom"));
  return rooms
    .map(({ outputs }) => outputs as unknown as RoomOutputs)
    .filter(({ vendor }) => vendor === "livekit");
}
