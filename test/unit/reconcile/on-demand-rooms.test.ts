import { describe, expect, it } from "vitest";
import type { RtcConfig } from "../../../src/client/config.ts";
import type { RoomResourceInput } from "../../../src/contract/index.ts";
import { memoryAdapter } from "../../conformance/memory-adapter.ts";
import { fleetingAdapter } from "../../conformance/memory-vendors.ts";
import { at, TestStack } from "./fixture.ts";
import { check, OUTPUT, reportsOf } from "./recording-fixture.ts";

/** A stack with state-only rooms at the vendor `fleeting`; those of `memory` are persistent. */
function stackOf({ hasKeys = true, ...config }: RtcConfig & { hasKeys?: boolean } = {}): TestStack {
  const vendors: TestStack["options"]["vendors"] = (memory) => ({
    fleeting: () => fleetingAdapter(memory, { hasKeys }),
    memory: () => memoryAdapter(memory),
  });
  return new TestStack({ config, vendors });
}

const EVERYTHING: RoomResourceInput = {
  maxParticipants: 5,
  emptyTimeoutSeconds: 600,
  metadata: { team: "core" },
  region: "eu",
};

describe("a declared room that is state-only", () => {
  it("is made without a call, whatever goes on at the vendor", async () => {
    const stack = stackOf({ hasKeys: false });
    stack.vendor.fault = "unreachable";
    stack.vendor.make(at("hall"), { maxParticipants: 9, metadata: { $owner: "another owner" } });
    const { id, outs } = await stack.up(EVERYTHING);
    expect(id).toBe("fleeting@eu:hall");
    expect(outs).toEqual({
      ...EVERYTHING,
      ...{ name: "hall", vendor: "fleeting", room: id, endpoint: stack.vendor.endpoint },
      ...{ vendorSettings: {}, schemaVersion: 1 },
    });
    expect(stack.vendor.calls).toEqual([]);
  });

  it("is the same after each refresh, occupied and empty, and no call is made", async () => {
    const stack = stackOf();
    const hall = await stack.up(EVERYTHING);
    const leave = stack.vendor.enter(at("hall"), "alice");
    stack.vendor.fault = "unreachable";
    const same = { id: hall.id, props: hall.outs, inputs: hall.inputs };
    expect(await stack.newProcess().room.read(hall.id, hall.outs)).toEqual(same);
    leave();
    stack.vendor.lose(at("hall"));
    expect(await stack.newProcess().room.read(hall.id, hall.outs)).toEqual(same);
    expect((await stack.plan(hall, EVERYTHING as never)).diff).toMatchObject({
      changes: false,
      replaces: [],
    });
    expect(stack.vendor.calls).toEqual([]);
  });

  it("takes every change in place that is one of the record, while it is occupied and without a call", async () => {
    const stack = stackOf();
    const hall = await stack.up(EVERYTHING);
    stack.vendor.enter(at("hall"), "alice");
    const { inputs, diff } = await stack.plan(hall, { region: "eu", maxParticipants: 6 });
    expect(diff).toEqual({ replaces: [], deleteBeforeReplace: true });
    const { outs } = await stack.room.update(hall.id, hall.outs, inputs);
    const { emptyTimeoutSeconds, metadata, ...kept } = hall.outs;
    expect(outs).toEqual({ ...kept, maxParticipants: 6 });
    expect(stack.vendor.calls).toEqual([]);
  });

  it("is recreated under another name or in another region, occupied or not", async () => {
    const stack = stackOf();
    const hall = await stack.up({});
    stack.vendor.enter(at("hall"), "alice");
    expect((await stack.plan(hall, { name: "lobby" })).diff.replaces).toEqual(["name"]);
    expect((await stack.plan(hall, { region: "eu" })).diff.replaces).toEqual(["region"]);
    expect(stack.vendor.calls).toEqual([]);
  });

  it("cannot be declared twice, also where two regions lead to it", () => {
    const stack = stackOf();
    expect(stack.check({ name: "standup", region: "eu" }, { name: "first" }).issues).toEqual([]);
    expect(stack.check({ name: "standup" }, { name: "second" }).issues).toEqual([
      {
        path: "name",
        message: `room fleeting:standup is declared twice in this program: also by ${stack.urn("first")}, as fleeting@eu:standup, which is the same room`,
      },
    ]);
    expect(stack.check({ name: "standup", vendor: "memory" }, { name: "third" }).issues).toEqual([]);
  });

  it("is dropped without a call, and the participants in the room stay", async () => {
    const stack = stackOf({ hasKeys: false });
    const hall = await stack.up();
    stack.vendor.enter(at("hall"), "alice");
    await stack.newProcess().room.delete(hall.id, hall.outs);
    expect(stack.vendor.calls).toEqual([]);
    expect(stack.vendor.room(at("hall"))?.inside).toHaveLength(1);
  });

  it.each([
    ["forceDestroy of the room", { forceDestroy: true }, {}],
    ["rtc:forceDestroy", {}, { forceDestroy: true }],
  ])("is closed with its participants by %s", async (_how, declared, config) => {
    const stack = stackOf(config);
    const hall = await stack.up(declared);
    stack.vendor.enter(at("hall"), "alice");
    await stack.newProcess().room.delete(hall.id, hall.outs);
    expect(stack.vendor.calls).toEqual(["closeRoom"]);
    expect(stack.vendor.room(at("hall"))).toBeUndefined();
  });

  it("cannot be closed without the keys for it: reported in the preview, rejected before anything is touched", async () => {
    const stack = stackOf({ hasKeys: false });
    const problem = expect.stringMatching(/its server key is not set. Without forceDestroy/);
    stack.check({ forceDestroy: true }, { dryRun: true });
    expect(stack.logs).toContainEqual({ level: "warn", message: problem, urn: stack.urn() });
    const hall = await stack.up({ forceDestroy: true });
    const destroy = stack.newProcess().room.delete(hall.id, hall.outs);
    await expect(destroy).rejects.toMatchObject({ code: "NOT_CONFIGURED", message: problem });
    stack.logs.length = 0;
    await stack.plan(hall, { name: "lobby", forceDestroy: true }, true);
    expect(reportsOf(stack)).toContainEqual(expect.stringMatching(/^warn: up will reject this.*server key/));
    const replace = stack.plan(hall, { name: "lobby", forceDestroy: true });
    await expect(replace).rejects.toMatchObject({ code: "NOT_CONFIGURED" });
    expect((await stack.plan(hall, { name: "lobby" })).diff.replaces).toEqual(["name"]);
  });

  it("belongs to its app: with another one nothing is touched", async () => {
    const stack = stackOf();
    const hall = await stack.up();
    const outs = { ...hall.outs, endpoint: "another-app" };
    const attempts = [
      stack.room.read(hall.id, outs),
      stack.room.diff(hall.id, outs, hall.inputs),
      stack.room.update(hall.id, outs, hall.inputs),
      stack.room.delete(hall.id, outs),
    ];
    const message = expect.stringContaining(`${hall.id} belongs to another-app`);
    for (const attempt of attempts)
      await expect(attempt).rejects.toMatchObject({ code: "ENDPOINT_MISMATCH", message });
  });

  it("can be read by its id, occupied or empty, with and without keys", async () => {
    for (const hasKeys of [true, false]) {
      const stack = stackOf({ hasKeys });
      const read = await stack.room.read("fleeting@eu:hall", {});
      expect(read).toMatchObject({
        id: "fleeting@eu:hall",
        props: { room: "fleeting@eu:hall", endpoint: stack.vendor.endpoint },
        inputs: { name: "hall", vendor: "fleeting", region: "eu" },
      });
      expect(stack.vendor.calls).toEqual([]);
    }
  });

  it("is not recorded: reported in the preview, with what can", () => {
    const stack = stackOf({ recordingOutput: OUTPUT });
    const message = expect.stringMatching(
      /^UNSUPPORTED: fleeting: cannot rtc.recording.start: .*; memory: fits$/,
    );
    expect(stack.check({ enableRecording: true, vendor: "fleeting" }).issues).toEqual([
      { path: "enableRecording", message: message },
    ]);
    const hall = { vendor: "fleeting", outputUri: OUTPUT };
    for (const room of ["04da6b54-80e4-46f7-96ec-b56ff0331ba9", "fleeting:hall"])
      expect(
        check(stack, { ...hall, room, roomSid: "" }).issues.map(({ message }) => message),
      ).toContainEqual(message);
    expect(check(stack, { room: "fleeting:hall", outputUri: OUTPUT }).issues).toEqual([
      { path: "", message: message },
    ]);
    expect(check(stack, { room: "hall", outputUri: OUTPUT }).inputs["room"], "a name").toBe("memory:hall");
  });

  it("is not recorded by a vendor that is not among rtc:vendors, and cannot move there: the preview names it", () => {
    const stack = stackOf({ vendors: ["fleeting"] });
    const recording = { room: "fleeting:hall", outputUri: OUTPUT };
    const message = expect.stringMatching(
      /^UNSUPPORTED: fleeting: cannot rtc.recording.start: .*; memory: can, but is not among rtc:vendors$/,
    );
    expect(check(stack, recording, { dryRun: true }).issues).toEqual([{ path: "", message }]);
    expect(stack.check({ vendor: "memory" }, { dryRun: true }).issues).toEqual([
      { path: "", message: "NOT_CONFIGURED: memory: is not among rtc:vendors; fleeting: fits" },
    ]);
  });
});

describe("what a vendor does not enforce", () => {
  const warnings = (stack: TestStack) => stack.logs.splice(0).map(({ message }) => message);
  const LIMIT = "maxParticipants is not enforced: any participant may join";
  const CAVEAT = "its doors are locked only where its support has switched that on";

  it("is reported once, in the preview that brings it", () => {
    const stack = stackOf();
    const { inputs } = stack.check({ maxParticipants: 5 }, { dryRun: true });
    expect(warnings(stack)).toEqual([LIMIT, CAVEAT]);
    stack.check({ maxParticipants: 6 }, { dryRun: true, olds: inputs });
    stack.check({ maxParticipants: 5 });
    stack.check({}, { dryRun: true });
    expect(warnings(stack)).toEqual([]);
  });

  it("is reported on the row of the first new room alone where it holds for all of them", () => {
    const stack = stackOf();
    const olds = { name: "old", vendor: "fleeting" };
    stack.check({}, { name: "old", olds, dryRun: true });
    for (const name of ["a", "b", "c"]) stack.check({}, { name, dryRun: true });
    expect(stack.logs).toEqual([{ level: "warn", message: CAVEAT, urn: stack.urn("a") }]);
  });

  it("is reported for a room that moves to such a vendor, and not again for one that is recreated there", () => {
    const stack = stackOf();
    const olds = { name: "hall", vendor: "memory", maxParticipants: 5 };
    const { inputs } = stack.check({ maxParticipants: 5, vendor: "fleeting" }, { olds, dryRun: true });
    stack.check({ maxParticipants: 5, vendor: "fleeting" }, { dryRun: true });
    expect(warnings(stack)).toEqual([LIMIT, CAVEAT]);
    const renamed = { ...inputs, name: "lobby" };
    stack.newProcess().check(renamed, { olds: inputs, dryRun: true });
    stack.check(renamed, { dryRun: true });
    expect(warnings(stack)).toEqual([]);
  });
});
