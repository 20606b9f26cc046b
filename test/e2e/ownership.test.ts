import { beforeAll, describe, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { declaring } from "../support/programs.ts";
import { roomsInState } from "../support/rooms.ts";
import { newStack, type Stack } from "../support/stack.ts";
import type { Result, StateResource } from "../support/stack-types.ts";
import { isCoreOnly } from "../support/through.ts";
import { changesIn, type LivingRoom, roomsOf } from "../support/world.ts";

const TAG = /^[0-9a-f]{12}-[0-9a-f]{12}$/;
const TAKEN = "room livekit:standup exists already and carries the ownership tag of another stack";

type Rooms = Record<string, LivingRoom>;
type State = Record<string, StateResource>;

/** Rooms that a third party created, each with its metadata. */
async function makeForeign(server: LivekitServer, rooms: Record<string, object>): Promise<void> {
  const limits = { maxParticipants: 5, emptyTimeout: 600, departureTimeout: 300 };
  const make = ([name, metadata]: [string, object]) =>
    server.service.createRoom({ name, ...limits, metadata: JSON.stringify(metadata) });
  await Promise.all(Object.entries(rooms).map(make));
}

async function forget(stack: Stack, ...names: string[]): Promise<void> {
  const state = await roomsInState(stack);
  for (const name of names) await stack.run(["state", "delete", state[name]?.urn ?? "", "--yes"]);
}

describe("Ownership", () => {
  const ran = {} as Record<
    "made" | "second" | "update" | "destroy" | "refreshed" | "secondRefreshed",
    Result
  >;
  const at = {} as Record<keyof typeof ran | "foreign" | "destroyed" | "ended", Rooms>;
  const state = {} as Record<"made" | "destroy" | "refreshed", State>;

  beforeAll(async () => {
    const server = await startLivekit();
    const now = () => roomsOf(server);
    await makeForeign(server, {
      theirs: { team: "not to be printed" },
      bigger: {},
      adopted: { team: "theirs" },
      described: { team: "theirs", since: 2019 },
    });
    at.foreign = await now();
    const ours = {
      adopted: { maxParticipants: 5, metadata: { team: "ours" }, adopt: true },
      described: { maxParticipants: 5, adopt: true },
      standup: { maxParticipants: 12, metadata: { team: "core" } },
      tagged: { maxParticipants: 4 },
    };
    const rejected = {
      theirs: { maxParticipants: 12, emptyTimeoutSeconds: 90, metadata: { team: "nor this" } },
      bigger: { maxParticipants: 50, adopt: true },
    };
    const [first, second] = await Promise.all([
      newStack({
        program: declaring({ ...ours, ...rejected, handed: { metadata: { turn: 1 } } }),
        ...{ env: server.env, project: "acme", stack: "one" },
      }),
      newStack({
        program: declaring({ standup: ours.standup, handed: { metadata: { turn: "theirs" } } }),
        ...{ env: server.env, project: "acme", stack: "two" },
      }),
    ]);
    ran.made = await first.up(["--continue-on-error"], { code: 1 });
    at.made = await now();
    state.made = await roomsInState(first);

    await server.service.deleteRoom("handed");
    ran.second = await second.up(["--continue-on-error"], { code: 1 });
    at.second = await now();

    first.write(declaring({ ...ours, handed: { metadata: { turn: 2 } } }));
    ran.update = await first.up([], { code: 1 });
    ran.destroy = await first.destroy(["--target", "**::handed"], { code: 1 });
    await forget(first, "tagged");
    state.destroy = await roomsInState(first);
    ran.refreshed = await first.up(["--refresh", "--continue-on-error"], { code: 1 });
    at.refreshed = await now();
    state.refreshed = await roomsInState(first);

    ran.secondRefreshed = await second.up(["--refresh", "--continue-on-error"], { code: 1 });
    at.secondRefreshed = await now();
    await second.destroy();
    at.destroyed = await now();
    await first.destroy();
    at.ended = await now();
  });

  test("a room of a third party is rejected with every difference, and without its metadata", () => {
    const { output } = ran.made;
    expect(output).toContain(
      "ALREADY_EXISTS: room livekit:theirs exists already and carries no ownership tag",
    );
    expect(output).toContain("maxParticipants is 5, asked for 12");
    expect(output).toContain(
      "emptyTimeoutSeconds is 600 before the first join and 300 after the last departure, asked for 90 for both",
    );
    expect(output).toContain("metadata is another");
    expect(output).toContain("adopt: true");
    expect(output).not.toMatch(/not to be printed|nor this/);
    expect(state.made).not.toHaveProperty("theirs");
    expect(at.ended["theirs"]).toEqual(at.foreign["theirs"]);
  });

  describe("adopt: true", () => {
    test("adopts a room with the same limits, sets its metadata, and leaves its timeouts with a warning", () => {
      expect(changesIn(ran.made)).toContain("create adopted");
      expect(ran.made.output).toContain("warning: room livekit:adopted is adopted with its own timeouts");
      const owner = state.made["adopted"]?.outputs["owner"];
      expect(owner).toMatch(TAG);
      expect(at.made["adopted"]).toEqual({ ...at.foreign["adopted"], metadata: { team: "ours" }, owner });
      expect(at.secondRefreshed["adopted"]).toEqual(at.made["adopted"]);
      expect(at.ended).not.toHaveProperty("adopted");
    });

    test("preserves undeclared metadata, and adds the tag", () => {
      expect(state.made["described"]?.outputs).not.toHaveProperty("metadata");
      const owner = isCoreOnly ? undefined : expect.stringMatching(TAG);
      expect(at.made["described"]).toEqual({ ...at.foreign["described"], owner });
    });

    test("is rejected where a limit differs", () => {
      expect(ran.made.output).toContain("ALREADY_EXISTS: room livekit:bigger exists already");
      expect(ran.made.output).toContain("maxParticipants is 5, asked for 50");
      expect(ran.made.output).toContain("To adopt it, declare its maxParticipants");
      expect(at.ended["bigger"]).toEqual(at.foreign["bigger"]);
    });
  });

  test("a room that two stacks declare belongs to the first; the second is rejected and changes nothing", () => {
    for (const run of [ran.second, ran.secondRefreshed]) {
      expect(changesIn(run)).toContain("create standup failed");
      expect(run.output).toContain(`${TAKEN}; its settings are as declared`);
    }
    for (const run of ["second", "secondRefreshed", "destroyed"] as const)
      expect(at[run]["standup"]).toEqual(at.made["standup"]);
  });

  describe("a room that another stack has recreated", () => {
    test("is neither updated nor deleted", () => {
      for (const { output } of [ran.update, ran.destroy])
        expect(output).toContain(
          "room livekit:handed has since been recreated by another owner and is left alone",
        );
      expect(state.destroy).toHaveProperty("handed");
    });

    test("leaves the state with a refresh, and is not adopted by the next up", () => {
      expect(ran.refreshed.output).toContain("room livekit:handed is no longer this stack's");
      expect(ran.refreshed.output).toContain(
        "room livekit:handed exists already and carries the ownership tag",
      );
      expect(state.refreshed).not.toHaveProperty("handed");
    });

    test("is managed by that stack alone", () => {
      expect(at.second["handed"]?.metadata).toEqual({ turn: "theirs" });
      expect(at.secondRefreshed["handed"]).toEqual(at.second["handed"]);
      expect(changesIn(ran.secondRefreshed)).toEqual(["create standup failed"]);
      expect(at.destroyed).not.toHaveProperty("handed");
    });
  });

  test("a room that is missing in the state is adopted by its tag", () => {
    expect(state.destroy).not.toHaveProperty("tagged");
    expect(changesIn(ran.refreshed)).toContain("create tagged");
    expect(at.refreshed["tagged"]).toEqual(at.made["tagged"]);
  });

  test("a refresh finds nothing in rooms that were created or adopted", () => {
    const created = [
      "create handed failed",
      "create tagged",
      ...(isCoreOnly ? ["create adopted failed"] : []),
    ];
    expect(changesIn(ran.refreshed).sort()).toEqual(created.sort());
    if (!isCoreOnly) expect(changesIn(ran.update), "nor does a plain up").toEqual(["update handed failed"]);
    expect(at.refreshed["described"]).toEqual(at.made["described"]);
    expect(at.refreshed["standup"]).toEqual(at.made["standup"]);
  });
});

describe("rtc:ownerMark false", () => {
  const at = {} as Record<"made" | "again", Rooms>;
  const state = {} as Record<keyof typeof at, State>;
  let again: Result;

  beforeAll(async () => {
    const server = await startLivekit();
    const plain = { maxParticipants: 4, metadata: { team: "core" } };
    const stack = await newStack({
      program: declaring({ known: plain, lost: plain, adopted: plain }),
      env: server.env,
      config: { "rtc:ownerMark": "false" },
    });
    await stack.up();
    [at.made, state.made] = [await roomsOf(server), await roomsInState(stack)];
    await forget(stack, "lost", "adopted");
    stack.write(declaring({ known: plain, lost: plain, adopted: { ...plain, adopt: true } }));
    again = await stack.up(["--refresh", "--continue-on-error"], { code: 1 });
    [at.again, state.again] = [await roomsOf(server), await roomsInState(stack)];
  });

  test("leaves the metadata as declared", () => {
    expect(at.made["known"]).toMatchObject({ metadata: { team: "core" }, owner: undefined });
    expect(state.made["known"]?.outputs).not.toHaveProperty("owner");
  });

  test("rejects a room that is missing in the state, unless adopt is declared", () => {
    expect(again.output).toContain(
      "room livekit:lost exists already and carries no ownership tag; its settings",
    );
    expect(changesIn(again).sort()).toEqual(["create adopted", "create lost failed"]);
    expect(Object.keys(state.again).sort()).toEqual(["adopted", "known"]);
    expect(at.again).toEqual(at.made);
  });
});
