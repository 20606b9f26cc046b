import { describe, expect, it } from "vitest";
import { at, TestStack } from "./fixture.ts";
import {
  check,
  OUTPUT,
  of,
  publish,
  record,
  recorded,
  recordings,
  reportsOf,
  urnOf,
} from "./recording-fixture.ts";

describe("create of a recording", () => {
  it("starts what is declared, and is done when it has not failed for two seconds", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    const { id, outs } = await record(stack, { ...of(hall), layout: "speaker", metadata: { a: 1 } });
    expect(id).toBe("memory:hall/tape");
    expect(recordings(stack)).toMatchObject([
      {
        id: "EG_1",
        name: "hall",
        layout: "speaker",
        audioOnly: false,
        outputUri: OUTPUT,
        status: "starting",
      },
    ]);
    expect(outs).toEqual({
      room: "memory:hall",
      roomSid: "RM_1",
      vendor: "memory",
      layout: "speaker",
      outputUri: OUTPUT,
      metadata: { a: 1 },
      recording: "memory:EG_1",
      status: "starting",
      startedAt: "2023-11-14T22:13:21.000Z",
      endpoint: "https://memory.example",
      schemaVersion: 1,
    });
    expect(stack.clock.now()).toBe(2_000);
  });

  it("is done at once where participants publish already", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    stack.clock.after(700, () => publish(stack));
    const { outs } = await record(stack, of(hall));
    expect(outs["status"]).toBe("active");
    expect(stack.clock.now()).toBe(1_000);
  });

  it("takes the room's generation from the vendor, whatever was declared", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    stack.vendor.lose(at("hall"));
    stack.vendor.make(at("hall"));
    expect((await record(stack, of(hall))).outs["roomSid"]).toBe("RM_2");
    expect((await record(stack, { room: "hall", outputUri: "s3://acme/b/" }, "b")).outs["roomSid"]).toBe(
      "RM_2",
    );
  });

  it("goes where the configuration reports, and remembers that", async () => {
    const stack = new TestStack({ config: { recordingOutput: "gs://acme/all/" } });
    const hall = await stack.up();
    const { outputUri, ...rest } = of(hall);
    const { outs } = await record(stack, rest);
    expect([outs["outputUri"], recordings(stack)[0]?.outputUri]).toEqual([
      "gs://acme/all/",
      "gs://acme/all/",
    ]);
  });

  it("is an error where the vendor accepts it and it fails at once, and nothing is remembered", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    stack.vendor.recorder.startFailure = "no template";
    await expect(record(stack, of(hall))).rejects.toMatchObject({
      code: "VENDOR_ERROR",
      message: "recording memory:EG_1 of room memory:hall failed at once: no template",
    });
  });

  it("is an error where it ends within the two seconds before it began", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    stack.clock.after(1_000, () => stack.vendor.lose(at("hall")));
    await expect(record(stack, of(hall))).rejects.toMatchObject({
      code: "VENDOR_ERROR",
      message: expect.stringContaining("aborted at once: the room closed before a participant published"),
    });
  });

  it("does not lose an accepted recording because a read of it fails", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    stack.clock.after(500, () => {
      stack.vendor.fault = "unreachable";
    });
    const { outs } = await record(stack, of(hall));
    expect(outs).toMatchObject({ recording: "memory:EG_1", status: "starting" });
  });

  it("reports what to do where the room is not there", async () => {
    const stack = new TestStack();
    const hall = await stack.up({ emptyTimeoutSeconds: 60 });
    stack.vendor.lose(at("hall"));
    await expect(record(stack, of(hall))).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringMatching(
        /room memory:hall does not exist.*with a timeout, the next join recreates it.*never created/,
      ),
    });
    expect(stack.vendor.calls).not.toContain("startRecording");
  });

  it("shows every three seconds that it waits for the vendor to take it", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    stack.vendor.recorder.answersAfter = new Promise((taken) => stack.clock.after(9_500, () => taken()));
    await record(stack, of(hall));
    const waited = "progress: waiting for the vendor to accept the recording";
    expect(reportsOf(stack)).toEqual([3, 6, 9].map((seconds) => `${waited}, ${seconds} s`));
    expect(stack.logs.map(({ urn }) => urn)).toEqual(Array(3).fill(urnOf(stack)));
  });
});

describe("create of a recording that runs already", () => {
  it("adopts its own of a run that was killed, and starts no other", async () => {
    const { stack, hall, tape } = await recorded();
    const repaired = await record(stack, of(hall));
    expect(repaired.outs).toEqual(tape.outs);
    expect(recordings(stack)).toHaveLength(1);
  });

  it("adopts one that is active, also by the file that its address stands for", async () => {
    const { stack, hall } = await recorded();
    publish(stack);
    const [running] = recordings(stack);
    Object.assign(running ?? {}, { outputUri: `${OUTPUT}{room_name}-{time}.mp4` });
    const { outs } = await record(stack, of(hall));
    expect(outs).toMatchObject({ recording: "memory:EG_1", status: "active", outputUri: OUTPUT });
  });

  it.each([
    ["audio alone", { audioOnly: true }],
    ["another output", { outputUri: "s3://acme/other/" }],
  ])("starts its own beside one with %s", async (_name, change) => {
    const { stack, hall } = await recorded();
    const { outs } = await record(stack, { ...of(hall), ...change }, "other");
    expect(outs["recording"]).toBe("memory:EG_2");
  });

  it("starts its own beside one with another layout that another resource declares", async () => {
    const { stack, hall, tape } = await recorded();
    stack.clock.after(500, () => check(stack, of(hall), { olds: tape.inputs }));
    const { outs } = await record(stack, { ...of(hall), layout: "speaker" }, "other");
    expect(outs["recording"]).toBe("memory:EG_2");
  });

  it("adopts one with another layout that nothing declares any more, and changes the layout in place", async () => {
    const { stack, hall } = await recorded();
    const { outs } = await record(stack, { ...of(hall), layout: "speaker" });
    expect(outs).toMatchObject({ recording: "memory:EG_1", layout: "speaker" });
    expect(recordings(stack)).toMatchObject([{ layout: "speaker" }]);
  });

  it("starts its own beside one that has ended, or is about to", async () => {
    const { stack, hall } = await recorded();
    stack.vendor.recorder.kill("EG_1");
    expect((await record(stack, of(hall))).outs["recording"]).toBe("memory:EG_2");
    publish(stack);
    const [, running] = recordings(stack);
    Object.assign(running ?? {}, { status: "ending", looksToFinish: 9 });
    expect((await record(stack.newProcess(), of(hall))).outs["recording"]).toBe("memory:EG_3");
  });

  it("starts its own beside one of an earlier generation of the room", async () => {
    const { stack, hall } = await recorded();
    const [running] = recordings(stack);
    Object.assign(running ?? {}, { sid: "RM_0" });
    expect((await record(stack, of(hall))).outs["recording"]).toBe("memory:EG_2");
  });

  it("starts its own in a room that is not this stack's, which another may record alike", async () => {
    const { stack, hall } = await recorded();
    const other = stack.sibling("other");
    expect((await record(other, of(hall))).outs["recording"]).toBe("memory:EG_2");
    const untagged = new TestStack();
    untagged.vendor.make(at("hall"));
    const declared = { room: "hall", outputUri: OUTPUT };
    await record(untagged, declared);
    await record(untagged.newProcess(), declared);
    expect(recordings(untagged)).toHaveLength(2);
  });

  it("starts its own with rtc:ownerMark false, where nothing reports who owns the room", async () => {
    const { stack, hall } = await recorded();
    const untagged = stack.sibling("dev", { config: { ownerMark: false } });
    expect((await record(untagged, of(hall))).outs["recording"]).toBe("memory:EG_2");
  });

  it("takes nothing from a resource that has it and is checked a moment later: that is a recording declared twice", async () => {
    const { stack, hall, tape } = await recorded();
    stack.clock.after(500, () => check(stack, of(hall), { olds: tape.inputs }));
    await expect(record(stack, of(hall), "again")).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("memory:hall is recorded twice"),
    });
  });

  it("leaves a recording to its owner, another resource of the program", async () => {
    const { stack, hall, tape } = await recorded();
    const { inputs } = check(stack, { ...of(hall), layout: "speaker" }, { olds: tape.inputs });
    await stack.recording.diff(tape.id, tape.outs, inputs);
    const { outs } = await record(stack, of(hall), "other");
    expect(outs["recording"]).toBe("memory:EG_2");
  });
});
