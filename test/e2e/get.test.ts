import { beforeAll, describe, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { roomsInState } from "../support/rooms.ts";
import { newStack } from "../support/stack.ts";
import type { Result, StateResource } from "../support/stack-types.ts";
import {
  changesIn,
  declare,
  expectPlainRejection,
  type LivingRoom,
  program,
  roomsOf,
} from "../support/world.ts";

/** Two rooms that are not managed here, and one that depends on what the first one is. */
const READING = [
  'const hall = rtc.RtcRoom.get("hall", "livekit:lobby");',
  'rtc.RtcRoom.get("stays", "livekit:foyer");',
  "const { name, vendor, sid, maxParticipants, emptyTimeoutSeconds, metadata, endpoint, owner } = hall;",
  "exports.hall = { id: hall.id, name, vendor, sid, maxParticipants, emptyTimeoutSeconds, metadata, endpoint, owner };",
  'new rtc.RtcRoom("beside", { metadata: { hall: hall.sid } });',
];
/** And one that is read although it is yet to be made. */
const BOTH = program(
  ...READING,
  `const made = ${declare("made", { maxParticipants: 5 })}`,
  'const observed = rtc.RtcRoom.get("observed", made.room);',
  'observed.maxParticipants.apply((limit) => console.log("the limit is " + limit));',
);

describe("RtcRoom.get", () => {
  let server: LivekitServer;
  let ran: Record<"absent" | "preview" | "up" | "settled" | "gone" | "refreshed", Result>;
  let rooms: Record<"absent" | "before" | "made" | "gone" | "destroyed", Record<string, LivingRoom>>;
  let outputs: Record<string, unknown>;
  let state: Record<string, StateResource>;

  beforeAll(async () => {
    server = await startLivekit();
    const { service } = server;
    const now = () => roomsOf(server);
    const stack = await newStack({ program: program(...READING), env: server.env });
    const [absent, roomsAbsent] = [await stack.preview([], { code: "any" }), await now()];

    const metadata = JSON.stringify({ floor: 2 });
    await service.createRoom({ name: "lobby", maxParticipants: 7, emptyTimeout: 900, metadata });
    await service.createRoom({ name: "foyer", emptyTimeout: 900 });
    const before = await now();
    stack.write(BOTH);
    const [preview, up, made] = [await stack.preview(), await stack.up(), await now()];
    outputs = await stack.outputs();
    const settled = await stack.expectNoChanges(["--refresh"], { code: "any" });

    await service.deleteRoom("lobby");
    const [gone, roomsGone] = [await stack.up([], { code: "any" }), await now()];
    const refreshed = await stack.refresh();
    state = await roomsInState(stack);
    await stack.destroy();
    ran = { absent, preview, up, settled, gone, refreshed };
    rooms = { absent: roomsAbsent, before, made, gone: roomsGone, destroyed: await now() };
  });

  test("reads a room that is not managed here", () => {
    expect(changesIn(ran.preview)).toContain("create beside");
    expect(outputs["hall"]).toEqual({
      id: "livekit:lobby",
      name: "lobby",
      vendor: "livekit",
      sid: rooms.before["lobby"]?.sid,
      owner: null,
      maxParticipants: 7,
      emptyTimeoutSeconds: 900,
      metadata: { floor: 2 },
      endpoint: server.endpoint,
    });
    expect(rooms.made["beside"]?.metadata).toEqual({ hall: rooms.before["lobby"]?.sid });
  });

  test("returns the same state, and stores none of its hidden inputs", () => {
    expect(ran.settled.code, ran.settled.output).toBe(0);
    expect(state["stays"]?.inputs).toMatchObject({ name: "foyer" });
    expect(state["stays"]?.inputs).not.toHaveProperty("__rtc");
  });

  test("never touches the room, and destroy leaves it", () => {
    expect(rooms.made).toMatchObject(rooms.before);
    expect(rooms.destroyed).toEqual({ foyer: rooms.before["foyer"] });
  });

  test.each([
    ["there is no such room, in the preview already", "absent", []],
    ["the room is no longer there", "gone", ["beside", "foyer", "made"]],
  ] as const)("fails where %s", (_where, run, left) => {
    expectPlainRejection(ran[run], "NOT_FOUND: there is no room livekit:lobby");
    expect(Object.keys(rooms[run]).sort()).toEqual(left);
  });

  test("is unknown for a room that does not exist yet", () => {
    expect(ran.preview.output).not.toContain("the limit is");
    expect(ran.up.output).toContain("the limit is 5");
    expect(ran.settled.output).toContain("the limit is 5");
  });
});
