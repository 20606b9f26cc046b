import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import {
  keptOrigin,
  keptProgram,
  keptVersions,
  type Moment,
  storedState,
  worldOf,
} from "../support/kept-states.ts";
import type { LivekitServer } from "../support/livekit.ts";
import { POLL_OPTIONS, runningIn, storedId, storedRecording } from "../support/recordings.ts";
import { report } from "../support/reliability.ts";
import type { Stack } from "../support/stack.ts";
import type { Result, State } from "../support/stack-types.ts";
import { type LivingRoom, roomsOf } from "../support/world.ts";

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

  /**
   * Brings the world and the stack to where the version has left them. Today's server listens on another port than the
   * one of that day, and gives rooms other ids of their session: that is all that is changed in the state. Returns the
   * rooms.
   */
  async function restore(moment: Moment): Promise<Record<string, LivingRoom>> {
    for (const { name } of await server.service.listRooms()) await server.service.deleteRoom(name);
    const recordings = () => server.recordings.listEgress({ active: true });
    await vi.waitFor(async () => expect(await recordings()).toEqual([]), POLL_OPTIONS);
    const host = (url: string) => new URL(url).host;
    let state = storedState(version, moment).replaceAll(host(keptOrigin(version).url), host(server.url));
    for (const room of roomsIn(JSON.parse(state) as State))
      state = state.replaceAll(room.sid, await makeAsItWas(room));
    writeFileSync(join(stack.dir, "state.json"), state);
    await stack.run(["stack", "import", "--file", "state.json"]);
    return roomsOf(server);
  }

  /** Returns the id of its session. */
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

  /** What a scene has come to: the rooms before and after, and what the command did. */
  interface Scene {
    before: Rooms;
    after: Rooms;
    result: Result;
  }
  type Rooms = Record<string, LivingRoom>;
  let idle: Scene & { settled: Result; egresses: object[] };
  let destroyed: Scene & { left: object[] };
  let drifted: Scene & { settled: Result; recorded: string; running: string[] };
  let changed: typeof drifted;
  let gone: Scene;
  let remembered: Record<"standup" | "interview" | "standupKept", Record<string, unknown>>;

  beforeAll(async () => {
    ({ server, stack } = await worldOf(version));
    const now = () => roomsOf(server);
    const settled = (...args: string[]) => stack.expectNoChanges(["--refresh", ...args], { code: "any" });
    const recording = async () => ({
      recorded: await storedId(stack, "interview"),
      running: await runningIn(server, "interview-room"),
    });

    let before = await restore("state");
    const standupKept = await storedRecording(stack, "standup");
    const preview = await settled("--run-program");
    const result = await stack.up(["--refresh", "--expect-no-changes"], { code: "any" });
    const egresses = await server.recordings.listEgress({});
    idle = { before, after: await now(), result, settled: preview, egresses };
    const standup = await storedRecording(stack, "standup");
    remembered = { standupKept, standup, interview: await storedRecording(stack, "interview") };

    before = await restore("state");
    const destroy = await stack.destroy();
    const left = stack.state().deployment.resources ?? [];
    destroyed = { before, after: await now(), result: destroy, left };

    before = await restore("refreshed");
    const repaired = await stack.up(["--refresh"]);
    drifted = {
      before,
      after: await now(),
      result: repaired,
      settled: await settled(),
      ...(await recording()),
    };

    await restore("state");
    await server.service.deleteRoom("interview-room");
    await server.service.createRoom({ name: "interview-room", emptyTimeout: 600, departureTimeout: 600 });
    before = await now();
    stack.write(program.replace('team: "core"', 'team: "edge"'));
    const edited = await stack.up(["--refresh"]);
    changed = {
      before,
      after: await now(),
      result: edited,
      settled: await settled(),
      ...(await recording()),
    };

    stack.write(program);
    await restore("state");
    for (const name of ["standup", "interview-room"]) await server.service.deleteRoom(name);
    gone = { before: {}, result: await stack.up(["--refresh"]), after: await now() };
  });

  test("preview, refresh and up find nothing to do, and touch no room", ({ task }) => {
    const { before, after, result, settled } = idle;
    const { counts } = result;
    expect(settled.code, settled.output).toBe(0);
    expect(counts).toEqual({ create: 0, update: 0, replace: 0, delete: 0, same: RESOURCES });
    expect(result.code, result.output).toBe(0);
    expect(after).toEqual(before);
    report(task, {
      promise: `A state that version ${version} has written: preview, refresh and up find nothing to do`,
      figure: `${counts.same} of ${RESOURCES} resources stay as they are, ${counts.replace} are replaced`,
    });
  });

  test("a recording that has ended, or that the server has expired, is history", () => {
    expect(idle.egresses).toEqual([]);
    const { files } = remembered.standupKept;
    expect(files).toHaveLength(1);
    expect(remembered.standup).toMatchObject({ status: "complete", files });
    expect(remembered.interview).toMatchObject({
      room: "livekit:interview-room",
      outputUri: "s3://acme-calls/interviews/",
      metadata: { week: 7 },
      error: expect.stringContaining("expired at the vendor"),
    });
  });

  test("destroy deletes the rooms and the recordings", ({ task }) => {
    const { counts, output } = destroyed.result;
    expect(counts.delete).toBe(RESOURCES);
    expect(output).toMatch(/recording livekit:EG_\w+ is complete, \S+\.mp4/);
    expect(destroyed.after).toEqual({});
    expect(destroyed.left).toEqual([]);
    report(task, {
      promise: `A state that version ${version} has written: destroy leaves nothing behind`,
      figure: `${counts.delete} of ${RESOURCES} resources deleted`,
    });
  });

  test("that a refresh has left with drift: limits that are repaired meanwhile are no drift, and a required restart is made", () => {
    const { before, after, result, settled, recorded, running } = drifted;
    // The metadata, and the recording.
    const counts = { create: 0, update: 2, replace: 0, delete: 0, same: RESOURCES - 2 };
    expect(result.counts).toEqual(counts);
    const metadata = { team: "core", place: { floor: 2 } };
    expect(after).toEqual({ ...before, standup: { ...before["standup"], metadata } });
    expect(running).toEqual([recorded]);
    expect(settled.code, settled.output).toBe(0);
  });

  test("a change of metadata is made in place and preserves the ownership tag; a recreated room is recorded again", () => {
    const { before, after, result, settled, recorded, running } = changed;
    expect(result.counts).toEqual({ create: 0, update: 1, replace: 1, delete: 0, same: RESOURCES - 2 });
    const metadata = { team: "edge", place: { floor: 2 } };
    expect(after["standup"]).toEqual({ ...before["standup"], metadata });
    expect(running).toEqual([recorded]);
    expect(settled.code, settled.output).toBe(0);
  });

  test("a room that is gone is recreated, and one that closed by itself is no drift", () => {
    expect(gone.result.counts).toMatchObject({ create: 1, update: 0, replace: 0, same: RESOURCES - 1 });
    expect(Object.keys(gone.after)).toEqual(["standup"]);
  });
});

function roomsIn(state: State): RoomOutputs[] {
  const rooms = state.deployment.resources.filter(({ type }) => type.endsWith("RtcRoom"));
  return rooms
    .map(({ outputs }) => outputs as unknown as RoomOutputs)
    .filter(({ vendor }) => vendor === "livekit");
}
