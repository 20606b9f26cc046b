import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../src/reconcile/state.ts";
import { at, TestStack } from "./fixture.ts";
import { of, plan, publish, read, recorded, reportsOf, urnOf } from "./recording-fixture.ts";

describe("diff of a recording, what changes", () => {
  it("reports changes: false only where every input means the same", async () => {
    const { stack, hall, tape } = await recorded({ metadata: { a: [1] } });
    const same = { changes: false, replaces: [], deleteBeforeReplace: true };
    const { diff } = await plan(stack, tape, { ...of(hall), metadata: { a: [1] } });
    expect(diff).toEqual(same);
    const defaults = {
      layout: "grid",
      audioOnly: false,
      restartPolicy: "never",
      forceDestroy: false,
    } as const;
    const written = await plan(stack, tape, { ...of(hall), metadata: { a: [1] }, ...defaults });
    expect(written.diff, "defaults that are written out").toEqual(same);
  });

  it("changes layout, metadata, policy and forceDestroy in place", async () => {
    const { stack, hall, tape } = await recorded();
    const changes = [
      { layout: "speaker" },
      { metadata: { a: 1 } },
      { restartPolicy: "always" as const },
      { forceDestroy: true },
    ];
    for (const change of changes) {
      const { diff } = await plan(stack, tape, { ...of(hall), ...change });
      expect(diff, JSON.stringify(change)).toEqual({ replaces: [], deleteBeforeReplace: true });
    }
  });

  it("makes a new recording for another room, audio or output, and reports why in a preview", async () => {
    const { stack, hall, tape } = await recorded();
    const changes = {
      room: [{ room: "memory:lobby" }, "it records another room, or its room is recreated"],
      audioOnly: [{ audioOnly: true }, "audioOnly cannot be changed in place"],
      outputUri: [{ outputUri: "s3://acme/other/" }, "outputUri cannot be changed in place"],
    } as const;
    for (const [field, [change, why]] of Object.entries(changes)) {
      stack.logs.length = 0;
      const { diff } = await plan(stack, tape, { ...of(hall), ...change }, { dryRun: true });
      expect(diff, field).toEqual({ replaces: [field], deleteBeforeReplace: true });
      expect(stack.logs, field).toEqual([
        { level: "info", message: `replaced, since ${why}`, urn: urnOf(stack) },
      ]);
    }
  });

  it("makes a new recording where its room was recreated, since the old one died with it", async () => {
    const { stack, hall, tape } = await recorded();
    stack.vendor.lose(at("hall"));
    const { sid } = stack.vendor.make(at("hall"));
    const { diff } = await plan(stack, tape, { ...of(hall), roomSid: sid }, { dryRun: true });
    expect(diff).toEqual({ replaces: ["roomSid"], deleteBeforeReplace: true });
    const why = "its room was recreated, and the recording ended with the old room";
    expect(reportsOf(stack)).toEqual([`info: replaced, since ${why}`]);
  });

  it("goes by the living room where the room's own state is older than the recording", async () => {
    const { stack, hall, tape } = await recorded();
    publish(stack);
    const { diff } = await plan(stack, tape, { ...of(hall), roomSid: "RM_of_before" });
    expect(diff, "it records the room that is there").toEqual({
      changes: false,
      replaces: [],
      deleteBeforeReplace: true,
    });
  });

  it("stays ended where its room, recreated since, has closed again: there is nothing to record", async () => {
    const { stack, hall, tape } = await recorded();
    stack.vendor.lose(at("hall"));
    const { diff } = await plan(stack, tape, { ...of(hall), roomSid: "RM_since" });
    expect(diff).toEqual({ changes: false, replaces: [], deleteBeforeReplace: true });
  });

  it("takes an unknown room for another: it is about to be recreated, and this ends before it", async () => {
    const { stack, tape } = await recorded();
    const news = { ...tape.inputs, room: UNKNOWN, roomSid: UNKNOWN };
    const diff = await stack.recording.diff(tape.id, tape.outs, news); // no check comes before this call
    expect(diff).toEqual({ replaces: ["room"], deleteBeforeReplace: true });
  });

  it("takes an unknown roomSid alone for no change: metadata of the room is updated", async () => {
    const { stack, hall, tape } = await recorded();
    const { diff } = await plan(stack, tape, { ...of(hall), roomSid: UNKNOWN }, { dryRun: true });
    expect(diff).toEqual({ changes: false, replaces: [], deleteBeforeReplace: true });
  });

  it("accepts any other property that is unknown as a whole", async () => {
    const { stack, hall, tape } = await recorded();
    const metadata = await plan(stack, tape, { ...of(hall), metadata: UNKNOWN as never }, { dryRun: true });
    expect(metadata.diff).toEqual({ replaces: [], deleteBeforeReplace: true });
    const output = await plan(stack, tape, { ...of(hall), outputUri: UNKNOWN }, { dryRun: true });
    expect(output.diff.replaces).toEqual(["outputUri"]);
    expect(reportsOf(stack)).toEqual(["info: replaced, since outputUri is not known yet"]);
  });

  it("asks the vendor nothing where nothing is replaced", async () => {
    const { stack, hall, tape } = await recorded();
    stack.vendor.calls.length = 0;
    await plan(stack, tape, { ...of(hall), layout: "speaker" });
    expect(stack.vendor.calls).toEqual([]);
  });

  it("reports a change where a restart is required, although no input differs", async () => {
    const { stack, hall, tape } = await recorded({ restartPolicy: "always" });
    stack.vendor.recorder.kill("EG_1");
    const ended = await read(stack, tape);
    const declared = { ...of(hall), restartPolicy: "always" as const };
    const { diff } = await plan(stack, ended, declared, { dryRun: true });
    expect(diff).toEqual({ changes: true, replaces: [], deleteBeforeReplace: true });
    expect(stack.logs.at(-1)).toEqual({
      level: "info",
      message: "it has ended (failed), and restartPolicy is always: it is restarted",
      urn: urnOf(stack),
    });
  });
});

describe("diff of a recording, what it rejects", () => {
  const other = "s3://acme/other/";

  it("rejects the replacement of a protected one, forced or not", async () => {
    const { stack, hall, tape } = await recorded();
    for (const forceDestroy of [false, true]) {
      const declared = { ...of(hall), audioOnly: true, forceDestroy };
      await expect(plan(stack, tape, declared, { protect: true })).rejects.toMatchObject({
        code: "PROTECTED",
        message: expect.stringMatching(/^recording .+ is protected, and this would replace it\./),
      });
    }
  });

  it("rejects the replacement of a running one while the room is occupied, before anything is touched", async () => {
    const { stack, hall, tape } = await recorded();
    publish(stack);
    const attempt = plan(stack, tape, { ...of(hall), outputUri: other });
    await expect(attempt).rejects.toMatchObject({
      code: "ROOM_OCCUPIED",
      message: expect.stringMatching(/1 participant is in room memory:hall.*recording would cut it short/),
    });
    expect(stack.vendor.recorder.recordings.get("EG_1")?.status).toBe("active");
  });

  it("only warns of that in a preview, on the recording's row", async () => {
    const { stack, hall, tape } = await recorded();
    publish(stack);
    const { diff } = await plan(stack, tape, { ...of(hall), outputUri: other }, { dryRun: true });
    expect(diff.replaces).toEqual(["outputUri"]);
    expect(stack.logs).toContainEqual({
      level: "warn",
      message: expect.stringContaining("up will reject this: 1 participant is in room memory:hall"),
      urn: urnOf(stack),
    });
  });

  it("rejects it too where the room is about to be recreated, of which check reports nothing", async () => {
    const { stack, hall, tape } = await recorded();
    publish(stack);
    stack.check({ maxParticipants: 5 }, { olds: hall.inputs });
    const news = { ...tape.inputs, room: UNKNOWN, roomSid: UNKNOWN };
    const attempt = stack.recording.diff(tape.id, tape.outs, news);
    await expect(attempt).rejects.toMatchObject({ code: "ROOM_OCCUPIED" });
  });

  it("lets it pass where no participant is in the room, or nothing is recorded yet", async () => {
    const { stack, hall, tape } = await recorded();
    const empty = publish(stack);
    empty();
    expect((await plan(stack, tape, { ...of(hall), outputUri: other })).diff.replaces).toEqual(["outputUri"]);

    const silent = await recorded();
    silent.stack.vendor.enter(at("hall"), "alice");
    const { diff } = await plan(silent.stack, silent.tape, { ...of(silent.hall), outputUri: other });
    expect(diff.replaces).toEqual(["outputUri"]);
  });

  it("lets forceDestroy through: declared now, or configured for the whole stack", async () => {
    const configured = new TestStack({ config: { forceDestroy: true } });
    for (const [stack, declared] of [
      [new TestStack(), { forceDestroy: true }],
      [configured, {}],
    ] as const) {
      const { hall, tape } = await recorded({}, { stack });
      publish(stack);
      const { diff } = await plan(stack, tape, { ...of(hall), ...declared, outputUri: other });
      expect(diff.replaces).toEqual(["outputUri"]);
    }
  });

  it("goes by what is declared now, where forceDestroy was taken away beside the change", async () => {
    const { stack, hall, tape } = await recorded({ forceDestroy: true });
    publish(stack);
    const attempt = plan(stack, tape, { ...of(hall), outputUri: other });
    await expect(attempt).rejects.toMatchObject({ code: "ROOM_OCCUPIED" });
  });

  it("rejects nothing in a refresh, where no check has run", async () => {
    const { stack, tape } = await recorded();
    publish(stack);
    const news = { ...tape.inputs, outputUri: other };
    expect((await stack.recording.diff(tape.id, tape.outs, news)).replaces).toEqual(["outputUri"]);
  });

  it("finds its declaration by what it records: an alias or a parent changes the name only", async () => {
    const { stack, hall, tape } = await recorded();
    publish(stack);
    const declared = { ...of(hall), outputUri: other, forceDestroy: true };
    const { diff } = await plan(stack, tape, declared, { name: "renamed" });
    expect(diff.replaces).toEqual(["outputUri"]);
    expect(reportsOf(stack)).toEqual([]);
  });

  it("rejects another endpoint than the state's, and reports how to move", async () => {
    const { stack, hall, tape } = await recorded();
    tape.outs["endpoint"] = "https://old.example";
    await expect(plan(stack, tape, of(hall))).rejects.toMatchObject({
      code: "ENDPOINT_MISMATCH",
      message: expect.stringContaining("memory:hall/tape belongs to https://old.example"),
    });
  });

  it("rejects a state that it cannot read, with the fields and without their values", async () => {
    const { stack, hall, tape } = await recorded();
    Object.assign(tape.outs, { status: "hunter2" });
    const error = await plan(stack, tape, of(hall)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "INTERNAL", message: expect.stringContaining("(status)") });
    expect(String(error)).not.toContain("hunter2");
  });
});
