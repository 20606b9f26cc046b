import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { recorded, runningIn, together } from "../support/recordings.ts";
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

/** A manifest of three rooms with recordings; one of them is renamed, and one is occupied. */
async function changeByRtc(server: LivekitServer) {
  const folder = new RtcFolder(server.env);
  const manifest = (rooms: string[], recordings: string[]) =>
    folder.manifest("rooms:", ...rooms, "recordings:", ...recordings);
  const output = "outputUri: out/, audioOnly: true";
  const declared = (max: number) =>
    [1, 2, 3].map((n) => `  room-${n}: { maxParticipants: ${max}, emptyTimeoutSeconds: 600 }`);
  const tapes = [1, 2, 3].map((n) => `  tape-${n}: { room: room-${n}, ${output} }`);
  manifest(declared(5), tapes);
  await folder.run(0, "up");
  const names = ["room-1", "room-2", "room-3"];
  const before = await living(server, ...names);

  manifest(
    declared(5).map((line) => line.replace("room-3: {", "third: { name: room-3,")),
    tapes.map((line) => line.replace("tape-3: { room: room-3", "reel: { room: third")),
  );
  const preview = await folder.run(7, "preview --expect-no-changes");
  const moved = await folder.run(0, "up");
  const afterMove = await living(server, ...names);
  await folder.run(0, "preview --refresh --expect-no-changes");

  await joinPlainly(server, "room-2", "alice");
  const changed = declared(6).map((line) => line.replace("room-3: {", "third: { name: room-3,"));
  const reels = tapes.map((line) => line.replace("tape-3: { room: room-3", "reel: { room: third"));
  manifest([...changed, "  fourth: {}"], reels);
  const blocked = await folder.json<{ errors: { resource: string; code: string }[]; changes: object }>(
    4,
    "up",
  );
  const afterBlock = await living(server, ...names, "fourth");
  // In two runs of the engine: one that does both may not end.
  const summary = await folder.run(4, "up --refresh");
  return { before, preview, moved, afterMove, blocked, afterBlock, summary };
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
  });

  test("a renamed room and recording are a move, a line each", () => {
    expect(s.preview.stdout).toBe(
      [
        "→ move room third",
        "    moved from room-3",
        "→ move recording reel",
        "    moved from tape-3",
        "acme/dev: 2 to move, 4 as they are",
        "",
      ].join("\n"),
    );
    expect(s.moved.stdout).toBe("acme/dev: 2 moved, 4 as they were\n");
    expect(s.afterMove).toEqual(s.before);
  });

  test("an occupied room blocks only itself and its recording", () => {
    expect(s.blocked.errors).toMatchObject([{ resource: "room-2", code: "ROOM_OCCUPIED" }]);
    expect(s.blocked.changes).toEqual({ create: 1, replace: 4, same: 1 });
    const { sids, running } = s.afterBlock;
    expect(sids["room-2"]).toBe(s.before.sids["room-2"]);
    expect(running[1]).toEqual(s.before.running[1]);
    for (const [index, name] of [
      [0, "room-1"],
      [2, "room-3"],
    ] as const) {
      expect(sids[name]).not.toBe(s.before.sids[name]);
      expect(running[index]).toHaveLength(1);
    }
    expect(sids["fourth"]).toBeDefined();
  });

  test("its error is the only one, on each later run", () => {
    expect(s.summary.stdout).toMatch(
      /^acme\/dev: 6 as they were, 1 failed\nroom-2: ROOM_OCCUPIED: 1 participant/,
    );
    expect(s.summary.stdout.trim().split("\n")).toHaveLength(2);
  });
});

/** The outputs in the state of a manifest's stack. */
function outputsIn(folder: RtcFolder): Record<"rooms" | "recordings", Record<string, string>> {
  const file = join(folder.backend, ".pulumi/stacks/acme/dev.json");
  const { checkpoint } = JSON.parse(readFileSync(file, "utf8"));
  return checkpoint.latest.resources.find(({ type }: { type: string }) => type === "pulumi:pulumi:Stack")
    .outputs;
}

/** Rooms and recordings that are protected, and changes that would replace or delete them. */
async function protectedByRtc(server: LivekitServer) {
  const folder = new RtcFolder(server.env);
  const names = ["kept", "taped", "left", "free"];
  const manifest = (max: number, ...more: string[]) =>
    folder.manifest(
      "rooms:",
      `  kept: { maxParticipants: ${max}, protect: true }`,
      `  taped: { maxParticipants: ${max} }`,
      `  free: { maxParticipants: ${max} }`,
      ...more,
      "recordings:",
      "  tape-kept: { room: kept, outputUri: out/, audioOnly: true }",
      "  tape-taped: { room: taped, outputUri: out/, audioOnly: true, protect: true }",
    );
  manifest(5, "  left: { protect: true }");
  await folder.run(0, "up");
  const before = await living(server, ...names);
  manifest(6, "  more: {}");
  const preview = await folder.json<{ rejected: { resource: string; message: string }[] }>(10, "preview");
  const up = await folder.json<{ errors: { resource: string; code: string }[]; changes: object }>(4, "up");
  const outputs = outputsIn(folder);
  const after = await living(server, ...names, "more");
  return { before, preview, up, outputs, after };
}

test("What is protected blocks only itself, where a change would replace or delete it", async () => {
  const s = await protectedByRtc(await startLivekit({ egress: "worker" }));
  expect(s.preview.rejected.map(({ resource, message }) => [resource, message.split(".")[0]])).toEqual([
    ["kept", "room livekit:kept is protected, and this would replace it"],
    [
      "taped",
      expect.stringMatching(/^recording livekit:EG_\w+ is protected, and this would replace its room$/),
    ],
    ["left", "room livekit:left is protected, and this would delete it"],
  ]);
  expect(s.up.errors.map(({ resource, code }) => `${resource} ${code}`)).toEqual([
    ...["kept PROTECTED", "taped PROTECTED", "left PROTECTED"],
  ]);
  expect(s.up.changes).toMatchObject({ replace: 1, create: 1 });
  const { sids, running } = s.after;
  for (const name of ["kept", "taped", "left"]) expect(sids[name]).toBe(s.before.sids[name]);
  expect(running.slice(0, 2)).toEqual(s.before.running.slice(0, 2));
  expect(sids["free"]).not.toBe(s.before.sids["free"]);
  expect(sids["more"]).toBeDefined();
  // Of what has failed the outputs are those before.
  expect(s.outputs.rooms).toMatchObject({
    kept: "livekit:kept",
    taped: "livekit:taped",
    free: "livekit:free",
  });
  expect(s.outputs.recordings).toEqual({
    "tape-kept": `livekit:${running[0]?.[0]}`,
    "tape-taped": `livekit:${running[1]?.[0]}`,
  });
});

test("Two rooms that exchange their resources' names are moved, with participants and recordings undisturbed", async () => {
  const server = await startLivekit({ egress: "worker" });
  const folder = new RtcFolder(server.env);
  const names = ["one", "two"];
  const manifest = (one: string, two: string) =>
    folder.manifest(
      "rooms:",
      `  one: { name: ${one}, maxParticipants: 5 }`,
      `  two: { name: ${two}, maxParticipants: 5 }`,
      "recordings:",
      ...names.map((name) => `  tape-${name}: { room: ${name}, outputUri: out/, audioOnly: true }`),
    );
  manifest("one", "two");
  await folder.run(0, "up");
  const before = await living(server, ...names);
  const person = await joinPlainly(server, "one", "alice");
  manifest("two", "one");
  const preview = await folder.run(7, "preview --expect-no-changes");
  expect(preview.stdout).toContain("→ move room one\n    moved from two\n");
  expect(preview.stdout).toContain("acme/dev: 4 to move\n");
  expect((await folder.run(0, "up")).stdout).toBe("acme/dev: 4 moved\n");
  expect(await living(server, ...names)).toEqual(before);
  expect(person.room.isConnected).toBe(true);
  expect((await folder.run(0, "preview --refresh --expect-no-changes")).stdout).toContain("4 as they are");
  expect(outputsIn(folder).rooms).toEqual({ one: "livekit:two", two: "livekit:one" });
});

/** What `rtc up` will meet, and what a preview reports of it. */
async function foresee(server: LivekitServer) {
  const folder = new RtcFolder(server.env);
  const base = ["rooms:", "  busy: { maxParticipants: 5 }", "  leaving: {}", "  calm: {}"];
  folder.manifest(...base);
  await folder.run(0, "up");
  await server.service.createRoom({ name: "taken" });
  await Promise.all([joinPlainly(server, "busy", "alice"), joinPlainly(server, "leaving", "bob")]);
  const before = await roomsOf(server);
  folder.manifest("rooms:", "  busy: { maxParticipants: 6 }", "  calm: {}", "  taken: {}", "  free: {}");
  const text = await folder.run(10, "preview");
  const markdown = await folder.run(10, "preview --format markdown");
  const json = await folder.json<{ rejected: object[] }>(10, "preview --max-deletes 0");
  const offline = await folder.run(10, "preview --offline");
  const denied = await folder.json<{ rejected: { message: string }[] }>(10, "preview", {
    LIVEKIT_API_SECRET: "another-secret-of-32-characters-and-more",
  });
  const up = await folder.json<{ errors: { resource: string; code: string }[]; changes: object }>(4, "up");
  const after = await roomsOf(server);
  folder.manifest(
    ...base.slice(0, 1),
    "  calm: { metadata: { a: 1 } }",
    "  free: {}",
    "  leaving: {}",
    "  busy: { maxParticipants: 5 }",
  );
  const fine = await folder.run(7, "preview --expect-no-changes");
  return { before, text, markdown, json, offline, denied, up, after, fine };
}

describe("rtc preview", () => {
  let s: Awaited<ReturnType<typeof foresee>>;
  beforeAll(async () => {
    s = await foresee(await startLivekit());
  });

  test("shows on its row what up will reject, counts it, and exits with 10", () => {
    const { stdout } = s.text;
    const rows = stdout.split("\n").filter((line) => !line.startsWith(" "));
    expect(rows.slice(0, 4)).toEqual([
      "± replace room busy",
      "+ create room taken",
      "+ create room free",
      "- delete room leaving",
    ]);
    expect(stdout.match(/up will reject this: /g)).toHaveLength(3);
    expect(stdout).toMatch(
      /\+ create room taken\n(?: {4}.*\n)* {4}up will reject this: room livekit:taken exists already/,
    );
    expect(rows[4]).toBe(
      "acme/dev: 2 to create, 1 to replace, 1 to delete, 1 as it is, 3 that up will reject",
    );
  });

  test("is reported in the first lines of Markdown, and as JSON with the limit of deletes", () => {
    const [first = ""] = s.markdown.stdout.split("\n- ");
    for (const name of ["busy", "taken", "leaving"])
      expect(first).toContain(`will reject this:** \`${name}\`: `);
    expect(s.json.rejected).toHaveLength(4);
    expect(s.json.rejected[0]).toEqual({ message: expect.stringContaining("the limit is 0: room leaving") });
  });

  test("asks nothing of new and leaving rooms with --offline", () => {
    expect(s.offline.stdout).not.toContain("taken exists already");
    expect(s.offline.stdout.match(/up will reject this: /g)).toHaveLength(1);
  });

  test("shows credentials that are rejected", () => {
    expect(s.denied.rejected.map(({ message }) => message).join()).toMatch(/livekit.*(401|invalid|reject)/i);
  });

  test("is what up then does: it rejects these and carries out the others", () => {
    expect(s.up.errors.map(({ resource, code }) => `${resource} ${code}`)).toEqual([
      "busy ROOM_OCCUPIED",
      "taken ALREADY_EXISTS",
      "leaving ROOM_OCCUPIED",
    ]);
    for (const name of ["busy", "leaving", "calm", "taken"]) expect(s.after[name]).toEqual(s.before[name]);
    expect(s.after).toHaveProperty("free");
    expect(s.fine.stdout).not.toContain("reject");
  });
});

describe("A program in which a change would replace an occupied room", () => {
  const rooms = (max: number, more = "") =>
    program(
      ...["one", "two", "three"].map((name) => declare(name, { maxParticipants: max })),
      // What depends on the blocked room, and exports it.
      `const four = ${declare("four", { maxParticipants: max })}`,
      "exports.four = four.room;",
      'exports.dependent = new rtc.RtcRoom("dependent", { metadata: { of: four.sid } }).room;',
      more,
    );

  test("changes all others with --continue-on-error, deletes too, and fails", async () => {
    const server = await startLivekit();
    const stack = await newStack({ program: rooms(5, declare("gone")), env: server.env });
    await stack.up();
    await joinPlainly(server, "four", "alice");
    const before = await roomsOf(server);
    stack.write(rooms(6));
    const run = await stack.up(["--continue-on-error"], { code: 1 });
    const after = await roomsOf(server);
    expect(changesIn(run).sort()).toEqual([
      ...["delete gone", "replace one", "replace three", "replace two", "update four failed"],
    ]);
    expect(after["four"]).toEqual(before["four"]);
    expect(messagesOn(run, "four").join()).toContain("ROOM_OCCUPIED: 1 participant is in room livekit:four");
    expect(run.output).not.toContain("failed to register");
  });

  test("interrupts no other recording without that option either: each is as before or restarted", async () => {
    const server = await startLivekit({ egress: "worker" });
    const names = ["one", "two", "three"];
    const lessons = (max: number) =>
      together(...names.map((name) => recorded(name, {}, { maxParticipants: max })));
    const stack = await newStack({ program: lessons(5), env: server.env });
    await stack.up();
    const before = await living(server, ...names);
    await joinPlainly(server, "two", "alice");
    stack.write(lessons(6));
    const run = await stack.up([], { code: 1 });
    const after = await living(server, ...names);
    expect(messagesOn(run, "two").join()).toContain("ROOM_OCCUPIED");
    expect(after.running[1]).toEqual(before.running[1]);
    expect(after.running.map((running) => running.length)).toEqual([1, 1, 1]);
  });
});

test("Rooms of another server block only themselves, with --refresh too", async () => {
  const [server, other] = await Promise.all([startLivekit(), startLivekit()]);
  const agora = { AGORA_APP_ID: "0".repeat(32), AGORA_APP_CERTIFICATE: "1".repeat(32) };
  const folder = new RtcFolder({ ...server.env, ...agora });
  const rooms = (version: number) =>
    ["live", "talk"].map(
      (name) =>
        `  ${name}: { metadata: { v: ${version} }, vendor: ${name === "live" ? "livekit" : "agora"} }`,
    );
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
  folder.manifest("rooms:", ...rooms(3), "  more: { vendor: agora }");
  expect(await folder.json<object>(4, "up --refresh", other.env)).toMatchObject({
    changes: { update: 1, same: 1 },
    errors: [{ resource: "live", code: "ENDPOINT_MISMATCH" }],
  });
  const drift = await folder.run(4, "drift", other.env);
  expect(drift.stdout).toContain("acme/dev: 1 not known");
});
