import { describe, expect, it } from "vitest";
import type { VendorAdapter } from "../../../src/contract/index.ts";
import type { Properties } from "../../../src/reconcile/lifecycle.ts";
import { UNKNOWN } from "../../../src/reconcile/state.ts";
import { memoryAdapter, withoutRecorder } from "../../conformance/memory-adapter.ts";
import { TestStack } from "./fixture.ts";
import { check, OUTPUT, of, reportsOf, urnOf } from "./recording-fixture.ts";

const ROOM = { room: "memory:hall", vendor: "memory", outputUri: OUTPUT };

/** A stack at a vendor that records to S3 only. */
function pickyStack(config: TestStack["options"]["config"]): TestStack {
  const picky = (good: VendorAdapter): VendorAdapter => ({
    ...good,
    recordings: good.recordings && {
      ...good.recordings,
      badSettings: ({ outputUri }) =>
        outputUri.startsWith("s3://") ? {} : { outputUri: "it records to s3:// only" },
    },
  });
  return new TestStack({ config, vendors: (vendor) => ({ memory: () => picky(memoryAdapter(vendor)) }) });
}

describe("check of a recording, what it rejects", () => {
  it("reports every problem at once, each once and with its path", () => {
    const { issues } = check(new TestStack(), {
      room: "",
      layout: "mosaic",
      audioOnly: "yes",
      outputUri: "ftp://acme/hall/",
      metadata: "text",
      restartPolicy: "sometimes",
      forceDestroy: 1,
      vendor: 7,
      roomSid: "",
    } as unknown as Properties);
    expect(issues.map(({ path }) => path).sort()).toEqual([
      "audioOnly",
      "forceDestroy",
      "layout",
      "metadata",
      "outputUri",
      "restartPolicy",
      "room",
      "roomSid",
      "vendor",
    ]);
  });

  it("reports a vendor or a room that there cannot be beside the other problems", () => {
    const stack = new TestStack({ regions: ["eu"] });
    const vendor = check(stack, { room: "hall", vendor: "memroy", layout: "mosaic", outputUri: OUTPUT });
    expect(vendor.issues.map(({ path }) => path).sort()).toEqual(["layout", "vendor"]);
    const region = check(stack, { room: "memory@mars:hall", layout: "mosaic", outputUri: OUTPUT });
    expect(region.issues.map(({ path }) => path).sort()).toEqual(["layout", "room"]);
    expect(region.issues.map(({ message }) => message).join()).toContain("there is eu");
    const name = check(stack, { room: "a\0b", outputUri: OUTPUT });
    expect(name.issues.map(({ path }) => path)).toEqual(["room"]);
  });

  it("names the property that was meant by a misspelt one", () => {
    const { issues } = check(new TestStack(), { ...ROOM, outputUrl: OUTPUT });
    expect(issues).toEqual([{ path: "outputUrl", message: "is not known; did you mean outputUri?" }]);
  });

  it("prints no value, since it may be a secret", () => {
    const secret = "hunter2-hunter2";
    const wrong: Properties = {
      layout: secret,
      audioOnly: secret,
      outputUri: `s3://key:${secret}@acme/hall/`,
      metadata: [secret],
      restartPolicy: secret,
      forceDestroy: secret,
      vendor: [secret],
      unheardOf: secret,
    };
    for (const [key, value] of Object.entries(wrong)) {
      const { issues } = check(new TestStack(), { ...ROOM, [key]: value });
      expect(issues, key).toHaveLength(1);
      expect(JSON.stringify(issues), key).not.toContain(secret);
    }
  });

  it.each([
    ["a number", 7],
    ["a list", [OUTPUT]],
    ["an object", { uri: OUTPUT }],
  ])("rejects an output address that is %s, and does not fail over it", (_name, outputUri) => {
    const { issues } = check(new TestStack(), { ...ROOM, outputUri } as unknown as Properties);
    expect(issues).toEqual([{ path: "outputUri", message: "must be a string" }]);
  });

  it("rejects a restart that would overwrite the file before, and warns of what else would", () => {
    const fixed = { ...ROOM, outputUri: "s3://acme/hall.mp4" };
    const { issues } = check(new TestStack(), { ...fixed, restartPolicy: "always" });
    expect(issues).toMatchObject([{ path: "outputUri", message: expect.stringContaining("overwrite") }]);
    const stack = new TestStack();
    expect(check(stack, fixed, { dryRun: true }).issues).toEqual([]);
    expect(stack.logs).toMatchObject([
      { level: "warn", message: expect.stringContaining("overwrites this file") },
    ]);
    const named = { ...ROOM, outputUri: "s3://acme/{time}.mp4", restartPolicy: "always" } as const;
    expect(check(new TestStack(), named).issues).toEqual([]);
  });

  it("rejects a file for audio alone where there is video, and names both ways out", () => {
    const { issues } = check(new TestStack(), { ...ROOM, outputUri: "s3://acme/hall.ogg" });
    expect(issues).toEqual([
      { path: "outputUri", message: ".ogg holds audio only: set audioOnly, or record .mp4" },
    ]);
    const audio = check(new TestStack(), { ...ROOM, outputUri: "s3://acme/hall.ogg", audioOnly: true });
    expect(audio.issues).toEqual([]);
  });

  it("rejects a vendor that is not the room's", () => {
    const { issues } = check(new TestStack(), { ...ROOM, vendor: "other" });
    expect(issues).toEqual([{ path: "vendor", message: "is not the room's, which is memory" }]);
  });

  it("rejects a vendor that cannot record, without a call", () => {
    const stack = new TestStack({ records: false });
    const { issues } = check(stack, ROOM);
    expect(issues).toEqual([
      {
        path: "",
        message: "UNSUPPORTED: memory: cannot rtc.recording.start: there is nothing to record with",
      },
    ]);
    expect(stack.vendor.calls).toEqual([]);
  });

  it("rejects a vendor that cannot record while the room is not known yet, and names the one that fits", () => {
    const vendors: TestStack["options"]["vendors"] = (vendor) => ({
      memory: () => memoryAdapter(vendor),
      mute: () => ({ ...withoutRecorder(memoryAdapter(vendor)), vendor: "mute" }),
    });
    const stack = new TestStack({ vendors });
    const { issues } = check(stack, { ...ROOM, room: UNKNOWN, vendor: "mute" }, { dryRun: true });
    expect(issues).toEqual([
      {
        path: "",
        message:
          "UNSUPPORTED: mute: cannot rtc.recording.start: there is nothing to record with; memory: fits",
      },
    ]);
  });

  it("rejects a recording that is declared twice, with the other's URN", () => {
    const stack = new TestStack();
    expect(check(stack, ROOM, { name: "first" }).issues).toEqual([]);
    const { issues } = check(stack, ROOM, { name: "second" });
    expect(issues).toEqual([
      {
        path: "",
        message: `room memory:hall is recorded twice with the same layout, audio and output: also by ${urnOf(stack, "first")}`,
      },
    ]);
  });

  it.each([
    ["a default that is written out", { ...ROOM, layout: "grid", audioOnly: false }],
    ["a room by name", { ...ROOM, room: "hall" }],
    ["an address of the same folder", { ...ROOM, outputUri: OUTPUT.slice(0, -1) }],
    ["the file that the folder stands for", { ...ROOM, outputUri: `${OUTPUT}{room_name}-{time}.mp4` }],
    ["other metadata and another policy", { ...ROOM, metadata: { a: 1 }, restartPolicy: "always" as const }],
  ])("takes %s for the same recording", (_name, again) => {
    const stack = new TestStack();
    check(stack, ROOM, { name: "first" });
    expect(check(stack, again, { name: "second" }).issues).toHaveLength(1);
  });

  it.each([
    ["layout", { ...ROOM, layout: "speaker" }],
    ["audio", { ...ROOM, audioOnly: true }],
    ["output", { ...ROOM, outputUri: "s3://acme/other/" }],
    ["room", { ...ROOM, room: "lobby" }],
  ])("lets a room be recorded twice with another %s", (_name, other) => {
    const stack = new TestStack();
    check(stack, ROOM, { name: "first" });
    expect(check(stack, other, { name: "second" }).issues).toEqual([]);
  });

  it("lets two recordings swap their outputs", () => {
    const stack = new TestStack();
    const [a, b] = [
      { ...ROOM, outputUri: "s3://acme/a/" },
      { ...ROOM, outputUri: "s3://acme/b/" },
    ];
    expect(check(stack, b, { name: "first", olds: a }).issues).toEqual([]);
    expect(check(stack, a, { name: "second", olds: b }).issues).toEqual([]);
  });
});

describe("check of a recording, what it leaves behind", () => {
  it("resolves room, vendor and output, and takes out what is hidden", () => {
    const stack = new TestStack({ config: { recordingOutput: "s3://acme/all/" } });
    const { inputs, issues } = check(stack, { room: "hall" });
    expect(issues).toEqual([]);
    expect(inputs).toEqual({ room: "memory:hall", vendor: "memory", outputUri: "s3://acme/all/" });
    expect(stack.vendor.calls).toEqual([]);
  });

  it("takes the room's region from its id", () => {
    const stack = new TestStack({ regions: ["eu"] });
    const { inputs } = check(stack, { room: "memory@eu:hall", outputUri: OUTPUT });
    expect(inputs).toEqual({ room: "memory@eu:hall", vendor: "memory", outputUri: OUTPUT });
  });

  it("lets a declared output win over the configured one", () => {
    const stack = new TestStack({ config: { recordingOutput: "s3://acme/all/" } });
    expect(check(stack, ROOM).inputs["outputUri"]).toBe(OUTPUT);
  });

  it("reports what to set where nothing reports where to", () => {
    for (const outputUri of [undefined, null]) {
      const { issues } = check(new TestStack(), { ...ROOM, outputUri } as unknown as Properties);
      expect(issues).toEqual([
        {
          path: "outputUri",
          message: "no destination: set rtc:recordingOutput (or RTC_RECORDING_OUTPUT)",
        },
      ]);
    }
  });

  it("asks a vendor that records to some destinations only about the configured output where none is declared", () => {
    const { issues } = check(pickyStack({ recordingOutput: "s3://acme/all/" }), { room: "hall" });
    expect(issues).toEqual([]);
    const elsewhere = check(pickyStack({ recordingOutput: "gs://acme/all/" }), { room: "hall" });
    const message = "INVALID_ARGUMENT: memory: cannot hold outputUri: it records to s3:// only";
    expect(elsewhere.issues).toEqual([{ path: "outputUri", message }]);
    const unknown = check(pickyStack({ recordingOutput: "gs://acme/all/" }), { ...ROOM, outputUri: UNKNOWN });
    expect(unknown.issues).toEqual([]);
  });

  it.each([
    ["ftp://acme/", "rtc:recordingOutput must begin with s3://"],
    ["s3://key:hunter2@acme/", "rtc:recordingOutput must be bucket and path alone"],
    ["s3://acme/all.ogg", "rtc:recordingOutput .ogg holds audio only"],
  ])(
    "names the key where the configured output %s is wrong, once and without its value",
    (output, message) => {
      const stack = new TestStack({ config: { recordingOutput: output } });
      const { issues } = check(stack, { room: "hall" });
      expect(issues).toEqual([{ path: "outputUri", message: expect.stringContaining(message) }]);
      expect(JSON.stringify(issues)).not.toContain("hunter2");
    },
  );
});

describe("check of a recording, what is not known yet", () => {
  it("passes an unknown value in place of any property", () => {
    const keys = [
      ...["layout", "audioOnly", "outputUri", "metadata"],
      ...["restartPolicy", "forceDestroy", "roomSid", "vendor"],
    ];
    for (const key of keys) {
      const { inputs, issues } = check(new TestStack(), { ...ROOM, [key]: UNKNOWN });
      expect(issues, key).toEqual([]);
      expect(inputs, key).toMatchObject({ [key]: UNKNOWN });
    }
  });

  it("passes an unknown room, and does not take two of them for the same", () => {
    const stack = new TestStack();
    const { inputs, issues } = check(stack, { ...ROOM, room: UNKNOWN }, { name: "first" });
    expect(issues).toEqual([]);
    expect(inputs).toEqual({ ...ROOM, room: UNKNOWN });
    expect(check(stack, { ...ROOM, room: UNKNOWN }, { name: "second" }).issues).toEqual([]);
  });

  it("resolves a room resource that does not exist yet, and rejects a second recording of it", () => {
    const stack = new TestStack();
    stack.check({}, { dryRun: true });
    const ofHall = { ...ROOM, room: UNKNOWN, roomSid: UNKNOWN };
    check(stack, ofHall, { name: "first", dryRun: true });
    const [issue] = check(stack, ofHall, { name: "second", dryRun: true }).issues;
    expect(issue?.message).toContain("room memory:hall is recorded twice");
    expect(check(stack, { ...ofHall, audioOnly: true }, { name: "third", dryRun: true }).issues).toEqual([]);
  });

  it("does not reject a file for audio where it is not known whether there is video", () => {
    const ogg = { ...ROOM, audioOnly: UNKNOWN, outputUri: "s3://acme/hall.ogg" } as unknown as Properties;
    expect(check(new TestStack(), ogg).issues).toEqual([]);
    const configured = new TestStack({ config: { recordingOutput: "s3://acme/{time}.ogg" } });
    const unknown = { room: "hall", audioOnly: UNKNOWN } as unknown as Properties;
    expect(check(configured, unknown).issues).toEqual([]);
  });

  it("still rejects what is known to be wrong", () => {
    const { issues } = check(new TestStack(), { ...ROOM, room: UNKNOWN, layout: "mosaic" });
    expect(issues.map(({ path }) => path)).toEqual(["layout"]);
  });
});

describe("check of a recording, the warning that it would record silence", () => {
  const silence = "warn: the room never closes by itself, so this records silence";

  it("stands in a preview of a new recording of a room resource without emptyTimeoutSeconds", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    check(stack, of(hall), { dryRun: true });
    expect(reportsOf(stack)).toEqual([expect.stringContaining(silence)]);
    expect(stack.logs[0]).toMatchObject({ urn: urnOf(stack) });
    expect(stack.logs[0]?.message).toContain("set emptyTimeoutSeconds on the room");
  });

  it("does not stand where the room closes by itself, or the time until then is not known yet", async () => {
    for (const emptyTimeoutSeconds of [600, UNKNOWN]) {
      const stack = new TestStack();
      stack.check({ emptyTimeoutSeconds });
      check(stack, ROOM, { dryRun: true, ofResource: true });
      expect(reportsOf(stack)).toEqual([]);
    }
  });

  it("is not repeated once the recording is there, in an up, or of a room that is not managed here", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    const { inputs } = check(stack, of(hall));
    check(stack, of(hall), { dryRun: true, olds: inputs });
    check(stack, ROOM, { dryRun: true, ofResource: false });
    check(stack.newProcess(), of(hall), { dryRun: true }); // as with --target, of whose room nothing is known
    expect(reportsOf(stack)).toEqual([]);
  });
});
