import { beforeAll, describe, expect, test, vi } from "vitest";
import { startLivekit } from "../support/livekit.ts";
import { join } from "../support/participants.ts";
import { leave, POLL_OPTIONS } from "../support/recordings.ts";
import { roomsInState } from "../support/rooms.ts";
import { newStack } from "../support/stack.ts";
import type { Result, StateResource } from "../support/stack-types.ts";
import { isCoreOnly } from "../support/through.ts";
import { joinPlainly } from "../support/tokens.ts";
import { changesIn, type LivingRoom, program, roomsOf } from "../support/world.ts";

const term = (number: number) => ({ emptyTimeoutSeconds: 1, metadata: { term: number } });
const DECLARED = {
  class: { maxParticipants: 3, emptyTimeoutSeconds: 2, metadata: { team: "core" } },
  seminar: term(1),
  lecture: term(1),
  workshop: { maxParticipants: 3, emptyTimeoutSeconds: 2 },
  exam: { emptyTimeoutSeconds: 1 },
};
// Without a change in place, other metadata is another room.
const NEXT = isCoreOnly ? {} : { seminar: term(2), lecture: term(2) };

/** Rooms, each with an output that holds a token issued from the resource. */
const declaring = (rooms: Record<string, object>) =>
  program(
    ...Object.entries(rooms).map(
      ([name, inputs]) =>
        `exports.${name} = rtc.issueTokenOutput({ room: new rtc.RtcRoom("${name}", ${JSON.stringify(inputs)}), identity: "alice" }).token;`,
    ),
  );

describe("A room with a timeout that has expired is dormant", () => {
  const ran = {} as Record<
    "asleep" | "awake" | "changed" | "rejected" | "repaired" | "settled" | "destroyed",
    Result
  >;
  const at = {} as Record<keyof typeof ran | "revived", Record<string, LivingRoom>>;
  const state = {} as Record<keyof typeof ran | "made", Record<string, StateResource>>;

  beforeAll(async () => {
    // The default timeouts of the server: it closes soon, but not within a test.
    const server = await startLivekit({ config: { room: { empty_timeout: 600, departure_timeout: 600 } } });
    const now = () => roomsOf(server);
    const closed = () => vi.waitFor(async () => expect(await now()).toEqual({}), POLL_OPTIONS);
    const stack = await newStack({ program: declaring(DECLARED), env: server.env });
    await stack.up();
    state.made = await roomsInState(stack);
    await closed();
    ran.asleep = await stack.up(["--refresh"]);
    at.asleep = await now();

    const tokens = await stack.outputs();
    const enter = (name: string) => join(server.url, String(tokens[name]));
    const participants = await Promise.all([enter("class"), enter("lecture")]);
    at.awake = await now();
    ran.awake = await stack.refresh(["--expect-no-changes"], { code: "any" });
    state.awake = await roomsInState(stack);

    const changed = { ...DECLARED, ...NEXT, exam: { emptyTimeoutSeconds: 600, maxParticipants: 9 } };
    stack.write(declaring(changed));
    ran.changed = await stack.up();
    [at.changed, state.changed] = [await now(), await roomsInState(stack)];

    const renewed = await stack.outputs();
    participants.push(await join(server.url, String(renewed["seminar"])));
    const guest = await joinPlainly(server, "workshop", "alice");
    at.revived = await now();
    ran.rejected = await stack.up(["--refresh"], { code: 1 });
    await leave(server, "workshop", guest);
    stack.write(declaring({ ...changed, exam: DECLARED.exam }));
    ran.repaired = await stack.up(["--refresh"]);
    state.repaired = await roomsInState(stack);

    await Promise.all(participants.map((person) => person.leave()));
    await closed();
    ran.settled = await stack.expectNoChanges(["--refresh"], { code: "any" });
    ran.destroyed = await stack.destroy();
    state.destroyed = await roomsInState(stack);
  });

  test("which is no drift", () => {
    expect(ran.asleep.counts).toMatchObject({ same: 5, create: 0 });
    expect(at.asleep).toEqual({});
    expect(ran.settled.code).toBe(0);
  });

  test("and comes back with its settings when a participant joins", () => {
    const { metadata, maxParticipants } = DECLARED.class;
    const settings = { maxParticipants, emptyTimeout: 2, departureTimeout: 2, metadata, owner: undefined };
    expect(at.awake["class"]).toMatchObject(settings);
    expect(Object.keys(at.awake).sort()).toEqual(["class", "lecture"]);
    expect(ran.awake.code).toBe(0);
    expect(state.awake["class"]?.outputs["sid"]).toBe(at.awake["class"]?.sid);
  });

  test("and an update of its metadata changes the state only; the next join brings the new metadata", () => {
    expect(changesIn(ran.changed)).toContain("update seminar");
    expect(at.changed).not.toHaveProperty("seminar");
    expect(state.changed["seminar"]?.outputs["metadata"]).toEqual({ term: 2 });
    expect(at.revived["seminar"]).toMatchObject({ metadata: { term: 2 }, owner: undefined });
  });

  test("and the next update of the room that has come back restores its ownership tag", () => {
    const owner = state.made["lecture"]?.outputs["owner"];
    expect(owner).toMatch(/^[0-9a-f]{12}-[0-9a-f]{12}$/);
    expect(at.awake["lecture"]).toMatchObject({ metadata: { term: 1 }, owner: undefined });
    expect(changesIn(ran.changed)).toContain("update lecture");
    expect(at.changed["lecture"]).toMatchObject({ metadata: { term: 2 }, owner });
  });

  test("and one that a token without settings has brought back is drift, repaired when it is empty", () => {
    expect(at.revived["workshop"]).toMatchObject({ maxParticipants: 0, emptyTimeout: 600 });
    expect(ran.rejected.output).toContain("ROOM_OCCUPIED: 1 participant is in room livekit:workshop");
    expect(changesIn(ran.repaired).sort()).toEqual(["replace exam", "replace workshop"]);
    expect(state.repaired["workshop"]?.outputs).toMatchObject(DECLARED.workshop);
  });

  test("and is replaced where another limit is declared", () => {
    expect(changesIn(ran.changed)).toContain("replace exam");
    expect(at.changed["exam"]).toMatchObject({ maxParticipants: 9, emptyTimeout: 600 });
  });

  test("and is destroyed without a complaint", () => {
    expect(ran.destroyed.counts.delete).toBe(5);
    expect(state.destroyed).toEqual({});
  });
});
