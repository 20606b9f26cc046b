import { describe, expect, it } from "vitest";
import { at, TestStack } from "./fixture.ts";
import {
  check,
  OUTPUT,
  of,
  publish,
  read,
  record,
  recorded,
  recordings,
  update,
} from "./recording-fixture.ts";

/** A recording of a room that is not given as a resource. */
const BY_NAME = { room: "hall", outputUri: OUTPUT };

describe("update of a recording", () => {
  it("changes the layout of one that goes on, and it stays the same recording", async () => {
    const { stack, hall, tape } = await recorded();
    publish(stack);
    const { outs } = await update(stack, tape, { ...of(hall), layout: "speaker" });
    expect(outs).toEqual({ ...tape.outs, layout: "speaker" });
    expect(recordings(stack)).toMatchObject([{ layout: "speaker", status: "active" }]);
  });

  it("takes a layout back to the default where it is no longer declared", async () => {
    const { stack, hall, tape } = await recorded({ layout: "speaker" });
    const { outs } = await update(stack, tape, of(hall));
    expect(outs).not.toHaveProperty("layout");
    expect(recordings(stack)).toMatchObject([{ layout: "grid" }]);
  });

  it("changes the record alone after the end, whether or not the state has the end", async () => {
    const { stack, hall, tape } = await recorded();
    stack.vendor.recorder.kill("EG_1");
    const unseen = await update(stack, tape, { ...of(hall), layout: "speaker" });
    expect(unseen.outs["layout"]).toBe("speaker");
    expect(stack.vendor.calls).not.toContain("updateRecording");
    const observed = await read(stack, tape);
    stack.vendor.calls.length = 0;
    const { outs } = await update(stack, observed, { ...of(hall), layout: "speaker" });
    expect(outs).toEqual({ ...observed.outs, layout: "speaker" });
    expect(stack.vendor.calls).toEqual([]);
    stack.vendor.recorder.forget("EG_1");
    await update(stack, tape, { ...of(hall), layout: "speaker" });
    expect(stack.vendor.calls).not.toContain("updateRecording");
  });

  it("makes no call to change what is stored here alone, and takes away what is no longer declared", async () => {
    const { stack, hall, tape } = await recorded({ metadata: { a: 1 } });
    stack.vendor.calls.length = 0;
    const declared = {
      ...of(hall),
      metadata: { b: 2 },
      restartPolicy: "onFailure",
      forceDestroy: true,
    } as const;
    const changed = await update(stack, tape, declared);
    const { metadata, ...rest } = tape.outs;
    expect(changed.outs).toEqual({
      ...rest,
      metadata: { b: 2 },
      restartPolicy: "onFailure",
      forceDestroy: true,
    });
    expect((await update(stack, changed, of(hall))).outs).toEqual(rest);
    expect(stack.vendor.calls).toEqual([]);
  });

  it("keeps the generation of the room that is recorded, where only its name was declared", async () => {
    const stack = new TestStack();
    await stack.up();
    const tape = await record(stack, BY_NAME);
    const { outs } = await update(stack, tape, { ...BY_NAME, metadata: { a: 1 } });
    expect(outs["roomSid"]).toBe("RM_1");
  });

  it("rejects another endpoint than the state's", async () => {
    const { stack, hall, tape } = await recorded();
    tape.outs["endpoint"] = "https://old.example";
    const attempt = update(stack, tape, { ...of(hall), metadata: { a: 1 } });
    await expect(attempt).rejects.toMatchObject({ code: "ENDPOINT_MISMATCH" });
  });
});

describe("update of a recording, another start", () => {
  const always = { restartPolicy: "always" } as const;

  it("is made where the policy asks for one, and the file of the ended one stays listed", async () => {
    const { stack, hall, tape } = await recorded(always);
    let current = tape;
    for (const [round, id] of ["EG_1", "EG_2", "EG_3"].entries()) {
      publish(stack);
      const running = stack.vendor.recorder.recordings.get(id);
      if (running) stack.vendor.recorder.stop(running);
      await read(stack, current); // it is ending still
      const ended = await read(stack, current);
      expect(ended.outs).toMatchObject({ status: "complete", restartDue: true });
      current = await update(stack, ended, { ...of(hall), ...always });
      expect(current.outs).toMatchObject({
        recording: `memory:EG_${round + 2}`,
        status: "starting",
        files: ["EG_1", "EG_2", "EG_3"].slice(0, round + 1).map((name) => ({ recording: `memory:${name}` })),
      });
      for (const old of ["restartDue", "endedAt", "durationSeconds", "error"])
        expect(current.outs).not.toHaveProperty(old);
    }
    expect(current.id).toBe("memory:hall/tape");
  });

  it("is armed in the current room", async () => {
    const stack = new TestStack();
    await stack.up();
    const tape = await record(stack, { ...BY_NAME, ...always });
    stack.vendor.lose(at("hall"));
    stack.vendor.make(at("hall"));
    const { outs } = await update(stack, await read(stack, tape), { ...BY_NAME, ...always });
    expect(outs).toMatchObject({ recording: "memory:EG_2", roomSid: "RM_2" });
  });

  it("is the one of a run that was killed after it", async () => {
    const { stack, hall, tape } = await recorded(always);
    stack.vendor.recorder.kill("EG_1");
    const ended = await read(stack, tape);
    await update(stack, ended, { ...of(hall), ...always }); // its result is lost
    const { outs } = await update(stack.newProcess(), ended, { ...of(hall), ...always });
    expect(outs).toMatchObject({ recording: "memory:EG_2" });
    expect(recordings(stack)).toHaveLength(2);
  });

  it("is made with what else has changed", async () => {
    const { stack, hall, tape } = await recorded(always);
    stack.vendor.recorder.kill("EG_1");
    const ended = await read(stack, tape);
    const { outs } = await update(stack, ended, { ...of(hall), ...always, layout: "speaker" });
    expect(outs).toMatchObject({ recording: "memory:EG_2", layout: "speaker" });
    expect(recordings(stack)[1]).toMatchObject({ layout: "speaker" });
  });

  it("is not made where the policy was removed in the same change, nor before a refresh has observed the end", async () => {
    const { stack, hall, tape } = await recorded(always);
    stack.vendor.recorder.kill("EG_1");
    const ended = await read(stack, tape);
    const { outs } = await update(stack, ended, of(hall));
    expect(outs).toMatchObject({ recording: "memory:EG_1", status: "failed" });
    expect(outs).not.toHaveProperty("restartDue");
    await update(stack, tape, { ...of(hall), ...always, metadata: { a: 1 } });
    expect(recordings(stack)).toHaveLength(1);
  });

  it("is made for a resource that was renamed with an alias, or got a parent", async () => {
    const { stack, hall, tape } = await recorded(always);
    stack.vendor.recorder.kill("EG_1");
    const ended = await read(stack, tape);
    const { inputs } = check(stack, { ...of(hall), ...always }, { olds: tape.inputs, name: "renamed" });
    const { outs } = await stack.recording.update(ended.id, ended.outs, inputs);
    expect(outs).toMatchObject({ recording: "memory:EG_2" });
  });

  it("is made for a policy that is new on an ended one, if its room is there", async () => {
    const { stack, hall, tape } = await recorded();
    stack.vendor.recorder.kill("EG_1");
    const ended = await read(stack, tape);
    const { outs } = await update(stack, ended, { ...of(hall), restartPolicy: "onFailure" });
    expect(outs["recording"]).toBe("memory:EG_2");
    stack.vendor.lose(at("hall"));
    const gone = await update(stack, ended, { ...of(hall), restartPolicy: "always" });
    expect(gone.outs).toMatchObject({ recording: "memory:EG_1", restartPolicy: "always" });
  });

  it("is an error where the room has gone in the meantime", async () => {
    const { stack, hall, tape } = await recorded(always);
    stack.vendor.recorder.kill("EG_1");
    const ended = await read(stack, tape);
    stack.vendor.lose(at("hall"));
    const attempt = update(stack, ended, { ...of(hall), ...always });
    await expect(attempt).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});
