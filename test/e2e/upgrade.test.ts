import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { repo } from "../support/clone.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { rememberedId, rememberedRecording, runningIn } from "../support/recordings.ts";
import { newStack, type Stack } from "../support/stack.ts";
import type { State } from "../support/stack-types.ts";
import { roomsOf } from "../support/world.ts";

/** What scripts/export-state.mts has written beside a state. */
interface Origin {
  project: string;
  stack: string;
  passphrase: string;
  apiKey: string;
  apiSecret: string;
  url: string;
}

/** The parts of a room's outputs that every version has written so far. */
interface RoomOutputs {
  name: string;
  sid: string;
  owner: string;
  metadata?: object;
  vendorSettings: { maxParticipants?: number; emptyTimeoutSeconds: number; departureTimeoutSeconds: number };
}

const states = join(repo, "test/fixtures/states");

describe.each(readdirSync(states))("With a state that version %s has written", (version) => {
  const read = (name: string) => readFileSync(join(states, version, name), "utf8");
  const origin = JSON.parse(read("origin.json")) as Origin;
  const program = read("index.js");
  let server: LivekitServer;
  let stack: Stack;

  beforeEach(async () => {
    server = await startLivekit({
      config: { keys: { [origin.apiKey]: origin.apiSecret } },
      egress: "worker",
    });
    stack = await newStack({
      program,
      project: origin.project,
      stack: origin.stack,
      env: { PULUMI_CONFIG_PASSPHRASE: origin.passphrase },
      config: {
        "rtc:livekitUrl": server.url,
        "rtc:livekitApiKey": origin.apiKey,
        "rtc:livekitApiSecret": { secret: origin.apiSecret },
      },
    });
    // Today's server listens on another port than the one of that day, and gives rooms other ids of their incarnation:
    // the text is all that is changed in the state.
    const host = (url: string) => new URL(url).host;
    let state = read("state.json").replaceAll(host(origin.url), host(server.url));
    for (const room of roomsIn(JSON.parse(state) as State))
      state = state.replaceAll(room.sid, await makeAsItWas(room));
    writeFileSync(join(stack.dir, "state.json"), state);
    await stack.run(["stack", "import", "--file", "state.json"]);
    return () => server.stop();
  });

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

  test("preview, refresh and up find nothing to do, and touch no room; a recording that the server has forgotten is history.", async () => {
    const before = await roomsOf(server);
    await stack.expectNoChanges();
    await stack.expectNoChanges(["--refresh"]);
    await stack.expectNoChanges(["--refresh", "--run-program"]);
    await stack.refresh();
    const { counts } = await stack.up();
    expect(counts).toEqual({ create: 0, update: 0, replace: 0, delete: 0, same: 3 });
    expect(await roomsOf(server)).toEqual(before);
    expect(await server.recordings.listEgress({})).toEqual([]);
    expect(await rememberedRecording(stack, "interview")).toMatchObject({
      room: "livekit:interview-room",
      outputUri: "s3://acme-calls/interviews/",
      metadata: { week: 7 },
      error: expect.stringContaining("forgotten"),
    });
  });

  test("a change of metadata is made in place, and keeps the owner mark.", async () => {
    const before = await roomsOf(server);
    stack.write(program.replace('team: "core"', 'team: "edge"'));
    const { counts } = await stack.up(["--refresh"]);
    expect(counts).toMatchObject({ update: 1, replace: 0, same: 2 });
    const after = await roomsOf(server);
    expect(after["standup"]).toEqual({
      ...before["standup"],
      metadata: { team: "edge", place: { floor: 2 } },
    });
    await stack.expectNoChanges(["--refresh"]);
  });

  test("a room that is gone is made again, and one that closed by itself is no drift.", async () => {
    await server.service.deleteRoom("standup");
    await server.service.deleteRoom("interview-room");
    const { counts } = await stack.up(["--refresh"]);
    expect(counts).toMatchObject({ create: 1, update: 0, replace: 0, same: 2 });
    expect(Object.keys(await roomsOf(server))).toEqual(["standup"]);
  });

  test("a room that was made anew is recorded again.", async () => {
    await server.service.deleteRoom("interview-room");
    await server.service.createRoom({ name: "interview-room", emptyTimeout: 600, departureTimeout: 600 });
    const { counts } = await stack.up(["--refresh"]);
    expect(counts).toMatchObject({ create: 0, replace: 1, same: 2 });
    expect(await runningIn(server, "interview-room")).toEqual([await rememberedId(stack, "interview")]);
    await stack.expectNoChanges(["--refresh"]);
  });

  test("destroy deletes the rooms and the recording.", async () => {
    const { counts } = await stack.destroy();
    expect(counts.delete).toBe(3);
    expect(await roomsOf(server)).toEqual({});
    expect((await stack.state()).deployment.resources ?? []).toEqual([]);
  });
});

function roomsIn(state: State): RoomOutputs[] {
  const rooms = state.deployment.resources.filter(({ type }) => type.endsWith("RtcRoom"));
  return rooms.map(({ outputs }) => outputs as unknown as RoomOutputs);
}

test("There is a state of the version in package.json.", () => {
  const { version } = JSON.parse(readFileSync(join(repo, "package.json"), "utf8")) as { version: string };
  expect(readdirSync(states)).toContain(version);
});
