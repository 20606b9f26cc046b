import { describe, expect, it } from "vitest";
import { localClient } from "../../../src/client/local.ts";
import { Declarations } from "../../../src/reconcile/declarations.ts";
import type { Properties } from "../../../src/reconcile/lifecycle.ts";
import { checkRoom } from "../../../src/reconcile/room/check.ts";
import { MemoryVendor } from "../../conformance/memory.ts";
import { memoryAdapter } from "../../conformance/memory-adapter.ts";
import { TestStack } from "./fixture.ts";

describe("check, what it rejects", () => {
  it("reports every problem at once, each with its path", () => {
    const { issues } = new TestStack().check({
      name: "",
      maxParticipants: 0,
      emptyTimeoutSeconds: 1.5,
      metadata: "text",
      enableRecording: "yes",
      adopt: 1,
      forceDestroy: "no",
      vendor: 7,
      region: "",
    });
    expect(issues.map(({ path }) => path).sort()).toEqual([
      "adopt",
      "emptyTimeoutSeconds",
      "enableRecording",
      "forceDestroy",
      "maxParticipants",
      "metadata",
      "name",
      "region",
      "vendor",
    ]);
  });

  it("reports an unknown region beside the other problems", () => {
    const stack = new TestStack({ regions: ["eu", "us"] });
    const { issues } = stack.check({ region: "mars", maxParticipants: 0 });
    expect(issues.map(({ path }) => path).sort()).toEqual(["maxParticipants", "region"]);
    expect(issues.map(({ message }) => message).join()).toContain("there is eu, us");
  });

  it("reports a name that the vendor cannot carry, and an unknown vendor", () => {
    const stack = new TestStack();
    expect(stack.check({ name: "a\0b" }).issues.map(({ path }) => path)).toEqual(["name"]);
    const [issue] = stack.check({ vendor: "memry" }).issues;
    expect(issue).toEqual({
      path: "vendor",
      message: "INVALID_ARGUMENT: memry: is not a vendor of this version; did you mean memory?; memory: fits",
    });
  });

  it("reports a name that is empty and metadata that is too long", () => {
    const { issues } = new TestStack().check({ name: "", metadata: { text: "x".repeat(60_000) } });
    expect(issues).toEqual([
      { path: "name", message: "name must not be empty" },
      { path: "metadata", message: expect.stringContaining("60000") },
    ]);
  });

  it("names the property that was meant by a misspelt one", () => {
    const { issues } = new TestStack().check({ maxParticipant: 5 });
    expect(issues).toEqual([
      { path: "maxParticipant", message: "is not known; did you mean maxParticipants?" },
    ]);
  });

  it("prints no value, since it may be a secret", () => {
    const secret = "hunter2-hunter2";
    const wrong: Properties = {
      name: { secret },
      maxParticipants: secret,
      emptyTimeoutSeconds: secret,
      metadata: [secret],
      adopt: secret,
      vendor: [secret],
      unheardOf: secret,
    };
    for (const [key, value] of Object.entries(wrong)) {
      const { issues } = new TestStack().check({ [key]: value });
      expect(issues, key).toHaveLength(1);
      expect(JSON.stringify(issues), key).not.toContain(secret);
    }
  });

  it("reserves the key of the ownership tag", () => {
    const { issues } = new TestStack().check({ metadata: { $owner: "me" } });
    expect(issues).toEqual([{ path: "metadata", message: "the key $owner is reserved" }]);
  });

  it("rejects a room that is declared twice, with the other's URN", () => {
    const stack = new TestStack();
    expect(stack.check({ name: "standup" }, { name: "first" }).issues).toEqual([]);
    const [issue] = stack.check({ name: "standup" }, { name: "second" }).issues;
    expect(issue?.path).toBe("name");
    expect(issue?.message).toContain(
      `memory:standup is declared twice in this program: also by ${stack.urn("first")}`,
    );
  });

  it("lets the same name be declared in two regions", () => {
    const stack = new TestStack({ regions: ["eu"] });
    stack.check({ name: "standup" }, { name: "first" });
    expect(stack.check({ name: "standup", region: "eu" }, { name: "second" }).issues).toEqual([]);
  });

  it("lets two resources swap their names", () => {
    const stack = new TestStack();
    const [a, b] = [
      { name: "a", vendor: "memory" },
      { name: "b", vendor: "memory" },
    ];
    stack.check({ name: "b" }, { name: "first", olds: a });
    expect(stack.check({ name: "a" }, { name: "second", olds: b }).issues).toEqual([]);
  });

  it("rejects recording where the vendor cannot record, without a call", () => {
    const stack = new TestStack({ records: false, config: { recordingOutput: "s3://acme/" } });
    const { issues } = stack.check({ enableRecording: true });
    expect(issues.map(({ path }) => path)).toEqual(["enableRecording"]);
    expect(issues[0]?.message).toContain("UNSUPPORTED: memory: cannot rtc.recording.start");
    expect(stack.vendor.calls).toEqual([]);
    expect(stack.check({ enableRecording: false }).issues).toEqual([]);
  });

  it("rejects recording without a place for it, or with one that cannot be, and names the key", () => {
    const [unset] = new TestStack().check({ enableRecording: true }).issues;
    expect(unset).toEqual({
      path: "enableRecording",
      message: "no destination: set rtc:recordingOutput (or RTC_RECORDING_OUTPUT)",
    });
    const wrong = new TestStack({ config: { recordingOutput: "s3://acme/all.ogg" } });
    expect(wrong.check({ enableRecording: true }).issues).toEqual([
      {
        path: "enableRecording",
        message: expect.stringContaining("rtc:recordingOutput .ogg holds audio only"),
      },
    ]);
    expect(wrong.check({ enableRecording: false }).issues).toEqual([]);
  });

  it("rejects recording of a room that closes and comes back, and reports what to declare instead", () => {
    const stack = new TestStack({ config: { recordingOutput: "s3://acme/" } });
    expect(stack.check({ enableRecording: true, emptyTimeoutSeconds: 600 }).issues).toEqual([
      {
        path: "enableRecording",
        message: "cannot stand beside emptyTimeoutSeconds: declare an RtcRecording instead",
      },
    ]);
  });

  it("reports in a preview of a new room that its recording covers the first session only", () => {
    const stack = new TestStack({ config: { recordingOutput: "s3://acme/" } });
    const { inputs } = stack.check({ enableRecording: true }, { dryRun: true });
    const warning = expect.stringContaining("the room's first session only");
    expect(stack.logs).toEqual([{ level: "warn", message: warning, urn: stack.urn() }]);
    stack.check({ enableRecording: true }, { dryRun: true, olds: inputs });
    stack.check({ enableRecording: true });
    expect(stack.logs).toHaveLength(1);
  });

  it("makes no call at all", () => {
    const stack = new TestStack();
    stack.check({ name: "standup", maxParticipants: 5 });
    expect(stack.vendor.calls).toEqual([]);
  });
});

describe("check, what it leaves behind", () => {
  it("resolves name and vendor, and takes out what is hidden", () => {
    const { inputs, issues } = new TestStack().check({ maxParticipants: 5 }, { name: "standup" });
    expect(issues).toEqual([]);
    expect(inputs).toEqual({ name: "standup", vendor: "memory", maxParticipants: 5 });
  });

  it("keeps the name and the vendor that the state has", () => {
    const olds = { name: "first", vendor: "second" };
    expect(twoVendors().check(olds, {})).toEqual({ name: "first", vendor: "second" });
  });

  it("keeps them for the second check of a replacement too, which is given no state", () => {
    const run = twoVendors();
    run.check({ name: "first", vendor: "second" }, { maxParticipants: 5 });
    expect(run.check({}, { maxParticipants: 5 })).toEqual({
      name: "first",
      vendor: "second",
      maxParticipants: 5,
    });
  });

  it("lets a declared name or vendor win over the state's", () => {
    const olds = { name: "first", vendor: "second" };
    const declared = { name: "other", vendor: "memory" };
    expect(twoVendors().check(olds, declared)).toEqual(declared);
  });
});

/** Two vendors that could make the room; the first in order is `memory`. */
function twoVendors() {
  const adapter = memoryAdapter(new MemoryVendor());
  const client = localClient({}, { memory: () => adapter, second: () => ({ ...adapter, vendor: "second" }) });
  const context = { client, config: {}, declarations: new Declarations(), report: () => undefined };
  const __rtc = { urn: "urn:hall", name: "hall", project: "acme", stack: "dev", dryRun: false };
  return {
    check(olds: Properties, news: Properties): Properties {
      const { inputs, issues } = checkRoom(context, olds, { ...news, __rtc });
      expect(issues).toEqual([]);
      return inputs;
    },
  };
}

describe("half a character, which no engine carries,", () => {
  it.each([
    ["name", { name: "a\ud83d" }, "name"],
    ["metadata", { metadata: { a: ["b", "\udc00c"] } }, "metadata.a[1]"],
    ["a key of metadata", { metadata: { "\ud83d": 1 } }, "metadata"],
    ["region", { region: "\ud83d" }, "region"],
  ])("is rejected in %s, with its path, and a whole one is not", (_where, inputs, path) => {
    const [issue, ...others] = new TestStack().check(inputs).issues;
    expect(others).toEqual([]);
    expect(issue?.path.startsWith(path)).toBe(true);
    expect(issue?.message).toContain("whole characters");
    const whole = JSON.parse(JSON.stringify(inputs).replaceAll(/\\u[\da-f]{4}/g, "😀"));
    const { issues } = new TestStack({ regions: ["😀"] }).check(whole);
    expect(issues).toEqual([]);
  });
});
