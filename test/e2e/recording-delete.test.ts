import { beforeAll, describe, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { startProxy } from "../support/proxy.ts";
import {
  activate,
  egressAt,
  expectStatus,
  leave,
  nameOf,
  recorded,
  runningIn,
  storedIds,
  together,
  whenEnded,
} from "../support/recordings.ts";
import { roomsInState } from "../support/rooms.ts";
import { newStack } from "../support/stack.ts";
import { isCoreOnly } from "../support/through.ts";
import { joinPlainly } from "../support/tokens.ts";
import { changesIn, changesOf, messagesOn, roomsOf } from "../support/world.ts";

/** Rooms in which a participant has published, and stays. */
const OCCUPIED = ["lesson", "seminar", "urgent", "overruled"] as const;
/** Rooms that were recorded, and are empty. */
const LEFT = ["over", "slow"] as const;
/** Rooms in which no participant has published. */
const SILENT = ["early", "ended", "unknown", "deaf", "free"] as const;
const NAMES = [...OCCUPIED, ...LEFT, ...SILENT];
type Name = (typeof NAMES)[number];

/** What is declared otherwise than in the first program. */
type Changes = { [name in Name]?: { recording?: object | "none"; room?: object } };

const MOVED = { outputUri: "out/elsewhere/" };
/** All that the vendor and the participants let be changed. */
const CHANGES: Changes = {
  over: { recording: "none" },
  early: { recording: MOVED },
  urgent: { recording: { ...MOVED, forceDestroy: true } },
  overruled: { room: { maxParticipants: 9, forceDestroy: true } },
};

function programWith(changes: Changes): string {
  const programs = NAMES.map((name) => {
    const { recording = {}, room = {} } = changes[name] ?? {};
    if (recording !== "none") return recorded(name, recording, room);
    return `const rtc = require("pulumi-rtc"); new rtc.RtcRoom("${name}", { emptyTimeoutSeconds: 600 });`;
  });
  return together(...programs);
}

let server: LivekitServer;
let played: Awaited<ReturnType<typeof play>>;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
  played = await play();
}, 480_000);

/** Takes one stack from its first up to its end; returns the result of each command, and what existed after it. */
async function play() {
  const proxy = await startProxy(server.url);
  const stack = await newStack({
    program: programWith({}),
    env: await server.envWith({ LIVEKIT_URL: proxy.url }),
  });
  await stack.up();
  const first = await storedIds<Name>(stack);
  const joined = [...OCCUPIED, ...LEFT].map(
    async (name) => [name, await activate(server, name, first[name])] as const,
  );
  const stopped = (["ended", "unknown"] as const).map(async (name) => {
    await server.recordings.stopEgress(first[name]);
    await expectStatus(server, first[name], "EGRESS_ABORTED");
  });
  const alice = Object.fromEntries(await Promise.all(joined)) as Record<
    (typeof OCCUPIED | typeof LEFT)[number],
    Awaited<ReturnType<typeof activate>>
  >;
  await Promise.all([...stopped, ...LEFT.map((name) => leave(server, name, alice[name]))]);
  await server.egress.forget(first.unknown);
  await server.egress.faults({ room: "slow", finishMs: 13_000 });
  // Where no recording can be read, it may have begun: it is not interrupted.
  const silent = isCoreOnly ? undefined : await joinPlainly(server, "early", "alice");

  const observe = async () => {
    const [ids, rooms, egresses, managed] = await Promise.all([
      storedIds<Name>(stack),
      roomsOf(server),
      server.recordings.listEgress(),
      roomsInState(stack),
    ]);
    const of = (name: Name) => ({
      id: ids[name],
      sid: rooms[name]?.sid,
      egresses: egresses
        .filter(({ roomName }) => roomName === name)
        .map(({ egressId, status }) => [egressId, nameOf(status)]),
    });
    const stays = OCCUPIED.filter((name) => alice[name].room.isConnected);
    return { of, stays, ids, rooms: Object.keys(rooms).sort(), managed: Object.keys(managed).sort() };
  };

  const before = await observe();
  stack.write(
    programWith({
      ...CHANGES,
      lesson: { recording: MOVED },
      seminar: { room: { maxParticipants: 9 } },
    }),
  );
  const preview = await stack.preview();
  stack.write(programWith({ lesson: { recording: MOVED } }));
  const replacement = { result: await stack.up([], { code: 1 }), after: await observe() };
  stack.write(programWith({ lesson: { room: { maxParticipants: 9 } } }));
  const roomReplacement = { result: await stack.up([], { code: 1 }), after: await observe() };

  stack.write(programWith({ ...CHANGES, lesson: { recording: "none" } }));
  const up = { result: await stack.up(["--continue-on-error"], { code: 1 }), after: await observe() };
  const next = up.after.ids;
  await alice.urgent.publishAudio();
  await Promise.all([
    expectStatus(server, first.overruled, "EGRESS_COMPLETE"),
    expectStatus(server, next.urgent, "EGRESS_ACTIVE"),
  ]);
  const recordedAnew = await runningIn(server, "overruled");
  stack.write(programWith(CHANGES));

  await silent?.leave();
  proxy.fail(({ method, body }) => method === "StopEgress" && body.includes(first.deaf), {
    status: 503,
    body: { code: "unavailable", msg: "try later" },
  });
  const destroy = {
    result: await stack.destroy(["--continue-on-error"], { code: 1 }),
    after: await observe(),
  };
  proxy.reset();
  await leave(server, "lesson", alice.lesson);
  const again = { result: await stack.destroy(["--continue-on-error"], { code: 1 }), after: await observe() };
  const forced = {
    result: await stack.destroy([], { env: { RTC_FORCE_DESTROY: "true" } }),
    after: await observe(),
  };
  return {
    ...{ first, next, alice, recordedAnew, before },
    ...{ preview, replacement, roomReplacement, up, destroy, again, forced },
  };
}

/** Fails unless a command has waited for the file and named it, or reported that recordings cannot be observed. */
async function expectNamed({ output }: { output: string }, id: string): Promise<void> {
  if (isCoreOnly)
    return expect(output).toContain(`recording livekit:${id} is stopping, and the end of its file`);
  const { status, fileResults } = await egressAt(server, id);
  expect(nameOf(status)).toBe("EGRESS_COMPLETE");
  expect(output).toContain(`recording livekit:${id} is complete, ${fileResults[0]?.location}`);
}

describe("deleting a recording", () => {
  test("stops it, waits for its file, and names it; the room, which is still declared, stays", async () => {
    const { first, before, up } = played;
    expect(changesOf(up.result, "over")).toEqual(["delete over"]);
    await expectNamed(up.result, first.over);
    expect(up.after.of("over")).toMatchObject({ id: undefined, sid: before.of("over").sid });
  });

  test("waits, with progress, while the file takes long to be finished", async () => {
    const { first, destroy } = played;
    const progress = destroy.result.events.filter(({ diagnosticEvent: event }) =>
      event?.message.includes(`finishing livekit:${first.slow}`),
    );
    expect(progress.length).toBeGreaterThan(0);
    await expectNamed(destroy.result, first.slow);
    expect(destroy.after.of("slow").sid).toBeUndefined();
  });

  test.each(["ended", "unknown"] as const)("succeeds where the vendor has it as %s", (name) => {
    expect(changesOf(played.destroy.result, name)).toEqual([`delete ${name}`, `delete ${name}`]);
  });

  test("leaves it in the state where the server does not answer; the next destroy deletes it", async () => {
    const { first, before, destroy, again } = played;
    expect(destroy.result.output).toContain("UNAVAILABLE: livekit StopEgress: try later");
    expect(destroy.after.of("deaf")).toEqual(before.of("deaf"));
    expect(before.of("deaf")).toMatchObject({
      id: first.deaf,
      egresses: [[first.deaf, "EGRESS_STARTING"]],
    });
    expect(changesOf(again.result, "deaf")).toEqual(["delete deaf", "delete deaf"]);
    await whenEnded(async () => expect(await runningIn(server, "deaf")).toEqual([]));
  });
});

describe("while participants are in the room and it is being recorded", () => {
  const rejection = (name: Name) =>
    `ROOM_OCCUPIED: 1 participant is in room livekit:${name}, and deleting or replacing`;

  test.each(["replacement", "roomReplacement", "up", "destroy"] as const)(
    "a command that would cut the recording is rejected before anything is touched: %s",
    (command) => {
      const { first, before, [command]: rejected } = played;
      expect(before.of("lesson")).toMatchObject({
        id: first.lesson,
        egresses: [[first.lesson, "EGRESS_ACTIVE"]],
      });
      expect(rejected.result.output).toContain(rejection("lesson"));
      expect(rejected.after.of("lesson")).toEqual(before.of("lesson"));
      expect(rejected.after.stays).toContain("lesson");
    },
  );

  test("a preview warns of what up will reject, except where forceDestroy is declared", () => {
    const warnings = [
      ...played.preview.output.matchAll(/warning: up will reject this: 1 participant is in room (\S+),/g),
    ];
    expect([...new Set(warnings.map(([, room]) => room))].sort()).toEqual([
      "livekit:lesson",
      "livekit:seminar",
    ]);
    expect(played.preview.output.split("up will reject this")).toHaveLength(warnings.length + 1);
  });

  test("destroy --continue-on-error ends all recordings but those of occupied rooms, which run to their end", async () => {
    const { first, before, destroy, again } = played;
    expect(destroy.result.output).toContain(rejection("seminar"));
    const remaining = ["deaf", "lesson", "seminar", "urgent"];
    expect(destroy.after).toMatchObject({ rooms: remaining, managed: remaining });
    expect(again.after).toMatchObject({ rooms: ["seminar", "urgent"], managed: ["seminar", "urgent"] });
    expect(again.after.of("seminar")).toEqual(before.of("seminar"));
    await expectNamed(again.result, first.lesson);
  });

  test("but no participant has published yet, there is nothing to interrupt", () => {
    const { first, next, up } = played;
    expect(changesOf(up.result, "early")).toEqual(["replace early"]);
    expect(up.after.of("early").egresses).toEqual(
      expect.arrayContaining([
        [first.early, "EGRESS_ABORTED"],
        [next.early, "EGRESS_STARTING"],
      ]),
    );
  });

  test("forceDestroy on the recording lets it be replaced, also where it is new in the same change, and deleted", async () => {
    const { first, next, up, destroy } = played;
    expect(changesOf(up.result, "urgent")).toEqual(["replace urgent"]);
    await expectStatus(server, first.urgent, "EGRESS_COMPLETE");
    // The room itself is as guarded as before.
    expect(messagesOn(destroy.result, "urgent").join()).toContain("it would end their call");
    expect(destroy.after.of("urgent").id).toBeUndefined();
    await expectStatus(server, next.urgent, "EGRESS_COMPLETE");
    expect(destroy.after.stays).toContain("urgent");
  });

  test("forceDestroy on the room lets it be replaced with its recording: what ends the call ends the recording", async () => {
    const { first, next, alice, recordedAnew, up } = played;
    expect(changesOf(up.result, "overruled")).toEqual(["replace overruled", "replace overruled"]);
    await alice.overruled.disconnected;
    await expectStatus(server, first.overruled, "EGRESS_COMPLETE");
    expect(recordedAnew).toEqual([next.overruled]);
  });

  test("forceDestroy by configuration ends everything, for a whole teardown", async () => {
    const { first, alice, forced } = played;
    await Promise.all([alice.seminar.disconnected, alice.urgent.disconnected]);
    await expectNamed(forced.result, first.seminar);
    expect(forced.after).toMatchObject({ rooms: [], managed: [] });
  });
});

test("nothing but what was declared otherwise changes", () => {
  const deletions = ["delete lesson failed", "delete over"];
  const replacements = ["early", "overruled", "overruled", "urgent"].map((name) => `replace ${name}`);
  expect(changesIn(played.up.result).sort()).toEqual([...deletions, ...replacements]);
});
