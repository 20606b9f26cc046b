import { describe, expect, it } from "vitest";
import { at, TestStack } from "./fixture.ts";
import { of, publish, read, record, recorded, recordings, reportsOf } from "./recording-fixture.ts";

describe("read of a recording that goes on", () => {
  it("is the same twice, and the same as what create has stored", async () => {
    const { stack, tape } = await recorded({ metadata: { a: 1 }, restartPolicy: "always" });
    const first = await read(stack, tape);
    expect(first).toEqual(tape);
    expect(await read(stack, first)).toEqual(first);
  });

  it("shows how it is, which is no drift: the inputs stay", async () => {
    const { stack, tape } = await recorded();
    publish(stack);
    const active = await read(stack, tape);
    expect(active).toEqual({ ...tape, outs: { ...tape.outs, status: "active" } });
    expect(reportsOf(stack)).toEqual([]);
  });

  it("shares one listing among the reads of a refresh", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    const outputs = Array.from({ length: 20 }, (_, n) => `s3://acme/${n}/`);
    const tapes = await Promise.all(
      outputs.map((outputUri, n) => record(stack, { ...of(hall), outputUri }, `tape-${n}`)),
    );
    stack.newProcess().vendor.calls.length = 0;
    await Promise.all(tapes.map(({ id, outs }) => stack.recording.read(id, outs)));
    expect(stack.vendor.calls).toEqual(["listRecordings"]);
  });

  it("asks for one that a listing, which may be cut short, leaves out", async () => {
    const { stack, tape } = await recorded();
    stack.vendor.recorder.recordings.values = () => new Map().values(); // of this the listing is made
    stack.vendor.calls.length = 0;
    expect(await read(stack, tape)).toEqual(tape);
    expect(stack.vendor.calls).toEqual(["listRecordings", "getRecording"]);
  });

  it("is not over because the vendor does not answer, or another server is configured", async () => {
    const { stack, tape } = await recorded();
    stack.vendor.fault = "unreachable";
    await expect(read(stack, tape)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    stack.vendor.fault = undefined;
    tape.outs["endpoint"] = "https://old.example";
    await expect(read(stack, tape)).rejects.toMatchObject({ code: "ENDPOINT_MISMATCH" });
  });
});

describe("read of a recording that has ended", () => {
  it("shows the whole of it, once, and asks no more: it is history, and no drift", async () => {
    const { stack, tape } = await recorded();
    publish(stack);
    stack.vendor.lose(at("hall"));
    const ended = await read(stack, tape);
    expect(ended.inputs).toEqual(tape.inputs);
    expect(ended.outs).toEqual({
      ...tape.outs,
      status: "complete",
      endedAt: "2023-11-14T22:13:25.000Z",
      durationSeconds: 4,
      files: [
        { recording: "memory:EG_1", location: "s3://acme/hall/EG_1.mp4", sizeBytes: 400, durationSeconds: 4 },
      ],
    });
    expect(reportsOf(stack), "it ended as it should").toEqual([]);
    stack.vendor.calls.length = 0;
    expect(await read(stack, ended)).toEqual(ended);
    expect(stack.vendor.calls).toEqual([]);
  });

  it("keeps it when it has expired at the vendor", async () => {
    const { stack, tape } = await recorded();
    publish(stack);
    stack.vendor.lose(at("hall"));
    const ended = await read(stack, tape);
    stack.vendor.recorder.forget("EG_1");
    expect(await read(stack, ended)).toEqual(ended);
  });

  it("reports it where it has expired at the vendor before any read", async () => {
    const { stack, tape } = await recorded();
    stack.vendor.recorder.forget("EG_1");
    const { outs } = await read(stack, tape);
    const error = "it has expired at the vendor: how it ended was not observed";
    expect(outs).toEqual({ ...tape.outs, status: "complete", error });
    expect(reportsOf(stack)).toEqual([
      `warn: recording memory:EG_1 of room memory:hall is complete: ${error}`,
    ]);
  });

  it.each([
    ["was stopped by hand", stopByHand, "complete", "it was stopped before its room closed"],
    ["was never begun", closeRoom, "aborted", "the room closed before a participant published"],
    ["failed", die, "failed", "the recorder died"],
  ])("warns, once, of one that %s", async (_name, end, status, why) => {
    const { stack, tape } = await recorded();
    await end(stack);
    const ended = await read(stack, tape);
    expect(ended.outs).toMatchObject({ status, error: why });
    expect(reportsOf(stack)).toEqual([
      `warn: recording memory:EG_1 of room memory:hall is ${status}: ${why}`,
    ]);
    await read(stack, ended);
    expect(stack.logs).toHaveLength(1);
  });
});

describe("read of a recording with a restartPolicy", () => {
  it.each([
    ["never", "failed", false],
    ["onFailure", "failed", true],
    ["onFailure", "complete", false],
    ["onFailure", "aborted", false],
    ["onFailure", "limit_reached", true],
    ["always", "failed", true],
    ["always", "complete", true],
    ["always", "aborted", true],
    ["always", "limit_reached", true],
  ] as const)("%s, of one that is %s: a restart is required: %s", async (restartPolicy, status, isDue) => {
    const { stack, tape } = await recorded({ restartPolicy });
    Object.assign(recordings(stack)[0] ?? {}, { status });
    const { inputs, outs } = await read(stack, tape);
    expect(inputs, "no input shows it").toEqual(tape.inputs);
    expect(outs).toEqual({ ...tape.outs, status, ...(isDue ? { restartDue: true } : {}) });
  });

  it("warns of the end once all the same", async () => {
    const { stack, tape } = await recorded({ restartPolicy: "always" });
    die(stack);
    const ended = await read(stack, tape);
    await read(stack, ended);
    expect(reportsOf(stack)).toEqual([expect.stringContaining("the recorder died")]);
  });

  it("requires no restart while it runs", async () => {
    const { stack, tape } = await recorded({ restartPolicy: "always" });
    publish(stack);
    expect((await read(stack, tape)).outs).not.toHaveProperty("restartDue");
  });

  it("requires no restart while the room is absent, and one when it is back", async () => {
    const { stack, tape } = await recorded({ restartPolicy: "always" });
    stack.vendor.lose(at("hall"));
    const away = await read(stack, tape);
    expect(away.outs).not.toHaveProperty("restartDue");
    stack.vendor.make(at("hall"));
    const back = await read(stack, away);
    expect(back.outs).toEqual({ ...away.outs, restartDue: true });
    stack.vendor.lose(at("hall"));
    expect((await read(stack, back)).outs, "and none when it is gone again").toEqual(away.outs);
  });

  it("restarts one that has expired at the vendor, under always", async () => {
    const { stack, tape } = await recorded({ restartPolicy: "always" });
    stack.vendor.recorder.forget("EG_1");
    expect((await read(stack, tape)).outs).toMatchObject({ restartDue: true });
  });

  it("never makes no call for one that has ended", async () => {
    const { stack, tape } = await recorded({ restartPolicy: "never" });
    die(stack);
    const ended = await read(stack, tape);
    stack.vendor.calls.length = 0;
    expect(await read(stack, ended)).toEqual(ended);
    expect(stack.vendor.calls).toEqual([]);
  });
});

async function stopByHand(stack: TestStack): Promise<void> {
  publish(stack);
  const [one] = recordings(stack);
  if (one) stack.vendor.recorder.stop(one);
  for (let reads = 0; reads < 2; reads++) if (one) stack.vendor.recorder.read(one);
}

function closeRoom(stack: TestStack): void {
  stack.vendor.lose(at("hall"));
}

function die(stack: TestStack): void {
  stack.vendor.recorder.kill("EG_1");
}
