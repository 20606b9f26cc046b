import { describe, expect, it } from "vitest";
import { failure } from "../client/remote-fixture.ts";
import { at, TestStack } from "./fixture.ts";
import { check, of, record, recorded, recordings } from "./recording-fixture.ts";

const NAMED = { name: "hall", metadata: { team: "core" } };

/** What a run of the engine does for a resource that was renamed from `hall` to `foyer`: create, then delete. */
async function renamed(declared = {}) {
  const stack = new TestStack();
  const hall = await stack.up(NAMED);
  const before = stack.vendor.room(at("hall"));
  stack.newProcess();
  const foyer = await stack.up({ ...NAMED, ...declared }, "foyer");
  return { stack, hall, foyer, before };
}

describe("a room whose resource has another name than before", () => {
  it("moves to it: the same room, with its participants and the new resource's tag", async () => {
    const { stack, hall, foyer, before } = await renamed();
    stack.vendor.enter(at("hall"), "alice");
    await stack.room.delete(hall.id, hall.outs);
    expect(foyer.outs).toMatchObject({ sid: hall.outs["sid"], owner: stack.tag("foyer"), room: hall.id });
    expect(stack.vendor.room(at("hall"))).toMatchObject({ sid: before?.sid, metadata: { team: "core" } });
    expect(stack.logs).toContainEqual({
      level: "info",
      message: expect.stringMatching(/^moved here from a resource of this stack/),
      urn: stack.urn("foyer"),
    });
  });

  it("changes its metadata with the move", async () => {
    const { stack } = await renamed({ metadata: { team: "events" } });
    expect(stack.vendor.room(at("hall"))?.metadata).toEqual({
      ...{ team: "events", $owner: stack.tag("foyer") },
    });
  });

  it.each([
    ["between the move and its record", false],
    ["between its record and the delete", true],
  ])("moves where a run was killed %s", async (_, isRecorded) => {
    const { stack, hall, foyer } = await renamed();
    stack.newProcess();
    if (isRecorded) await stack.plan(foyer, NAMED, false, "foyer");
    else await stack.up(NAMED, "foyer");
    await stack.room.delete(hall.id, hall.outs);
    expect(stack.vendor.room(at("hall"))?.sid).toBe(foyer.outs["sid"]);
  });

  it("keeps its place in the state over a refresh after such a kill, and moves back where the rename is taken back", async () => {
    const { stack, hall } = await renamed();
    stack.newProcess();
    expect(await stack.room.read(hall.id, hall.outs)).toMatchObject({ id: hall.id });
    const { inputs } = await stack.plan(hall, { ...NAMED, metadata: { team: "events" } });
    const { outs } = await stack.room.update(hall.id, hall.outs, inputs);
    expect(outs["sid"]).toBe(hall.outs["sid"]);
    expect(stack.vendor.room(at("hall"))?.metadata).toMatchObject({ $owner: stack.tag() });
  });

  it("is recreated while it is empty, where its limits change too, and rejected while it is occupied", async () => {
    const { stack, hall, foyer } = await renamed({ maxParticipants: 5 });
    await stack.room.delete(hall.id, hall.outs);
    expect(stack.vendor.room(at("hall"))).toMatchObject({ maxParticipants: 5, sid: foyer.outs["sid"] });

    const other = new TestStack();
    const before = await other.up(NAMED);
    other.vendor.enter(at("hall"), "alice");
    other.newProcess();
    const tried = await failure(other.up({ ...NAMED, maxParticipants: 5 }, "foyer"));
    expect(tried).toMatchObject({ code: "ROOM_OCCUPIED" });
    expect(await failure(other.room.delete(before.id, before.outs))).toMatchObject({
      code: "ALREADY_EXISTS",
      message: expect.stringMatching(/foyer declares it now, but could not take it over in this run/),
    });
    expect(other.vendor.room(at("hall"))?.sid).toBe(before.outs["sid"]);
  });

  it("stays where the create of its new resource fails, whatever the reason", async () => {
    const stack = new TestStack();
    const hall = await stack.up(NAMED);
    stack.newProcess();
    const { inputs } = stack.check(NAMED, { name: "foyer" });
    stack.vendor.fault = "unreachable";
    expect(await failure(stack.room.create(inputs))).toMatchObject({ code: "UNAVAILABLE" });
    stack.vendor.fault = undefined;
    expect(await failure(stack.room.delete(hall.id, hall.outs))).toMatchObject({ code: "ALREADY_EXISTS" });
    expect(stack.vendor.room(at("hall"))?.sid).toBe(hall.outs["sid"]);
  });

  it("does not move while another resource declares it, which is checked meanwhile", async () => {
    const stack = new TestStack();
    const hall = await stack.up(NAMED);
    stack.newProcess().clock.after(500, () => stack.check(NAMED, { olds: hall.inputs }));
    expect(await failure(stack.up(NAMED, "foyer"))).toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("declared twice"),
    });
    expect(stack.vendor.room(at("hall"))?.metadata).toMatchObject({ $owner: stack.tag() });
  });

  it("does not move to another stack", async () => {
    const stack = new TestStack();
    await stack.up(NAMED);
    expect(await failure(stack.sibling("prod").up(NAMED, "foyer"))).toMatchObject({ code: "ALREADY_EXISTS" });
  });

  it("swaps with another one, whichever is replaced first", async () => {
    const stack = new TestStack();
    const [left, right] = [await stack.up({ name: "x" }, "left"), await stack.up({ name: "y" }, "right")];
    stack.newProcess();
    const toLeft = stack.check({ name: "y" }, { name: "left", olds: left.inputs });
    const toRight = stack.check({ name: "x" }, { name: "right", olds: right.inputs });
    await stack.room.delete(left.id, left.outs);
    const movedLeft = await stack.room.create(toLeft.inputs);
    await stack.room.delete(right.id, right.outs);
    const movedRight = await stack.room.create(toRight.inputs);
    expect(movedLeft.outs).toMatchObject({ room: "memory:y", sid: right.outs["sid"] });
    expect(movedRight.outs).toMatchObject({
      ...{ room: "memory:x", sid: left.outs["sid"], owner: stack.tag("right") },
    });
  });

  it.each([0, 500])(
    "keeps its room where another resource takes its name, and is replaced first (checked after %i ms)",
    async (after) => {
      const stack = new TestStack();
      const hall = await stack.up(NAMED);
      stack.newProcess();
      const check = () => stack.check(NAMED, { name: "foyer" }).inputs;
      const before = after === 0 ? check() : undefined;
      const { inputs, diff } = await stack.plan(hall, { name: "new" });
      expect(diff.replaces).toEqual(["name"]);
      if (after > 0) stack.clock.after(after, check);
      await stack.room.delete(hall.id, hall.outs);
      const [created, moved] = [await stack.room.create(inputs), await stack.room.create(before ?? check())];
      expect(created.id).toBe("memory:new");
      expect(moved.outs).toMatchObject({ sid: hall.outs["sid"], owner: stack.tag("foyer") });
    },
  );

  it("does not reject the replacement of the resource that takes its name while participants are in the room", async () => {
    const stack = new TestStack();
    const hall = await stack.up(NAMED);
    stack.vendor.enter(at("hall"), "alice");
    stack.newProcess();
    expect(await failure(stack.plan(hall, { name: "new" }))).toMatchObject({ code: "ROOM_OCCUPIED" });
    const { inputs } = stack.check(NAMED, { name: "foyer" });
    expect((await stack.plan(hall, { name: "new" })).diff.replaces).toEqual(["name"]);
    await stack.room.delete(hall.id, hall.outs);
    expect((await stack.room.create(inputs)).outs["sid"]).toBe(hall.outs["sid"]);
  });

  it("is deleted where another resource takes its name, and none declares it or its tag is missing", async () => {
    const stack = new TestStack();
    const hall = await stack.up(NAMED);
    await stack.newProcess().plan(hall, { name: "new" });
    await stack.room.delete(hall.id, hall.outs);
    expect(stack.vendor.room(at("hall"))).toBeUndefined();

    const untagged = new TestStack({ config: { ownerMark: false } });
    const other = await untagged.up(NAMED);
    await untagged.newProcess().plan(other, { name: "new" });
    untagged.check(NAMED, { name: "foyer" });
    await untagged.room.delete(other.id, other.outs);
    expect(untagged.vendor.room(at("hall"))).toBeUndefined();
  });
});

describe("a recording whose resource has another name than before", () => {
  it("continues under the new one, with participants in the room", async () => {
    const { stack, hall, tape } = await recorded();
    stack.vendor.enter(at("hall"), "alice");
    const moved = await record(stack, of(hall), "reel");
    await stack.recording.delete(tape.id, tape.outs);
    expect(moved.outs["recording"]).toBe(tape.outs["recording"]);
    expect(recordings(stack)).toHaveLength(1);
  });

  it("continues where its room is renamed as well", async () => {
    const { stack, hall, tape } = await recorded({}, { room: NAMED });
    const foyer = await stack.up(NAMED, "foyer");
    const { inputs } = check(stack, of(foyer), { olds: tape.inputs });
    expect(await stack.recording.diff(tape.id, tape.outs, inputs)).toMatchObject({ changes: false });
    await stack.room.delete(hall.id, hall.outs);
    expect(recordings(stack)).toHaveLength(1);
  });
});

describe("a room and its recording that are renamed by a run which was killed once the room had moved", () => {
  it("are whole after the next run: the same room and recording", async () => {
    const { stack, hall, tape } = await recorded({}, { room: NAMED });
    await stack.up(NAMED, "foyer");
    stack.newProcess();
    await stack.room.read(hall.id, hall.outs);
    await stack.recording.read(tape.id, tape.outs);
    // The engine compares what a refresh has read.
    await stack.recording.diff(tape.id, tape.outs, tape.inputs);
    const foyer = await stack.up(NAMED, "foyer");
    const reel = await record(stack, of(foyer), "reel");
    await stack.recording.delete(tape.id, tape.outs);
    await stack.room.delete(hall.id, hall.outs);
    expect(reel.outs["recording"]).toBe(tape.outs["recording"]);
    expect(recordings(stack)).toHaveLength(1);
    expect(stack.vendor.room(at("hall"))?.sid).toBe(hall.outs["sid"]);
  });
});
