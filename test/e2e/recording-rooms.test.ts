import { beforeAll, describe, expect, test } from "vitest";
import { startLivekit } from "../support/livekit.ts";
import { join, type Person } from "../support/participants.ts";
import { startProxy } from "../support/proxy.ts";
import {
  activate,
  expectStatus,
  leave,
  nameOf,
  recorded,
  type Snapshot,
  snapshotOf,
  storedIds,
  storedRecordings,
  together,
} from "../support/recordings.ts";
import { roomAt, roomsInState } from "../support/rooms.ts";
import { newStack, type Stack } from "../support/stack.ts";
import { isCoreOnly, NEVER } from "../support/through.ts";
import { joinPlainly } from "../support/tokens.ts";
import { changesOf, type LivingRoom, roomsOf } from "../support/world.ts";

/** A recording dies with its room; the room that takes its place is recorded again, whatever the restart policy. */

const POLICIES = ["never", "always"] as const;
const DELETED = POLICIES.map((policy) => `deleted-${policy}`);
const REVIVED = POLICIES.map((policy) => `revived-${policy}`);
const DEAD = [...DELETED, ...REVIVED, "stale"];
const AGAIN = ["grown", "busy", ...DEAD];

/** All rooms and their recordings; two rooms are replaced when more may come in. */
function declared(maxParticipants?: number): string {
  const token = (name: string) =>
    `exports["${name}"] = rtc.issueTokenOutput({ room, identity: "alice" }).token;`;
  return together(
    recorded("grown", {}, { maxParticipants }),
    recorded("busy", {}, { maxParticipants }),
    recorded("forced"),
    recorded("stale"),
    ...POLICIES.flatMap((restartPolicy) => [
      recorded(`deleted-${restartPolicy}`, { restartPolicy }, { emptyTimeoutSeconds: undefined }),
      recorded(`revived-${restartPolicy}`, { restartPolicy }, {}, token(`revived-${restartPolicy}`)),
    ]),
  );
}

/** What was there after a command. */
interface After {
  ids: Record<string, string>;
  state: Record<string, Record<string, unknown>>;
  rooms: Record<string, LivingRoom>;
  recordings: Snapshot;
}

/** The room's living generation has exactly one running recording, which is the one of the state. */
function expectRecorded({ ids, state, rooms, recordings }: After, name: string, before = ""): void {
  const id = ids[name] ?? "";
  const { sid } = rooms[name] ?? {};
  expect(before).not.toBe("");
  expect(id).not.toBe(before);
  expect(recordings.running(name)).toEqual([id]);
  expect(recordings.at(id).roomId).toBe(sid);
  expect(state[name]).toMatchObject({ roomSid: sid });
}

type Server = Awaited<ReturnType<typeof startLivekit>>;

async function after(server: Server, stack: Stack, before: readonly string[]): Promise<After> {
  return {
    ids: await storedIds(stack),
    state: await storedRecordings(stack),
    rooms: await roomsOf(server),
    recordings: await snapshotOf(server, before),
  };
}

/** Takes one stack through everything that can happen to a recorded room; returns what was observed. */
async function play() {
  const server = await startLivekit({ egress: "worker" });
  const proxy = await startProxy(server.url);
  const env = await server.envWith({ LIVEKIT_URL: proxy.url });
  const stack = await newStack({ program: declared(), env });
  await stack.up();
  const before = await storedIds(stack);
  const idOf = (name: string) => before[name] ?? "";
  const tokens = await stack.outputs();

  const urn = (await roomsInState(stack))["forced"]?.urn ?? "";
  await stack.up(["--target-replace", urn, "--target-dependents"]);
  const forced = await after(server, stack, [idOf("forced")]);

  const active = ["busy", ...DEAD].map((name) => activate(server, name, idOf(name)));
  const [alice] = await Promise.all(active);
  if (alice) await leave(server, "busy", alice);
  const kill = async (name: string) => {
    await server.service.deleteRoom(name);
    await expectStatus(server, idOf(name), "EGRESS_COMPLETE");
  };
  await Promise.all(DEAD.map(kill));
  const revive = async (name: string): Promise<[string, Person]> => {
    const person = await join(server.url, String(tokens[name]));
    await person.publishAudio();
    return [name, person];
  };
  const participants = Object.fromEntries(await Promise.all(REVIVED.map(revive)));
  await joinPlainly(server, "stale", "bob");
  const stale = await roomAt(server, "stale");
  const left = await server.service.listParticipants("busy");

  stack.write(declared(9));
  const preview = await stack.preview();
  const since = proxy.traffic.length;
  const up = await stack.up(["--refresh"]);
  const about = proxy.traffic
    .slice(since)
    .filter(({ body }) => /"grown"/.test(body) || body.includes(idOf("grown")));
  const restarted = await storedIds(stack);
  for (const name of REVIVED) await expectStatus(server, restarted[name] ?? "", "EGRESS_ACTIVE");
  const repaired = await after(server, stack, AGAIN.map(idOf));
  const areConnected = REVIVED.every((name) => participants[name]?.room.isConnected);
  await stack.expectNoChanges(["--refresh"]);

  await server.restart();
  await stack.up(["--refresh"]);
  return {
    before,
    forced,
    left,
    stale,
    preview,
    calls: about.map(({ method }) => method),
    up,
    repaired,
    areConnected,
    recreated: await after(server, stack, []),
  };
}

describe("the recording of a room that dies", () => {
  let played: Awaited<ReturnType<typeof play>>;
  beforeAll(async () => {
    played = await play();
  }, 240_000);

  test("in a replacement: recording stopped, room deleted, room made, recording started, as previewed", () => {
    const { before, preview, calls, up, repaired } = played;
    expect(changesOf(preview, "grown")).toEqual(["replace grown", "replace grown"]);
    const since = "since it records another room, or its room is recreated";
    expect(preview.output).toContain(`recording livekit:grown/grown is replaced, ${since}\n`);
    expect(changesOf(up, "grown")).toEqual(["replace grown", "replace grown"]);
    const order = ["StopEgress", "DeleteRoom", "CreateRoom", "StartRoomCompositeEgress"];
    expect(calls.filter((call) => order.includes(call))).toEqual(order);
    expectRecorded(repaired, "grown", before["grown"]);
  });

  test("in a replacement, while it records without participants: the file is complete before the room is deleted", () => {
    const { before, left, up, repaired } = played;
    expect(left).toHaveLength(1);
    const { status, fileResults } = repaired.recordings.at(before["busy"] ?? "");
    expect(nameOf(status)).toBe("EGRESS_COMPLETE");
    if (!isCoreOnly) expect(up.output).toContain(fileResults[0]?.location);
    expectRecorded(repaired, "busy", before["busy"]);
  });

  test.each(DELETED)("by hand is started with the room, as %s", (name) => {
    const { before, up, repaired } = played;
    expect(changesOf(up, name).sort()).toEqual([`create ${name}`, `replace ${name}`]);
    expectRecorded(repaired, name, before[name]);
  });

  test.each(REVIVED)(
    "by hand is started in the room that a joining participant brings back, as %s",
    (name) => {
      const { before, up, repaired, areConnected } = played;
      expect(changesOf(up, name)).toEqual([`replace ${name}`]);
      expect(nameOf(repaired.recordings.at(repaired.ids[name] ?? "").status)).toBe("EGRESS_ACTIVE");
      expectRecorded(repaired, name, before[name]);
      expect(areConnected).toBe(true);
    },
  );

  test("is started in a room that comes back with other limits and participants in it, although the repair of the room must wait", () => {
    const { before, stale, up, repaired } = played;
    expect(stale).toMatchObject({ emptyTimeout: 300 });
    expect(up.output).toMatch(
      /room livekit:stale closes by itself .+ occupied, and repaired once it is empty/,
    );
    expectRecorded(repaired, "stale", before["stale"]);
  });

  test.each(DELETED)(
    "with a restart of the server, which loses both, is started in the recreated room, as %s",
    (name) => {
      const { repaired, recreated } = played;
      expect(recreated.rooms[name]).toMatchObject({ emptyTimeout: NEVER });
      expectRecorded(recreated, name, repaired.ids[name]);
    },
  );

  test("is started once where the room is forced to be replaced from outside", () => {
    const { before, forced } = played;
    expectRecorded(forced, "forced", before["forced"]);
    expect(nameOf(forced.recordings.at(before["forced"] ?? "").status)).toBe("EGRESS_ABORTED");
  });
});
