import { describe, expect, it } from "vitest";
import { at, type Resource, TestStack } from "./fixture.ts";
import {
  check,
  of,
  publish,
  read,
  record,
  recorded,
  recordings,
  reportsOf,
  update,
  urnOf,
} from "./recording-fixture.ts";

describe("delete of a recording", () => {
  it("stops it, waits until its file is finished, and names the file", async () => {
    const { stack, tape } = await active();
    await remove(stack, tape);
    expect(recordings(stack)).toMatchObject([{ status: "complete" }]);
    expect(reportsOf(stack)).toEqual([
      "info: recording memory:EG_1 is complete, s3://acme/hall/EG_1.mp4 (it was stopped before its room closed)",
    ]);
  });

  it("polls every half second, and reports every ten seconds that it waits", async () => {
    const { stack, tape } = await active();
    const began = stack.clock.now();
    stack.vendor.recorder.looksToFinish = 50;
    await remove(stack, tape);
    expect(reportsOf(stack).filter((text) => text.startsWith("progress"))).toEqual([
      "progress: finishing memory:EG_1, 10 s",
      "progress: finishing memory:EG_1, 20 s",
    ]);
    expect(stack.clock.now() - began).toBe(25_000);
  });

  it("gives up after ten minutes, and keeps it in the state", async () => {
    const { stack, tape } = await active();
    const began = stack.clock.now();
    stack.vendor.recorder.looksToFinish = Number.POSITIVE_INFINITY;
    await expect(remove(stack, tape)).rejects.toMatchObject({
      code: "DEADLINE_EXCEEDED",
      message: expect.stringMatching(
        /memory:EG_1 is ending .* within 10 minutes; it stays in the state, so destroy again later/,
      ),
    });
    expect(stack.clock.now() - began).toBeGreaterThan(10 * 60_000);
    expect(stack.clock.now() - began).toBeLessThan(10 * 60_000 + 1_000);
  });

  it("reports why there is no file where storing it fails", async () => {
    const { stack, tape } = await active();
    stack.vendor.recorder.storageFailure = "access denied";
    await remove(stack, tape);
    expect(reportsOf(stack)).toEqual([
      "info: recording memory:EG_1 is failed, without a file (access denied)",
    ]);
  });

  it("ends one without a published track", async () => {
    const { stack, tape } = await recorded();
    const began = stack.clock.now();
    await remove(stack, tape);
    expect(recordings(stack)).toMatchObject([{ status: "aborted" }]);
    expect(stack.clock.now(), "there is nothing to wait for").toBe(began);
  });

  it("waits for one that is ending already", async () => {
    const { stack, tape } = await active();
    const [one] = recordings(stack);
    if (one) stack.vendor.recorder.stop(one);
    await remove(stack, tape);
    expect(one).toMatchObject({ status: "complete" });
  });

  it("succeeds where it has ended, or the vendor does not have it", async () => {
    const { stack, tape } = await active();
    stack.vendor.lose(at("hall"));
    await remove(stack, tape);
    expect(reportsOf(stack)).toEqual(["info: recording memory:EG_1 is complete, s3://acme/hall/EG_1.mp4"]);
    stack.vendor.recorder.forget("EG_1");
    await remove(stack, tape);
    expect(stack.vendor.calls).not.toContain("stopRecording");
  });

  it("makes no call for one that has ended in the state", async () => {
    const { stack, tape } = await active();
    stack.vendor.recorder.kill("EG_1");
    const ended = await read(stack, tape);
    stack.vendor.calls.length = 0;
    await remove(stack, ended);
    expect(stack.vendor.calls).toEqual([]);
  });

  it("is done where it expires at the vendor while it ends", async () => {
    const { stack, tape } = await active();
    const { recorder } = stack.vendor;
    recorder.looksToFinish = 50;
    stack.clock.after(3_000, () => recorder.forget("EG_1"));
    await remove(stack, tape);
    expect(stack.clock.now()).toBeLessThan(10_000);
  });

  it("reports that it could not ask, rather than that it is done", async () => {
    const { stack, tape } = await active();
    stack.vendor.fault = "broken";
    await expect(remove(stack, tape)).rejects.toMatchObject({ code: "VENDOR_ERROR" });
  });

  it("is rejected where the room could not be created under another name: its successor was skipped", async () => {
    const { stack, tape } = await recorded({}, { room: { name: "hall" } });
    const leave = stack.vendor.enter(at("hall"), "alice");
    stack.newProcess();
    const { inputs } = stack.check({ name: "hall", maxParticipants: 3 }, { name: "foyer" });
    await expect(stack.room.create(inputs)).rejects.toMatchObject({ code: "ROOM_OCCUPIED" });
    leave();
    await expect(stack.recording.delete(tape.id, tape.outs)).rejects.toMatchObject({
      code: "ALREADY_EXISTS",
      message: expect.stringMatching(/memory:EG_1 goes on, and stays in the state.*Repair that/),
    });
    expect(recordings(stack)).toMatchObject([{ status: "starting" }]);
  });

  it("rejects another endpoint than the state's", async () => {
    const { stack, tape } = await active();
    tape.outs["endpoint"] = "https://old.example";
    await expect(remove(stack, tape)).rejects.toMatchObject({ code: "ENDPOINT_MISMATCH" });
    expect(recordings(stack)).toMatchObject([{ status: "active" }]);
  });
});

describe("delete of a recording while the room is occupied", () => {
  it("is rejected, in a destroy too, which would then stop at the occupied room", async () => {
    const { stack, tape } = await recorded();
    const leave = publish(stack);
    await expect(remove(stack, tape)).rejects.toMatchObject({
      code: "ROOM_OCCUPIED",
      message: expect.stringMatching(
        /1 participant is in room memory:hall.*cut it short.*forceDestroy: true on the recording.*RTC_FORCE_DESTROY=true/s,
      ),
    });
    expect(recordings(stack)).toMatchObject([{ status: "active" }]);
    leave();
    await remove(stack, tape);
    expect(recordings(stack)).toMatchObject([{ status: "complete" }]);
  });

  it("is no cut where nothing is recorded yet, or nothing any more", async () => {
    const silent = await recorded();
    silent.stack.vendor.enter(at("hall"), "alice");
    await remove(silent.stack, silent.tape);
    expect(recordings(silent.stack)).toMatchObject([{ status: "aborted" }]);

    const { stack, tape } = await recorded();
    publish(stack);
    const [one] = recordings(stack);
    if (one) stack.vendor.recorder.stop(one);
    await remove(stack, tape);
    expect(one).toMatchObject({ status: "complete" });
  });

  it("does not count the recorder and agents as participants", async () => {
    const { stack, tape } = await active();
    stack.vendor.enter(at("hall"), "recorder", false);
    await remove(stack, tape);
    expect(recordings(stack)).toMatchObject([{ status: "complete" }]);
  });

  it.each([
    ["the resource was declared with forceDestroy", { forceDestroy: true }, {}],
    ["rtc:forceDestroy is set for the whole stack", {}, { forceDestroy: true }],
  ])("is done where %s", async (_name, declared, config) => {
    const { stack, tape } = await recorded(declared, { stack: new TestStack({ config }) });
    publish(stack);
    await remove(stack, tape);
    expect(recordings(stack)).toMatchObject([{ status: "complete" }]);
  });

  it("is done where forceDestroy is new beside the change that replaces it", async () => {
    const { stack, hall, tape } = await recorded();
    publish(stack);
    const declared = { ...of(hall), outputUri: "s3://acme/other/", forceDestroy: true };
    check(stack, declared, { olds: tape.inputs });
    check(stack, declared); // a replacement is checked again, as if there were none yet
    await stack.recording.delete(tape.id, tape.outs);
    expect(recordings(stack)).toMatchObject([{ status: "complete" }]);
  });

  it("is done with its room, where that one's end is forced and the engine asks early", async () => {
    const { stack, tape } = await recorded();
    publish(stack);
    stack.check({ forceDestroy: true, maxParticipants: 5 }, { olds: { name: "hall", vendor: "memory" } });
    await stack.recording.delete(tape.id, tape.outs);
    expect(recordings(stack)).toMatchObject([{ status: "complete" }]);
  });

  it("is rejected where forceDestroy was taken away beside that change", async () => {
    const { stack, hall, tape } = await recorded({ forceDestroy: true });
    publish(stack);
    check(stack, { ...of(hall), outputUri: "s3://acme/other/" }, { olds: tape.inputs });
    const attempt = stack.recording.delete(tape.id, tape.outs);
    await expect(attempt).rejects.toMatchObject({ code: "ROOM_OCCUPIED" });
  });
});

describe("delete of a recording that was only renamed", () => {
  it("leaves it to the resource that has taken it over, in the middle of a class too", async () => {
    const { stack, hall, tape } = await recorded();
    publish(stack);
    const renamed = await record(stack, of(hall), "renamed");
    expect(renamed.outs["recording"]).toBe("memory:EG_1");
    await stack.recording.delete(tape.id, tape.outs);
    expect(recordings(stack)).toMatchObject([{ status: "active" }]);
    expect(reportsOf(stack)).toEqual([
      "info: recording memory:EG_1 continues: memory:hall/renamed manages it now",
    ]);
  });

  it("leaves it to it in the run after one that was killed in between", async () => {
    const { stack, hall, tape } = await recorded();
    const renamed = await record(stack, of(hall), "renamed");
    stack.newProcess();
    const { inputs } = check(stack, of(hall), { olds: renamed.inputs, name: "renamed" });
    await stack.recording.diff(renamed.id, renamed.outs, inputs);
    await stack.recording.delete(tape.id, tape.outs);
    expect(recordings(stack)).toMatchObject([{ status: "starting" }]);
  });

  it("ends it with the last of them", async () => {
    const { stack, hall, tape } = await recorded();
    const renamed = await record(stack, of(hall), "renamed");
    await stack.recording.delete(tape.id, tape.outs);
    await remove(stack, renamed);
    expect(recordings(stack)).toMatchObject([{ status: "aborted" }]);
  });
});

describe("delete of a recording that was started again", () => {
  it("ends the last one, on the row of the resource where it is still declared", async () => {
    const { stack, hall, tape } = await recorded({ restartPolicy: "always" });
    stack.vendor.recorder.kill("EG_1");
    const declared = { ...of(hall), restartPolicy: "always" } as const;
    const again = await update(stack, await read(stack, tape), declared);
    stack.logs.length = 0;
    publish(stack)();
    check(stack.newProcess(), declared, { olds: again.inputs });
    await stack.recording.delete(again.id, again.outs);
    expect(recordings(stack)).toMatchObject([{ status: "failed" }, { status: "complete" }]);
    expect(stack.logs).toMatchObject([
      { level: "info", message: expect.stringContaining("memory:EG_2 is complete"), urn: urnOf(stack) },
    ]);
  });
});

describe("delete of a recording that was restarted", () => {
  it("names the files of earlier starts beside the last one", async () => {
    const always = { restartPolicy: "always" } as const;
    const { stack, hall, tape } = await recorded(always);
    const end = publish(stack);
    const [first] = recordings(stack);
    if (first) stack.vendor.recorder.stop(first);
    await read(stack, tape); // the first read finds it ending
    const again = await update(stack, await read(stack, tape), { ...of(hall), ...always });
    publish(stack)();
    end();
    stack.logs.length = 0;
    await remove(stack, again);
    const [report] = reportsOf(stack);
    expect(report).toContain("s3://acme/hall/EG_1.mp4, s3://acme/hall/EG_2.mp4");
  });
});

/** One that records, in a room that all participants have left. */
async function active() {
  const made = await recorded();
  publish(made.stack)();
  return made;
}

/** A destroy, in a process of its own. */
function remove(stack: TestStack, { id, outs }: Resource): Promise<void> {
  return stack.newProcess().recording.delete(id, outs);
}
