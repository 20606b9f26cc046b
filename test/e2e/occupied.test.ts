import { beforeAll, describe, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import type { Person } from "../support/participants.ts";
import { leave } from "../support/recordings.ts";
import { roomsInState } from "../support/rooms.ts";
import { newStack } from "../support/stack.ts";
import type { Result, StateResource } from "../support/stack-types.ts";
import { joinAsAgent, joinPlainly } from "../support/tokens.ts";
import { changesIn, declare, type LivingRoom, messagesOn, program, roomsOf } from "../support/world.ts";

/** ParticipantInfo.Kind of an agent. */
const AGENT = 4;

const twelve = { maxParticipants: 12 };
const twenty = { maxParticipants: 20 };
const FORCED = { forceDestroy: true };

/** Rooms to be replaced one after the other: first `busy`, on which another one depends, then the others. */
const rooms = (busy: object, others: object, urgent = others) =>
  program(
    `const busy = ${declare("busy", busy)}`,
    'new rtc.RtcRoom("busy-lobby", { name: busy.sid.apply((sid) => "busy-lobby-" + sid) });',
    declare("urgent", urgent),
    declare("insistent", { ...others, ...FORCED }),
    declare("assisted", others),
    declare("closing-1"),
    declare("closing-2"),
  );
const REPLACED = ["busy", "busy-lobby", "urgent", "insistent", "assisted"];
const withMeeting = (...given: Parameters<typeof rooms>) => `${rooms(...given)}\n${declare("meeting")}`;

describe("An occupied room", () => {
  let server: LivekitServer;
  const ran = {} as Record<"preview" | "rejected" | "replaced" | "settled" | "destroyed", Result>;
  const at = {} as Record<keyof typeof ran | "made" | "byEnv" | "byConfig", Record<string, LivingRoom>>;
  let state: Record<string, StateResource>;
  let kind: unknown;
  let stayed: boolean;
  const left = {} as Record<"urgent" | "insistent" | "again" | "closing1" | "closing2" | "meeting", Person>;

  beforeAll(async () => {
    server = await startLivekit();
    const now = () => roomsOf(server);
    const enter = (room: string, identity = "alice") => joinPlainly(server, room, identity);
    const stack = await newStack({ program: withMeeting(twelve, twelve), env: server.env });
    await stack.up();
    at.made = await now();
    const inside = await Promise.all([enter("busy"), enter("busy", "bob")]);
    [left.urgent, left.insistent, left.meeting, left.closing1, left.closing2] = await Promise.all([
      enter("urgent"),
      enter("insistent"),
      enter("meeting"),
      enter("closing-1"),
      enter("closing-2"),
    ]);
    await joinAsAgent(server, "assisted");
    kind = (await server.service.listParticipants("assisted"))[0]?.kind;

    stack.write(withMeeting(twenty, twenty, { ...twenty, ...FORCED }));
    ran.preview = await stack.preview();
    stack.write(withMeeting(twenty, twelve));
    ran.rejected = await stack.up([], { code: 1 });
    at.rejected = await now();
    stayed = inside.every(({ room }) => room.isConnected);
    await Promise.all(inside.map((person) => leave(server, "busy", person)));
    stack.write(rooms(twenty, twenty, { ...twenty, ...FORCED }));
    ran.replaced = await stack.up(["--continue-on-error"], { code: 1 });
    at.replaced = await now();
    stack.write(withMeeting(twenty, twenty, { ...twenty, ...FORCED }));
    ran.settled = await stack.expectNoChanges([], { code: "any" });

    [left.again] = await Promise.all([enter("insistent"), joinAsAgent(server, "assisted")]);
    ran.destroyed = await stack.destroy(["--continue-on-error"], { code: 1 });
    at.destroyed = await now();
    state = await roomsInState(stack);
    await stack.destroy(["--target", "**::closing-*"], { env: { RTC_FORCE_DESTROY: "true" } });
    at.byEnv = await now();
    await stack.setConfig("rtc:forceDestroy", "true");
    await stack.destroy(["--run-program"]);
    at.byConfig = await now();
  });

  test("is replaced in a preview, with a warning and the number of participants", () => {
    expect(changesIn(ran.preview).sort()).toEqual(REPLACED.map((name) => `replace ${name}`).sort());
    expect(messagesOn(ran.preview, "busy").join()).toContain("cannot change maxParticipants");
    expect(ran.preview.output).toMatch(
      /warning: up will reject this: 2 participants are in room livekit:busy/,
    );
    const warned = REPLACED.filter((name) =>
      messagesOn(ran.preview, name).join().includes("up will reject this"),
    );
    expect(warned, "neither with forceDestroy nor with an agent alone").toEqual(["busy"]);
  });

  test("is not replaced by up, which is rejected before anything is touched", () => {
    expect(ran.rejected.output).toContain("ROOM_OCCUPIED: 2 participants are in room livekit:busy");
    expect(at.rejected).toEqual(at.made);
    expect(stayed).toBe(true);
  });

  test.each([
    ["once it is empty", "busy"],
    ["with forceDestroy that is new in the same change", "urgent"],
    ["with forceDestroy that was declared before", "insistent"],
    ["with only an agent in it", "assisted"],
  ])("is replaced %s", (_when, name) => {
    expect(changesIn(ran.replaced)).toContain(`replace ${name}`);
    expect(at.replaced[name]).toMatchObject({ maxParticipants: 20 });
    expect(at.replaced[name]?.sid).not.toBe(at.made[name]?.sid);
  });

  test("is replaced with the room that depends on it, and a second run changes nothing", () => {
    const lobby = (rooms: Record<string, LivingRoom>) => `busy-lobby-${rooms["busy"]?.sid}`;
    expect(changesIn(ran.replaced)).toContain("replace busy-lobby");
    expect(at.replaced).not.toHaveProperty(lobby(at.made));
    expect(at.replaced).toHaveProperty(lobby(at.replaced));
    expect(ran.settled.code).toBe(0);
  });

  test("is not deleted when it leaves the program, nor with the stack", () => {
    for (const run of [ran.replaced, ran.destroyed])
      expect(run.output).toContain("ROOM_OCCUPIED: 1 participant is in room livekit:meeting");
    for (const run of ["replaced", "destroyed"] as const)
      expect(at[run]["meeting"]).toEqual(at.made["meeting"]);
  });

  test("does not prevent the delete of the others with --continue-on-error, and stays in the state", () => {
    const occupied = ["closing-1", "closing-2", "meeting"];
    expect(Object.keys(at.destroyed).sort()).toEqual(occupied);
    expect(Object.keys(state).sort()).toEqual(occupied);
  });

  test("is deleted with forceDestroy, and while only an agent is in it", () => {
    expect(kind).toBe(AGENT);
    for (const name of ["insistent", "assisted"]) {
      expect(changesIn(ran.destroyed)).toContain(`delete ${name}`);
      expect(at.destroyed).not.toHaveProperty(name);
    }
  });

  test("is deleted with RTC_FORCE_DESTROY", () => {
    expect(Object.keys(at.byEnv)).toEqual(["meeting"]);
  });

  test("is deleted with rtc:forceDestroy in the stack's config", () => {
    expect(at.byConfig).toEqual({});
  });

  test("disconnects its participants when it is replaced or deleted", async () => {
    await Promise.all(Object.values(left).map(({ disconnected }) => disconnected));
  });
});
