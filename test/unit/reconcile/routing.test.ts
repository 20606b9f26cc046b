import { describe, expect, it } from "vitest";
import type { RtcConfig } from "../../../src/client/config.ts";
import type { RoomResourceInput } from "../../../src/contract/index.ts";
import { memoryAdapter, withoutRecorder } from "../../conformance/memory-adapter.ts";
import { fleetingAdapter, renamed } from "../../conformance/memory-vendors.ts";
import { at, type Resource, TestStack } from "./fixture.ts";

const FIRST = { vendors: ["memory", "other", "fleeting"] };

/** A stack with three vendors; only `memory` records and only it can carry a name with a space. */
function stackOf(config: RtcConfig = FIRST): TestStack {
  return new TestStack({
    config,
    vendors: (vendor) => ({
      memory: () => memoryAdapter(vendor, ["eu"]),
      other: () => ({
        ...renamed(withoutRecorder(memoryAdapter(vendor)), "other"),
        badName: (name) => (name.includes(" ") ? "a name has no spaces" : undefined),
      }),
      fleeting: () => ({
        ...fleetingAdapter(vendor, { hasKeys: false }),
        missing: () => "its key is not set",
      }),
    }),
  });
}

/** The same stack in a later process, with another configuration. */
function reconfigured(stack: TestStack, config: RtcConfig): TestStack {
  return stack.sibling(stack.stack, { ...stack.options, config });
}

const vendorOf = ({ inputs }: Resource) => inputs["vendor"];
const logsOf = (stack: TestStack) => stack.logs.map(({ level, message }) => `${level}: ${message}`);

describe("a declared room without a vendor", () => {
  it("goes to the first that fits, which is an input from then on", async () => {
    expect(vendorOf(await stackOf().up())).toBe("memory");
    const order = { vendors: ["fleeting", "other", "memory"] };
    expect(vendorOf(await stackOf(order).up()), "the first is not configured").toBe("other");
    expect(vendorOf(await stackOf(order).up({ name: "a b" })), "the second has no such name").toBe("memory");
    expect(vendorOf(await stackOf(order).up({ region: "eu" })), "or no such region").toBe("memory");
  });

  it.each([
    ["the order changes", { vendors: ["other", "memory"] }],
    ["a vendor is put before it", { vendors: ["other", "memory", "fleeting"] }],
  ])("stays where it is when %s, and a preview reports where a new one would go", async (_when, config) => {
    const stack = stackOf();
    const hall = await stack.up();
    const later = reconfigured(stack, config);
    const { inputs, diff } = await later.plan(hall, {}, true);
    expect([inputs["vendor"], diff]).toEqual([
      "memory",
      { changes: false, replaces: [], deleteBeforeReplace: true },
    ]);
    expect(logsOf(later)).toEqual([
      "info: it stays at memory; a new room would go to other now. To move it there, which replaces it, set vendor: other",
    ]);
  });

  it("stays also when another input recreates it, where check does not get the old inputs", async () => {
    const stack = stackOf();
    const hall = await stack.up({ maxParticipants: 5 });
    const later = reconfigured(stack, { vendors: ["other", "memory"] });
    const { diff } = await later.plan(hall, { maxParticipants: 6 });
    expect(diff.replaces).toEqual(["maxParticipants"]);
    expect(later.check({ maxParticipants: 6 }).inputs["vendor"]).toBe("memory");
  });

  it("reports nothing where it is at the vendor of today, or where the program names one", async () => {
    const stack = stackOf();
    const hall = await stack.up();
    await stack.newProcess().plan(hall, {}, true);
    const later = reconfigured(stack, { vendors: ["other", "memory"] });
    await later.plan(hall, { vendor: "memory" }, true);
    expect([...logsOf(stack), ...logsOf(later)]).toEqual([]);
  });

  it("goes where a new one would when a refresh has found it gone", async () => {
    const stack = stackOf();
    const hall = await stack.up();
    stack.vendor.lose(at("hall"));
    const later = reconfigured(stack, { vendors: ["other", "memory"] });
    expect(await later.room.read(hall.id, hall.outs)).toBeNull();
    expect(vendorOf(await later.up())).toBe("other");
    expect(later.check({ vendor: "memory" }).inputs["vendor"], "but an explicit vendor keeps it").toBe(
      "memory",
    );
  });

  it("is rejected where its vendor is not to be used any more, with every vendor's reason", async () => {
    const stack = stackOf();
    const hall = await stack.up();
    const later = reconfigured(stack, { ...FIRST, disabledVendors: ["memory"] });
    const { issues } = later.check({}, { olds: hall.inputs, dryRun: true });
    expect(issues).toEqual([
      {
        path: "",
        message:
          "NOT_CONFIGURED: memory: is disabled (rtc:disabledVendors); other: fits; fleeting: its key is not set. It is at memory, and stays there unless vendor names another",
      },
    ]);
  });

  it("goes where the preview reported, however many calls fail before its turn", async () => {
    const stack = stackOf();
    const { inputs } = stack.check({}, { name: "last", dryRun: true });
    stack.newProcess().vendor.fault = "unreachable";
    for (const name of ["a", "b", "c", "d", "e", "f"])
      await expect(stack.up({}, name)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(stack.check({}, { name: "last" }).inputs).toEqual(inputs);
  });
});

describe("a declared room with a vendor", () => {
  it("moves when that is another, with the reason in the preview", async () => {
    const stack = stackOf();
    const hall = await stack.up();
    const { diff } = await stack.newProcess().plan(hall, { vendor: "other" }, true);
    expect(diff.replaces).toEqual(["vendor"]);
    expect(logsOf(stack)).toEqual([
      "info: the room moves from memory to other: it is deleted there, and created here",
    ]);
  });

  it.each<[string, RoomResourceInput, string, string]>([
    [
      "has no keys",
      { vendor: "fleeting" },
      "",
      "NOT_CONFIGURED: fleeting: its key is not set; memory: fits; other: fits",
    ],
    [
      "has no such region",
      { vendor: "other", region: "eu" },
      "region",
      "INVALID_ARGUMENT: other: has no region eu; there is none; memory: fits; fleeting: its key is not set",
    ],
    [
      "cannot carry the name",
      { vendor: "other", name: "a b" },
      "name",
      "INVALID_ARGUMENT: other: cannot carry the name: a name has no spaces; memory: fits; fleeting: its key is not set",
    ],
    [
      "cannot record",
      { vendor: "other", enableRecording: true },
      "enableRecording",
      "UNSUPPORTED: other: cannot rtc.recording.start: there is nothing to record with; memory: fits; fleeting: cannot rtc.recording.start: there is nothing to record with",
    ],
  ])("that %s is rejected in the preview, with what every vendor could", (_why, declared, path, message) => {
    const stack = stackOf({ ...FIRST, recordingOutput: "s3://acme/" });
    expect(stack.check({ ...declared }, { dryRun: true }).issues).toEqual([{ path, message }]);
    expect(stack.vendor.calls).toEqual([]);
  });
});
