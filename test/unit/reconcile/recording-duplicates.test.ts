import { describe, expect, it } from "vitest";
import { newProcess } from "../../conformance/engine-process.ts";
import { failure } from "../client/remote-fixture.ts";
import { stackWith } from "./core-only-fixture.ts";
import { at, TestStack } from "./fixture.ts";
import { check, OUTPUT, of, record, recorded, recordings } from "./recording-fixture.ts";

/** The engine checks the resources of a program side by side: the new one may come first, and be made meanwhile. */
describe("a recording that a resource has, declared once more by another that is checked first", () => {
  const rejected = { code: "INVALID_ARGUMENT", message: expect.stringContaining("is recorded twice") };

  it("is not started again in another owner's room, where none is searched for", async () => {
    const stack = new TestStack();
    stack.vendor.make(at("lobby"));
    const declared = { room: "lobby", outputUri: OUTPUT };
    const tape = await record(stack, declared);
    stack.newProcess().clock.after(500, () => check(stack, declared, { olds: tape.inputs }));
    expect(await failure(record(stack, declared, "again"))).toMatchObject(rejected);
    expect(recordings(stack)).toHaveLength(1);
  });

  it("is not started again with rtc:ownerMark false, where none is searched for either", async () => {
    const untagged = new TestStack({ config: { ownerMark: false } });
    const { stack, hall, tape } = await recorded({}, { stack: untagged });
    stack.clock.after(500, () => check(stack, of(hall), { olds: tape.inputs }));
    expect(await failure(record(stack, of(hall), "again"))).toMatchObject(rejected);
    expect(recordings(stack)).toHaveLength(1);
  });

  it("is not started again through a gateway with only the core capabilities, which shows none", async () => {
    const { engine, gateway, connect } = await stackWith();
    const inputs = { room: "livekit:hall", outputUri: OUTPUT };
    await engine.up({ hall: {}, tape: { records: "hall", outputUri: OUTPUT } });
    const clock = new TestStack().clock;
    const { recording } = newProcess(connect(), { clock }, () => {});
    const checked = (name: string, olds: object) => {
      const hidden = {
        name,
        project: "acme",
        stack: "dev",
        urn: `urn:pulumi:dev::acme::rtc:RtcRecording::${name}`,
      };
      return recording.check({ ...olds }, { ...inputs, __rtc: { ...hidden, dryRun: false } });
    };
    const again = checked("again", {});
    clock.after(500, () => checked("tape", engine.state.get("tape")?.inputs ?? {}));
    expect(await failure(recording.create(again.inputs))).toMatchObject(rejected);
    expect(gateway.world.recordings.size).toBe(1);
  });

  it("is not begun where neither is there yet, and the other's check comes before", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    const { inputs } = check(stack, of(hall), { name: "again" });
    expect(check(stack, of(hall)).issues).toHaveLength(1);
    expect(await failure(stack.recording.create(inputs))).toMatchObject(rejected);
    expect(recordings(stack)).toEqual([]);
  });
});
