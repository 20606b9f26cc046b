import { beforeAll, describe, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { declaring } from "../support/programs.ts";
import { roomsInState } from "../support/rooms.ts";
import { newStack } from "../support/stack.ts";
import type { Result, StateResource } from "../support/stack-types.ts";
import { isThrough, NEVER, UPDATE } from "../support/through.ts";
import { changesIn, type LivingRoom, messagesOn, reasonsFor, roomsOf } from "../support/world.ts";

type Rooms = Record<string, LivingRoom>;

/** By resource name; what a room without an entry in the second program is there for is in its name. */
const BEFORE = {
  standup: { maxParticipants: 12, metadata: { team: "core" } },
  edited: { metadata: { team: "core" } },
  cleared: { metadata: { team: "core" } },
  renamed: { name: "first" },
  narrowed: { maxParticipants: 3 },
  widened: { maxParticipants: 3 },
  hurried: {},
  moved: {},
  removed: {},
  lost: {},
};
const { removed: _, ...KEPT } = BEFORE;
const AFTER = {
  ...KEPT,
  edited: { metadata: { team: "web", floor: 3 } },
  cleared: {},
  renamed: { name: "second" },
  narrowed: { maxParticipants: 2 },
  widened: {},
  hurried: { emptyTimeoutSeconds: 600 },
  moved: { region: "eu" },
};

describe("Rooms that are declared, changed and removed", () => {
  let servers: [home: LivekitServer, eu: LivekitServer];
  /** The rooms at both servers. */
  const everywhere = async () => [await roomsOf(servers[0]), await roomsOf(servers[1])] as [Rooms, Rooms];
  let ran: Record<"plan" | "made" | "changePlan" | "changed" | "settled" | "destroyed", Result>;
  let rooms: Record<"planned" | "made" | "changePlanned" | "changed" | "destroyed", [Rooms, Rooms]>;
  let state: Record<"made" | "changed", Record<string, StateResource>>;

  beforeAll(async () => {
    servers = [await startLivekit(), await startLivekit()];
    const { url, apiKey, apiSecret } = servers[1];
    const regions = { RTC_LIVEKIT_REGIONS: JSON.stringify({ eu: { url, apiKey, apiSecret } }) };
    const stack = await newStack({ program: declaring(BEFORE), env: await servers[0].envWith(regions) });

    const plan = await stack.preview(["--diff"]);
    const planned = await everywhere();
    const made = await stack.up();
    const [roomsMade, stateMade] = [await everywhere(), await roomsInState(stack)];

    stack.write(declaring(AFTER));
    const changePlan = await stack.preview();
    const changePlanned = await everywhere();
    const changed = await stack.up();
    const [roomsChanged, stateChanged] = [await everywhere(), await roomsInState(stack)];
    const settled = await stack.expectNoChanges(["--refresh"], { code: "any" });

    await servers[0].service.deleteRoom("lost");
    const destroyed = await stack.destroy();
    ran = { plan, made, changePlan, changed, settled, destroyed };
    const roomsDestroyed = await everywhere();
    rooms = { planned, made: roomsMade, changePlanned, changed: roomsChanged, destroyed: roomsDestroyed };
    state = { made: stateMade, changed: stateChanged };
  });

  test("are shown in the preview with their vendor, and not made by it", () => {
    expect(changesIn(ran.plan).sort()).toEqual(creates());
    // A gateway chooses the vendor, and reports it when the room is made.
    if (!isThrough) expect(ran.plan.stdout).toMatch(/vendor +: "livekit"/);
    expect(ran.plan.stdout).toMatch(/name +: "standup"/);
    expect(rooms.planned).toEqual([{}, {}]);
  });

  test("are created by up as declared, and stored with what the server returned", () => {
    expect(changesIn(ran.made).sort()).toEqual(creates());
    const names = Object.keys(BEFORE).map((name) => (name === "renamed" ? "first" : name));
    expect(Object.keys(rooms.made[0]).sort()).toEqual(names.sort());
    expect(rooms.made[1]).toEqual({});
    const standup = rooms.made[0]["standup"];
    expect(standup).toMatchObject({
      maxParticipants: 12,
      emptyTimeout: NEVER,
      departureTimeout: NEVER,
      metadata: { team: "core" },
    });
    const { id, outputs } = state.made["standup"] ?? {};
    expect(id).toBe("livekit:standup");
    expect(outputs).toMatchObject({ room: id, vendor: "livekit", sid: standup?.sid, owner: standup?.owner });
  });

  test("are changed as the preview reports, which touches nothing, and the others stay", () => {
    const changes = [
      "delete removed",
      ...["hurried", "moved", "narrowed", "renamed", "widened"].map((name) => `replace ${name}`),
      ...["cleared", "edited"].map((name) => `${UPDATE} ${name}`),
    ].sort();
    expect(changesIn(ran.changePlan).sort()).toEqual(changes);
    expect(rooms.changePlanned).toEqual(rooms.made);
    expect(changesIn(ran.changed).sort()).toEqual(changes);
    for (const name of ["standup", "lost"]) expect(rooms.changed[0][name]).toEqual(rooms.made[0][name]);
    expect(ran.settled.code, ran.settled.output).toBe(0);
  });

  test("updates metadata in place, and removes it when it is no longer declared", () => {
    expect(reasonsFor(ran.changePlan, "edited")).toEqual(["metadata"]);
    const [before, after] = [rooms.made[0], rooms.changed[0]];
    expect(after["edited"]).toEqual({ ...before["edited"], metadata: { team: "web", floor: 3 } });
    expect(after["cleared"]).toEqual({ ...before["cleared"], metadata: {} });
  });

  test.each([
    ["renamed", "name", "second", {}],
    ["narrowed", "maxParticipants", "narrowed", { maxParticipants: 2 }],
    ["widened", "maxParticipants", "widened", { maxParticipants: 0 }],
    ["hurried", "emptyTimeoutSeconds", "hurried", { emptyTimeout: 600, departureTimeout: 600 }],
  ])(
    "are replaced where they are %s: the preview explains that %s cannot change in place",
    (resource, input, name, settings) => {
      expect(reasonsFor(ran.changePlan, resource)).toEqual([input]);
      const why = `livekit cannot change ${input} of a room in place`;
      expect(messagesOn(ran.changePlan, resource).join()).toContain(why);
      const { [name]: room } = rooms.changed[0];
      expect(room).toMatchObject(settings);
      expect(Object.values(rooms.made[0]).map(({ sid }) => sid)).not.toContain(room?.sid);
    },
  );

  test("are replaced on another server where the region changes", () => {
    const why = "livekit cannot change region of a room in place";
    expect(messagesOn(ran.changePlan, "moved").join()).toContain(why);
    expect(state.changed["moved"]).toMatchObject({ id: "livekit@eu:moved" });
    expect(Object.keys(rooms.changed[1])).toEqual(["moved"]);
  });

  test("leave no room behind that is no longer declared", () => {
    const { removed: __, ...kept } = BEFORE;
    const names = Object.keys(kept).filter((name) => !["renamed", "moved"].includes(name));
    expect(Object.keys(rooms.changed[0]).sort()).toEqual([...names, "second"].sort());
  });

  test("are deleted by destroy, also one that is gone already", () => {
    const all = Object.keys(AFTER).map((name) => `delete ${name}`);
    expect(changesIn(ran.destroyed).sort()).toEqual(all.sort());
    expect(rooms.destroyed).toEqual([{}, {}]);
  });
});

function creates(): string[] {
  return Object.keys(BEFORE)
    .map((name) => `create ${name}`)
    .sort();
}
