import { describe, expect, it } from "vitest";
import type { Properties } from "../../../src/reconcile/lifecycle.ts";
import { UNKNOWN } from "../../../src/reconcile/state.ts";
import { at, TestStack } from "./fixture.ts";
import { check, OUTPUT, of, recorded, urnOf } from "./recording-fixture.ts";

/** What a preview reports of a new room beyond its check. */
async function foreseen(stack: TestStack, declared: Properties, name = "hall") {
  const { inputs, issues } = stack.check(declared, { name, dryRun: true });
  expect(issues).toEqual([]);
  stack.logs.length = 0;
  await stack.room.foresee?.(stack.urn(name), inputs);
  return stack.logs.map(({ level, message, urn }) => ({ level, message, isOnRow: urn === stack.urn(name) }));
}

const rejected = (message: string) => ({
  level: "warn",
  message: expect.stringContaining(`up will reject this: ${message}`),
  isOnRow: true,
});

describe("a preview of a new room", () => {
  it("reports nothing where there is no such room", async () => {
    expect(await foreseen(new TestStack(), {})).toEqual([]);
  });

  it("reports a room that exists and belongs to others", async () => {
    const stack = new TestStack();
    stack.vendor.make(at("hall"));
    expect(await foreseen(stack, {})).toEqual([rejected("room memory:hall exists already")]);
  });

  it("reports credentials that are rejected", async () => {
    const stack = new TestStack();
    stack.vendor.fault = "denied";
    expect(await foreseen(stack, {})).toEqual([rejected("")]);
  });

  it("reports once, and goes on, where the vendor cannot be reached", async () => {
    const stack = new TestStack();
    stack.vendor.fault = "unreachable";
    expect(await foreseen(stack, {})).toEqual([
      { level: "warn", message: expect.stringContaining("this preview may miss"), isOnRow: true },
    ]);
    expect(await foreseen(stack, {}, "lobby")).toEqual([]);
  });

  it("asks nothing with rtc:offlinePreview, and nothing of a resource that is in state, or in an up", async () => {
    const offline = new TestStack({ config: { offlinePreview: true } });
    offline.vendor.make(at("hall"));
    expect(await foreseen(offline, {})).toEqual([]);

    const stack = new TestStack();
    const hall = await stack.up();
    stack.newProcess().vendor.fault = "denied";
    const { inputs } = stack.check({}, { olds: hall.inputs, dryRun: true });
    await stack.room.foresee?.(stack.urn(), inputs);
    const up = stack.newProcess().check({});
    await stack.room.foresee?.(stack.urn(), up.inputs);
    expect(stack.logs).toEqual([]);
  });

  it("reports a move, and that it is occupied where the move would replace it", async () => {
    const stack = new TestStack();
    await stack.up({ name: "hall" });
    stack.vendor.enter(at("hall"), "alice");
    const declared = { name: "hall" };
    expect(await foreseen(stack.newProcess(), declared, "foyer")).toEqual([
      { level: "info", message: expect.stringMatching(/^moved here from a resource/), isOnRow: true },
    ]);
    expect(await foreseen(stack.newProcess(), { ...declared, maxParticipants: 3 }, "foyer")).toEqual([
      rejected("1 participant is in room memory:hall"),
    ]);
  });
});

describe("a preview of a change of a room that another owner has recreated", () => {
  it("reports it", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    stack.vendor.lose(at("hall"));
    await stack.sibling("other").up();
    await stack.newProcess().plan(hall, { metadata: { a: 1 } }, true);
    expect(stack.logs).toContainEqual({
      level: "warn",
      message: expect.stringContaining("up will reject this: room memory:hall has since been recreated"),
      urn: stack.urn(),
    });
  });
});

describe("a preview of a recording", () => {
  it("is of no change where its room moves to another resource, while the room's outputs are unknown", async () => {
    const { stack, tape } = await recorded({}, { room: { name: "hall" } });
    await foreseen(stack, { name: "hall" }, "foyer");
    const unknown = { room: UNKNOWN, roomSid: UNKNOWN, vendor: UNKNOWN, outputUri: OUTPUT };
    const hidden = { name: "tape", project: "acme", stack: "dev", dryRun: true };
    const __rtc = { ...hidden, urn: urnOf(stack), roomUrn: stack.urn("foyer") };
    const { inputs } = stack.recording.check(tape.inputs, { ...unknown, __rtc });
    expect(await stack.recording.diff(tape.id, tape.outs, inputs)).toMatchObject({
      changes: false,
      replaces: [],
    });
  });

  it("that is new reports a room that does not exist, and one that continues under another name", async () => {
    const { stack, hall } = await recorded();
    const plan = async (declared: Properties, name: string) => {
      const { inputs } = check(stack, declared, { name, dryRun: true });
      stack.logs.length = 0;
      await stack.recording.foresee?.(urnOf(stack, name), inputs);
      return stack.logs.map(({ message }) => message);
    };
    expect(await plan({ room: "lobby", outputUri: OUTPUT }, "other")).toEqual([
      expect.stringMatching(/^up will reject this: room memory:lobby does not exist/),
    ]);
    stack.newProcess().check({}, { olds: hall.inputs, dryRun: true });
    expect(await plan(of(hall), "reel")).toEqual([expect.stringMatching(/^recording .* continues/)]);
  });

  it("of a new room reports on each row what the server cannot do, which is asked once", async () => {
    const stack = new TestStack();
    stack.check({}, { dryRun: true });
    stack.vendor.fault = "denied";
    stack.vendor.calls.length = 0;
    for (const name of ["tape", "reel"]) {
      const declared = { room: UNKNOWN, roomSid: UNKNOWN, vendor: "memory", outputUri: `${OUTPUT}${name}/` };
      const { inputs } = check(stack, declared, { name, dryRun: true });
      await stack.recording.foresee?.(urnOf(stack, name), inputs);
    }
    const rejections = stack.logs.filter(({ message }) => message.startsWith("up will reject this: "));
    expect(rejections.map(({ urn }) => urn)).toEqual([urnOf(stack, "tape"), urnOf(stack, "reel")]);
    expect(stack.vendor.calls).toHaveLength(1);
  });

  it("that its room's replacement replaces does not continue, although its check is that of a new one", async () => {
    const { stack, hall, tape } = await recorded();
    stack.check({ maxParticipants: 3 }, { olds: hall.inputs, dryRun: true });
    await stack.room.diff(hall.id, hall.outs, { ...hall.inputs, maxParticipants: 3 });
    const unknown = { ...tape.inputs, room: UNKNOWN, roomSid: UNKNOWN };
    expect(await stack.recording.diff(tape.id, tape.outs, unknown)).toMatchObject({
      deleteBeforeReplace: true,
    });
    const { inputs } = check(stack, { ...of(hall), roomSid: UNKNOWN }, { dryRun: true });
    stack.logs.length = 0;
    await stack.recording.foresee?.(urnOf(stack), inputs);
    expect(stack.logs).toEqual([]);
  });
});
