import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { leave, recorded, runningIn, together } from "../support/recordings.ts";
import { roomsInState } from "../support/rooms.ts";
import { RtcFolder } from "../support/rtc-folder.ts";
import { newStack } from "../support/stack.ts";
import { joinPlainly } from "../support/tokens.ts";
import { changesIn, declare, messagesOn, program, roomsOf } from "../support/world.ts";

/** The rooms of a server by sid, and the recordings that run. */
async function living(server: LivekitServer, ...names: string[]) {
  const rooms = await roomsOf(server);
  const running = await Promise.all(names.map((name) => runningIn(server, name)));
  return { sids: Object.fromEntries(names.map((name) => [name, rooms[name]?.sid])), running };
}

/** A program in which a room and its recording have other names than before. */
async function renameByPulumi(server: LivekitServer) {
  const stack = await newStack({ program: recorded("class"), env: server.env });
  await stack.up();
  const before = await living(server, "class");
  const person = await joinPlainly(server, "class", "alice");
  stack.write(
    recorded("class")
      .replace('RtcRoom("class", {', 'RtcRoom("lesson", {"name":"class",')
      .replace('RtcRecording("class"', 'RtcRecording("tape"'),
  );
  const preview = await stack.preview();
  const renamed = await stack.up();
  const after = await living(server, "class");
  const stayed = person.room.isConnected;
  const settled = await stack.expectNoChanges(["--refresh"], { code: "any" });
  return { preview, renamed, before, after, stayed, settled, state: Object.keys(await roomsInState(stack)) };
}

/** The outputs in the state of a manifest's stack. */
function outputsIn(folder: RtcFolder): Record<"rooms" | "recordings", Record<string, string>> {
  const file = join(folder.backend, ".pulumi/stacks/acme/dev.json");
  const { checkpoint } = JSON.parse(readFileSync(file, "utf8"));
  return checkpoint.latest.resources.find(({ type }: { type: string }) => type === "pulumi:pulumi:Stack")
    .outputs;
}

const NUMBERED = ["room-1", "room-2", "room-3"];
const RECORDED = [...NUMBERED, "one", "two", "kept", "taped"];

/**
 * One stack of a manifest: first resources get other names, two rooms exchange theirs, and a new one takes that of another;
 * then a change meets rooms that are occupied, protected or exist already, beside others.
 */
async function changeByRtc(server: LivekitServer) {
  const folder = new RtcFolder(server.env);
  const tape = (resource: string, room: string, more = "") =>
    `  ${resource}: { room: ${room}, outputUri: out/, audioOnly: true${more} }`;
  const limits = (max: number) => `maxParticipants: ${max}, emptyTimeoutSeconds: 600`;
  const rooms = (max: number, ...[third, one, two]: [string, string, string]) => [
    ...["room-1", "room-2", third].map(
      (name, index) => `  ${name}: { name: room-${index + 1}, ${limits(max)} }`,
    ),
    `  one: { name: ${one} }`,
    `  two: { name: ${two} }`,
    `  kept: { protect: true, ${limits(max)} }`,
    `  taped: { ${limits(max)} }`,
    `  free: { ${limits(max)} }`,
  ];
  const tapes = (reel: string, third: string) => [
    ...[tape("tape-1", "room-1"), tape("tape-2", "room-2"), tape(reel, third)],
    ...[tape("tape-one", "one"), tape("tape-two", "two")],
    ...[tape("tape-kept", "kept"), tape("tape-taped", "taped", ", protect: true")],
  ];
  const leaving = ["  left: { protect: true }", "  leaving: {}"];
  const taken = ["  foyer: { name: lobby }", "  lobby: { name: new }"];
  const manifest = (rooms: string[], recordings: string[]) =>
    folder.manifest("rooms:", ...rooms, "recordings:", ...recordings);
  const observe = (...more: string[]) =>
    living(server, ...RECORDED, "free", "left", "leaving", "lobby", ...more);

  manifest([...rooms(5, "room-3", "one", "two"), ...leaving, "  lobby: {}"], tapes("tape-3", "room-3"));
  await folder.run(0, "up");
  const before = await observe();
  const person = await joinPlainly(server, "one", "alice");

  manifest([...rooms(5, "third", "two", "one"), ...leaving, ...taken], tapes("reel", "third"));
  const preview = await folder.run(7, "preview --expect-no-changes");
  const moved = await folder.run(0, "up");
  const afterMove = await observe();
  const stayed = person.room.isConnected;
  const settled = await folder.run(0, "preview --refresh --expect-no-changes");
  const movedOutputs = outputsIn(folder);

  await server.service.createRoom({ name: "taken", emptyTimeout: 600 });
  await Promise.all([joinPlainly(server, "room-2", "bob"), joinPlainly(server, "leaving", "carol")]);
  const changed = rooms(6, "third", "two", "one").map((line) =>
    line.replace("  taped: {", "  renamed: { name: taped,"),
  );
  manifest(
    [...changed, "  taken: {}", "  fourth: {}", ...taken],
    tapes("reel", "third").map((line) => line.replace("room: taped", "room: renamed")),
  );
  const rejected = await folder.run(10, "preview");
  const json = await folder.json<{ rejected: { resource?: string; message: string }[] }>(
    ...([10, "preview --max-deletes 0"] as const),
  );
  const offline = await folder.run(10, "preview --offline");
  const denied = await folder.json<{ rejected: { message: string }[] }>(10, "preview", {
    LIVEKIT_API_SECRET: "another-secret-of-32-characters-and-more",
  });
  const takenBefore = (await roomsOf(server))["taken"];
  const blocked = await folder.json<{ errors: { resource: string; code: string }[]; changes: object }>(
    4,
    "up",
  );
  const outputs = outputsIn(folder);
  const afterBlock = await observe("fourth");
  const takenAfter = (await roomsOf(server))["taken"];
  // In two runs of the engine: one that does both may not end.
  const summary = await folder.run(4, "up --refresh");
  return {
    ...{ before, preview, moved, afterMove, stayed, settled, movedOutputs, rejected, json, offline, denied },
    ...{ takenBefore, takenAfter, blocked, outputs, afterBlock, summary },
  };
}

describe("A room and its recording that are renamed in a program", () => {
  let s: Awaited<ReturnType<typeof renameByPulumi>>;
  beforeAll(async () => {
    s = await renameByPulumi(await startLivekit({ egress: "worker" }));
  });

  test("are announced as a move, and the recording as unchanged but for its name", () => {
    expect(messagesOn(s.preview, "lesson").join()).toContain("moved here from a resource of this stack");
  });

  test("preserve the room, its participants and its recording", () => {
    expect(s.after).toEqual(s.before);
    expect(s.stayed).toBe(true);
    expect(s.state).toEqual(["lesson"]);
    expect(s.settled.code, s.settled.output).toBe(0);
  });
});

describe("In a manifest", () => {
  let s: Awaited<ReturnType<typeof changeByRtc>>;
  beforeAll(async () => {
    s = await changeByRtc(await startLivekit({ egress: "worker" }));
  }, 480_000);

  test("a renamed room and recording are a move, a line each, and so are rooms whose resources exchange their names, or lose theirs to a new one", () => {
    expect(s.preview.stdout).toBe(
      [
        "→ move room third",
        "    moved from room-3",
        "→ move room one",
        "    moved from two",
        "→ move room two",
        "    moved from one",
        "→ move room foyer",
        "    moved from lobby",
        "+ create room lobby",
        '    name: "new"',
        '    vendor: "livekit"',
        "→ move recording reel",
        "    moved from tape-3",
        "→ move recording tape-one",
        "    moved from tape-two",
        "→ move recording tape-two",
        "    moved from tape-one",
        "acme/dev: 1 to create, 7 to move, 11 as they are",
        "",
      ].join("\n"),
    );
    expect(s.moved.stdout).toBe("acme/dev: 7 moved, 1 created, 11 as they were\n");
    expect(s.afterMove).toEqual(s.before);
    expect(s.stayed).toBe(true);
    expect(s.settled.stdout).toBe("acme/dev: 19 as they are\n");
    expect(s.movedOutputs.rooms).toMatchObject({
      one: "livekit:two",
      two: "livekit:one",
      third: "livekit:room-3",
      foyer: "livekit:lobby",
      lobby: "livekit:new",
    });
  });

  test("a preview shows on its row what up will reject, counts it, and exits with 10", () => {
    const { stdout } = s.rejected;
    const rows = stdout.split("\n").filter((line) => !line.startsWith(" "));
    expect(rows.slice(0, -1)).toEqual([
      ...["± replace room room-1", "± replace room room-2", "± replace room third"],
      ...["~ update room kept", "~ update room renamed", "± replace room free"],
      ...["+ create room taken", "+ create room fourth"],
      ...["± replace recording tape-1", "± replace recording tape-2", "± replace recording reel"],
      ...["- delete room leaving", "- delete room left"],
      "acme/dev: 2 to create, 2 to update, 7 to replace, 2 to delete, 8 as they are, 6 that up will reject",
    ]);
    expect(stdout.match(/up will reject this: /g)).toHaveLength(6);
    expect(stdout).toMatch(
      /\+ create room taken\n(?: {4}.*\n)* {4}up will reject this: room livekit:taken exists already/,
    );
  });

  test("a preview names each as JSON too, with the limit of deletes", () => {
    const [limit, ...others] = s.json.rejected;
    expect(limit).toEqual({ message: expect.stringContaining("the limit is 0: room leaving, room left") });
    const texts = others.map(({ resource, message }) => `${resource}: ${message.split(".")[0]}`);
    expect(texts).toEqual([
      expect.stringMatching(/^room-2: 1 participant is in room livekit:room-2/),
      "kept: room livekit:kept is protected, and this would replace it",
      expect.stringMatching(
        /^renamed: recording livekit:EG_\w+ is protected, and this would replace its room$/,
      ),
      expect.stringMatching(/^taken: room livekit:taken exists already/),
      expect.stringMatching(/^leaving: 1 participant is in room livekit:leaving/),
      "left: room livekit:left is protected, and this would delete it",
    ]);
  });

  test("a preview asks nothing of new and leaving rooms with --offline", () => {
    expect(s.offline.stdout).not.toContain("taken exists already");
    expect(s.offline.stdout.match(/up will reject this: /g)).toHaveLength(4);
  });

  test("a preview shows credentials that are rejected", () => {
    expect(s.denied.rejected.map(({ message }) => message).join()).toMatch(/livekit.*(401|invalid|reject)/i);
  });

  test("what is occupied, protected or exists already blocks only itself and what depends on it", () => {
    expect(s.blocked.errors.map(({ resource, code }) => `${resource} ${code}`)).toEqual([
      ...["room-2 ROOM_OCCUPIED", "kept PROTECTED", "renamed PROTECTED", "taken ALREADY_EXISTS"],
      ...["leaving ROOM_OCCUPIED", "left PROTECTED"],
    ]);
    expect(s.blocked.changes).toEqual({ replace: 5, create: 1, same: 8, skip: 1 });
    const { sids, running } = s.afterBlock;
    const tapesOf = (all: typeof s.before, name: string) => all.running[RECORDED.indexOf(name)];
    for (const name of ["room-2", "one", "two", "kept", "taped", "left", "leaving"]) {
      expect(sids[name]).toBe(s.before.sids[name]);
      expect(tapesOf(s.afterBlock, name)).toEqual(tapesOf(s.before, name));
    }
    for (const name of ["room-1", "room-3"]) {
      expect(sids[name]).not.toBe(s.before.sids[name]);
      expect(tapesOf(s.afterBlock, name)).toHaveLength(1);
    }
    expect(sids["free"]).not.toBe(s.before.sids["free"]);
    expect(sids["fourth"]).toBeDefined();
    expect(s.takenAfter).toEqual(s.takenBefore);
    // Of what has failed the outputs are those before.
    expect(s.outputs.rooms).toMatchObject({
      "room-2": "livekit:room-2",
      kept: "livekit:kept",
      renamed: "livekit:taped",
    });
    const ids = Object.fromEntries(RECORDED.map((name, index) => [name, `livekit:${running[index]?.[0]}`]));
    expect(s.outputs.recordings).toEqual({
      ...{ "tape-1": ids["room-1"], "tape-2": ids["room-2"], reel: ids["room-3"] },
      // Each is of the room that its resource has now.
      ...{ "tape-one": ids["two"], "tape-two": ids["one"] },
      ...{ "tape-kept": ids["kept"], "tape-taped": ids["taped"] },
    });
  });

  test("their errors are the only ones, on each later run", () => {
    const [counts, ...errors] = s.summary.stdout.trim().split("\n");
    expect(counts).toBe("acme/dev: 1 skipped, 14 as they were, 6 failed");
    expect(errors.map((line) => line.split(":", 2).join(":"))).toEqual(
      s.blocked.errors.map(({ resource, code }) => `${resource}: ${code}`),
    );
  });
});

describe("A program in which a change would replace an occupied room", () => {
  const OTHERS = ["one", "two", "three"];
  const rooms = (max: number, ...more: string[]) =>
    together(
      ...OTHERS.map((name) => recorded(name, {}, { maxParticipants: max })),
      // What depends on the blocked room, and exports it.
      program(
        `const four = ${declare("four", { maxParticipants: max })}`,
        "exports.four = four.room;",
        'exports.dependent = new rtc.RtcRoom("dependent", { metadata: { of: four.sid } }).room;',
        ...more,
      ),
    );

  test("changes all others with --continue-on-error, deletes too; without it each recording is as before or restarted", async () => {
    const server = await startLivekit({ egress: "worker" });
    const stack = await newStack({ program: rooms(5, declare("gone")), env: server.env });
    await stack.up();
    const guest = await joinPlainly(server, "four", "alice");
    const before = await roomsOf(server);
    stack.write(rooms(6));
    const run = await stack.up(["--continue-on-error"], { code: 1 });
    const after = await roomsOf(server);
    expect(changesIn(run).sort()).toEqual([
      "delete gone",
      ...OTHERS.toSorted().flatMap((name) => [`replace ${name}`, `replace ${name}`]),
      "update four failed",
    ]);
    expect(after["four"]).toEqual(before["four"]);
    expect(messagesOn(run, "four").join()).toContain("ROOM_OCCUPIED: 1 participant is in room livekit:four");
    expect(run.output).not.toContain("failed to register");

    // One that is occupied: of two the engine may not come to the second.
    await leave(server, "four", guest);
    await joinPlainly(server, "two", "alice");
    const recordings = await living(server, ...OTHERS);
    stack.write(rooms(7));
    const stopped = await stack.up([], { code: 1 });
    const { running } = await living(server, ...OTHERS);
    expect(messagesOn(stopped, "two").join()).toContain("ROOM_OCCUPIED");
    expect(running[1]).toEqual(recordings.running[1]);
    expect(running.map((ids) => ids.length)).toEqual([1, 1, 1]);
  });
});

test("Rooms of another server block only themselves, with --refresh too", async () => {
  const [server, other] = await Promise.all([startLivekit(), startLivekit()]);
  const agora = { AGORA_APP_ID: "0".repeat(32), AGORA_APP_CERTIFICATE: "1".repeat(32) };
  const folder = new RtcFolder({ ...server.env, ...agora });
  const rooms = (version: number, live = "live") => [
    `  ${live}: { name: live, metadata: { v: ${version} }, vendor: livekit }`,
    `  talk: { metadata: { v: ${version} }, vendor: agora }`,
  ];
  folder.manifest("rooms:", ...rooms(1));
  await folder.run(0, "up");
  folder.manifest("rooms:", ...rooms(2), "  more: { vendor: agora }");
  const preview = await folder.run(10, "preview --refresh", other.env);
  expect(preview.stdout).toContain("up will reject this: livekit:live belongs to ");
  const up = await folder.json<{ changes: object; errors: object[] }>(4, "up", other.env);
  expect(up).toMatchObject({
    changes: { create: 1, update: 1 },
    errors: [{ resource: "live", code: "ENDPOINT_MISMATCH" }],
  });
  folder.manifest("rooms:", ...rooms(3, "renamed"), "  more: { vendor: agora }");
  expect(await folder.json<object>(4, "up --refresh", other.env)).toMatchObject({
    changes: { update: 1, same: 1 },
    errors: [{ resource: "renamed", code: "ENDPOINT_MISMATCH" }],
  });
  const drift = await folder.run(4, "drift", other.env);
  expect(drift.stdout).toContain("acme/dev: 1 not known");
});
