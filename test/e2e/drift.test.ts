import { beforeAll, describe, expect, test, vi } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import type { Person } from "../support/participants.ts";
import { declaring } from "../support/programs.ts";
import { leave, POLL_OPTIONS } from "../support/recordings.ts";
import { roomAt, roomsInState } from "../support/rooms.ts";
import { newStack } from "../support/stack.ts";
import type { Result, StateResource } from "../support/stack-types.ts";
import { isCoreOnly, NEVER, UPDATE } from "../support/through.ts";
import { joinPlainly } from "../support/tokens.ts";
import { changesIn, type LivingRoom, roomsOf } from "../support/world.ts";

/** The exit code of --expect-no-changes where there are some. */
const CHANGES = 7;

const core = { metadata: { team: "core" } };
const limited = { maxParticipants: 12 };

/** A room for each thing that happens at the server. */
const DECLARED = {
  quiet: core,
  noticed: core,
  returned: limited,
  deleted: { ...limited, ...core },
  edited: core,
  untagged: core,
  scribbled: core,
  revived: { ...limited, ...core },
  hurried: { ...limited, forceDestroy: true },
  lasting: {},
  described: core,
};
type Name = keyof typeof DECLARED;

describe("Drift", () => {
  type Run = Record<
    "refresh" | "refreshAgain" | "up" | "preview" | "rejected" | "repaired" | "emptied",
    Result
  > &
    Record<"occupied" | "restarted" | "settled" | "destroyed", Result>;
  const ran = {} as Run;
  const at = {} as Record<keyof Run | "made" | "lost", Record<string, LivingRoom>>;
  const state = {} as Record<"made" | "refreshed", Record<string, StateResource>>;
  let participants: Record<"revived" | "hurried" | "lasting", Person>;
  let revived: unknown;
  const stayed: Partial<Record<keyof Run, boolean>> = {};

  beforeAll(async () => {
    // The default timeouts of the server: it closes soon, but not within a test.
    const server = await startLivekit({ config: { room: { empty_timeout: 600, departure_timeout: 600 } } });
    const rooms = () => roomsOf(server);
    const edit = (name: Name, text: string) => server.service.updateRoomMetadata(name, text);
    /** A join with an old token brings a deleted room back with the server's defaults. */
    const bringBack = async (name: Name) => {
      await server.service.deleteRoom(name);
      return joinPlainly(server, name, "alice");
    };
    const stack = await newStack({ program: declaring(DECLARED), env: server.env });
    await stack.up();
    at.made = await rooms();
    state.made = await roomsInState(stack);

    await edit("noticed", '{"team":"sales"}');
    const guest = await bringBack("returned");
    ran.refresh = await stack.refresh();
    ran.refreshAgain = await stack.refresh(["--run-program"]);
    state.refreshed = await roomsInState(stack);
    await leave(server, "returned", guest);
    ran.up = await stack.up();
    at.up = await rooms();

    await server.service.deleteRoom("deleted");
    await edit("edited", JSON.stringify({ team: "sales", $owner: at.made["edited"]?.owner }));
    await edit("untagged", '{"team":"sales"}');
    await edit("scribbled", "call me later");
    const [first, second, third] = await Promise.all([
      bringBack("revived"),
      bringBack("hurried"),
      bringBack("lasting"),
    ]);
    participants = { revived: first, hurried: second, lasting: third };
    // Where metadata cannot change in place, an occupied room with other metadata would stop the run.
    const fourth = isCoreOnly ? undefined : await bringBack("described");
    revived = await roomAt(server, "revived");
    ran.preview = await stack.preview(["--refresh", "--expect-no-changes", "--run-program"], {
      code: CHANGES,
    });
    ran.rejected = await stack.up(["--refresh", "--target", "**::revived"], { code: 1 });
    stayed.rejected = participants.revived.room.isConnected;
    await leave(server, "revived", participants.revived);
    ran.repaired = await stack.up(["--refresh"]);
    at.repaired = await rooms();
    stayed.repaired = participants.lasting.room.isConnected;
    ran.occupied = await stack.expectNoChanges(["--refresh"], { code: "any" });

    await leave(server, "lasting", participants.lasting);
    if (fourth) await leave(server, "described", fourth);
    ran.emptied = await stack.up(["--refresh", "--run-program"]);
    at.emptied = await rooms();

    await server.restart();
    at.lost = await rooms();
    ran.restarted = await stack.up(["--refresh"]);
    at.restarted = await rooms();
    ran.settled = await stack.expectNoChanges([], { code: "any" });
    ran.destroyed = await stack.destroy(["--run-program"]);
    at.destroyed = await rooms();
  }, 480_000); // the longest sequence of commands

  /** A room as it was made; `sid`: of another generation. */
  const asMade = (name: Name, isRecreated: boolean) => ({
    ...at.made[name],
    ...(isRecreated && { sid: expect.any(String) }),
    ...(isRecreated && isCoreOnly && { owner: expect.any(String) }),
  });

  test("a room that is as declared is the same after a refresh, with and without --run-program", () => {
    for (const run of [ran.refresh, ran.refreshAgain]) expect(run.output).not.toContain("warning");
    expect(state.refreshed["quiet"]).toEqual(state.made["quiet"]);
    for (const run of ["up", "repaired", "emptied"] as const)
      expect(at[run]["quiet"]).toEqual(at.made["quiet"]);
  });

  test("a plain up repairs the drift that earlier refreshes have found, however often", () => {
    expect(changesIn(ran.up).sort()).toEqual(["replace returned", `${UPDATE} noticed`].sort());
    expect(at.up["noticed"]).toEqual(asMade("noticed", isCoreOnly));
    expect(at.up["returned"]).toEqual(asMade("returned", true));
  });

  test.each<[string, Name, string]>([
    ["a room that was deleted", "deleted", "create"],
    ["metadata that was edited by hand", "edited", UPDATE],
    ["metadata that was edited by hand and lost the ownership tag", "untagged", UPDATE],
    ["metadata that is no JSON any more", "scribbled", UPDATE],
    ["a room that came back with other limits, once it is empty", "revived", "replace"],
    ["an occupied room that came back with other limits, with forceDestroy", "hurried", "replace"],
  ])("up --refresh repairs %s, as its preview reports", (_what, name, op) => {
    expect(changesIn(ran.preview)).toContain(`${op} ${name}`);
    expect(changesIn(ran.repaired)).toContain(`${op} ${name}`);
    expect(at.repaired[name]).toEqual(asMade(name, op !== "update"));
  });

  test("up --refresh rejects the replacement of a room that came back and is occupied", () => {
    expect(revived).toMatchObject({ maxParticipants: 0, metadata: "" });
    expect(ran.rejected.output).toContain("ROOM_OCCUPIED: 1 participant is in room livekit:revived");
    expect(stayed.rejected).toBe(true);
  });

  test("forceDestroy disconnects the participants of a room that came back", () =>
    participants.hurried.disconnected);

  test("a room that came back with other timeouts is not changed, with a warning, until it is empty", () => {
    const warning = "room livekit:lasting closes by itself after 600 seconds, which is not as declared";
    expect(ran.occupied.output).toContain(`warning: ${warning}`);
    for (const run of [ran.preview, ran.repaired]) expect(changesIn(run).join()).not.toContain("lasting");
    expect(at.repaired["lasting"]).toMatchObject({ emptyTimeout: 600, departureTimeout: 600 });
    expect(stayed.repaired).toBe(true);
    expect(changesIn(ran.emptied)).toContain("replace lasting");
    expect(at.emptied["lasting"]).toEqual(asMade("lasting", true));
    expect(at.emptied["lasting"]).toMatchObject({ emptyTimeout: NEVER, departureTimeout: NEVER });
  });

  test("a room that came back without metadata has it at once, and its timeouts when it is empty", () => {
    for (const run of [ran.preview, ran.repaired]) expect(changesIn(run)).toContain("update described");
    const { metadata, owner } = at.made["described"] ?? {};
    expect(at.repaired["described"]).toMatchObject({ metadata, owner, emptyTimeout: 600 });
    expect(changesIn(ran.emptied)).toContain("replace described");
    expect(at.emptied["described"]).toEqual(asMade("described", true));
  });

  test("up --refresh creates every room again after the server has restarted and lost them", () => {
    expect(at.lost).toEqual({});
    expect(ran.restarted.counts).toMatchObject({
      create: Object.keys(DECLARED).length,
      update: 0,
      replace: 0,
    });
    const all = Object.keys(DECLARED) as Name[];
    expect(at.restarted).toEqual(Object.fromEntries(all.map((name) => [name, asMade(name, true)])));
  });

  test("changes nothing after a repair, with and without a refresh", () => {
    expect([ran.occupied.code, ran.settled.code]).toEqual([0, 0]);
  });

  test("destroy --run-program leaves nothing", () => {
    expect(ran.destroyed.counts.delete).toBe(Object.keys(DECLARED).length);
    expect(at.destroyed).toEqual({});
  });
});

describe("On a server that closes empty rooms after a second", () => {
  let server: LivekitServer;
  let rejected: Result;
  let settled: Result;
  const at = {} as Record<"made" | "closed" | "ended", Record<string, LivingRoom>>;
  let state: Record<string, StateResource>;

  beforeAll(async () => {
    server = await startLivekit({ config: { room: { empty_timeout: 1, departure_timeout: 1 } } });
    const stack = await newStack({
      program: declaring({ lasting: {}, stale: { maxParticipants: 2 } }),
      env: server.env,
    });
    await stack.up();
    at.made = await roomsOf(server);
    await stack.destroy(["--target", "**::stale"]);
    const enter = (name: string) => joinPlainly(server, name, "alice");
    const participants = await Promise.all(["lasting", "undeclared", "stale"].map(enter));
    rejected = await stack.up([], { code: 1 });

    await Promise.all(participants.map((person) => person.leave()));
    const closed = async () => expect(Object.keys(await roomsOf(server))).toEqual(["lasting"]);
    await vi.waitFor(closed, POLL_OPTIONS);
    at.closed = await roomsOf(server);
    await stack.up();
    at.ended = await roomsOf(server);
    settled = await stack.expectNoChanges(["--refresh"], { code: "any" });
    state = await roomsInState(stack);
  });

  test("a declared room outlives its last participant", () => {
    expect(at.closed).toEqual({ lasting: at.made["lasting"] });
    expect(at.ended["lasting"]).toEqual(at.made["lasting"]);
    expect(state["lasting"]?.outputs["sid"]).toBe(at.made["lasting"]?.sid);
    expect(settled.code).toBe(0);
  });

  test("a room that comes back after a destroy is not adopted; it is created once that has closed", () => {
    expect(rejected.output).toContain("room livekit:stale exists already and carries no ownership tag");
    expect(at.ended["stale"]).toMatchObject({ maxParticipants: 2, emptyTimeout: NEVER });
    expect(settled.code).toBe(0);
  });
});
