import { beforeEach, describe, expect, it, vi } from "vitest";
import type { RtcConfig } from "../../../src/client/config.ts";
import { localClient } from "../../../src/client/local.ts";
import type { RtcClient } from "../../../src/client/types.ts";
import type { RecordingInput } from "../../../src/contract/index.ts";
import { MemoryVendor } from "../../conformance/memory.ts";
import { memoryAdapter, withoutRecorder } from "../../conformance/memory-adapter.ts";

let vendor: MemoryVendor;
let client: RtcClient;
const connect = (config: RtcConfig = {}) =>
  localClient(config, { memory: () => memoryAdapter(vendor, ["eu"]) });
beforeEach(() => {
  vendor = new MemoryVendor();
  client = connect();
});
const at = (name: string, region: string | null = null) => ({ region, name });
const OUTPUT = "s3://acme/hall/";

describe("a room whose name leads out of a folder", () => {
  it("is recorded in no way, before any call", async () => {
    const name = "exam-/../../other";
    vendor.make(at(name));
    const named = { code: "INVALID_ARGUMENT", issues: [{ path: expect.stringMatching(/room|name/) }] };
    const start = client.recording.start({ room: name, outputUri: OUTPUT });
    await expect(start).rejects.toMatchObject(named);
    const recorded = connect({ recordingOutput: OUTPUT });
    await expect(recorded.room.create({ name, enableRecording: true })).rejects.toMatchObject(named);
    expect(vendor.calls).toEqual([]);
  });
});

describe("recording.start", () => {
  it("records everything in a grid, unless set otherwise", async () => {
    vendor.make(at("hall"));
    expect(await client.recording.start({ room: "hall", outputUri: OUTPUT })).toMatchObject({
      recording: "memory:EG_1",
      room: "memory:hall",
      roomSid: "RM_1",
      status: "starting",
      layout: "grid",
      audioOnly: false,
      outputUri: OUTPUT,
    });
    const settings = { layout: "speaker-dark", audioOnly: true };
    expect(
      await client.recording.start({ room: "memory:hall", outputUri: OUTPUT, ...settings }),
    ).toMatchObject({
      recording: "memory:EG_2",
      ...settings,
    });
  });

  it("records a room of a region there", async () => {
    vendor.make(at("hall", "eu"));
    const started = await client.recording.start({ room: "memory@eu:hall", outputUri: OUTPUT });
    expect(started).toMatchObject({ recording: "memory@eu:EG_1", room: "memory@eu:hall" });
    expect(await client.recording.get(started.recording)).toEqual(started);
  });

  it("goes where the configuration reports, or reports what to set before any call", async () => {
    vendor.make(at("hall"));
    const configured = connect({ recordingOutput: "gs://acme/" });
    expect(await configured.recording.start({ room: "hall" })).toMatchObject({ outputUri: "gs://acme/" });
    vendor.calls.length = 0;
    for (const [wrong, message] of [
      [client, "set rtc:recordingOutput (or RTC_RECORDING_OUTPUT)"],
      [connect({ recordingOutput: "s3://acme/a.ogg" }), "rtc:recordingOutput .ogg holds audio only"],
    ] as const) {
      await expect(wrong.recording.start({ room: "hall" })).rejects.toMatchObject({
        code: "NOT_CONFIGURED",
        message: expect.stringContaining(message),
      });
    }
    expect(vendor.calls).toEqual([]);
  });

  it("rejects a wrong input with all its problems, before any call", async () => {
    const wrong = { room: "hall", layout: "mosaic", outputUri: "s3://a:b@c/", outputUrl: 1 };
    await expect(client.recording.start(wrong as unknown as RecordingInput)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      issues: [{ path: "layout" }, { path: "outputUri" }, { path: "outputUrl" }],
    });
    expect(vendor.calls).toEqual([]);
  });

  it("is NOT_FOUND where the room is not there, and nothing is started", async () => {
    const start = client.recording.start({ room: "hall", outputUri: OUTPUT });
    await expect(start).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: "there is no room memory:hall",
    });
    expect(vendor.calls).not.toContain("startRecording");
  });

  it("is UNSUPPORTED by a vendor that cannot, with the reason and without a call", async () => {
    const mute = localClient({}, { memory: () => withoutRecorder(memoryAdapter(vendor)) });
    const calls = [
      () => mute.recording.start({ room: "hall", outputUri: OUTPUT }),
      () => mute.recording.stop("memory:EG_1"),
      () => mute.recording.get("memory:EG_1"),
      () => mute.recording.list(),
      () => mute.recording.list({ room: "hall" }),
      () => mute.recording.update("memory:EG_1", { layout: "grid" }),
    ];
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({
        code: "UNSUPPORTED",
        message: expect.stringContaining("there is nothing to record with"),
      });
    }
    expect(vendor.calls).toEqual([]);
  });
});

describe("recordings are listed", () => {
  beforeEach(async () => {
    for (const place of [at("hall"), at("lobby"), at("hall", "eu")]) vendor.make(place);
    for (const room of ["hall", "lobby", "memory@eu:hall"])
      await client.recording.start({ room, outputUri: OUTPUT });
  });
  const listed = async (options = {}) =>
    (await client.recording.list(options)).items.map(({ recording }) => recording);

  it("of every region, in the same order each time", async () => {
    expect(await listed()).toEqual(["memory:EG_1", "memory:EG_2", "memory@eu:EG_3"]);
  });

  it("of one room, by id or name", async () => {
    expect(await listed({ room: "hall" })).toEqual(["memory:EG_1"]);
    expect(await listed({ room: "memory@eu:hall" })).toEqual(["memory@eu:EG_3"]);
    expect(await listed({ room: "nowhere" })).toEqual([]);
  });

  it("without those that have ended, where that is asked", async () => {
    await client.recording.stop("memory:EG_1");
    expect(await listed({ active: true })).toEqual(["memory:EG_2", "memory@eu:EG_3"]);
    expect(await listed({ room: "hall", active: true })).toEqual([]);
    expect(await listed({ room: "hall" })).toEqual(["memory:EG_1"]);
  });

  it("and rejected what is no option", async () => {
    const list = client.recording.list({ rooms: "hall" } as never);
    await expect(list).rejects.toMatchObject({ issues: [{ path: "rooms" }] });
  });
});

describe("a recording", () => {
  beforeEach(async () => {
    vendor.make(at("hall"));
    await client.recording.start({ room: "hall", outputUri: OUTPUT });
  });

  it("is found by its id; one that is not there is NOT_FOUND to get and undefined to find and stop", async () => {
    expect(await client.recording.get("memory:EG_1")).toMatchObject({ room: "memory:hall" });
    await expect(client.recording.get("memory:EG_9")).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringContaining("memory:EG_9, or it has expired at the vendor"),
    });
    expect(await client.recording.find("memory:EG_9")).toBeUndefined();
    expect(await client.recording.stop("memory:EG_9")).toBeUndefined();
  });

  it("can be stopped twice", async () => {
    expect(await client.recording.stop("memory:EG_1")).toMatchObject({ status: "aborted" });
    expect(await client.recording.stop("memory:EG_1")).toMatchObject({ status: "aborted" });
  });

  it("takes another layout, and rejects one that there is not", async () => {
    const updated = await client.recording.update("memory:EG_1", { layout: "speaker-light" });
    expect(updated).toMatchObject({ recording: "memory:EG_1", layout: "speaker-light" });
    const wrong = client.recording.update("memory:EG_1", { layout: "mosaic" });
    await expect(wrong).rejects.toMatchObject({ issues: [{ path: "layout" }] });
    const absent = client.recording.update("memory:EG_9", { layout: "grid" });
    await expect(absent).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("costs readers that share one listing in half a second, and one more after it", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    await client.recording.start({ room: "hall", outputUri: OUTPUT });
    vendor.calls.length = 0;
    const find = (id: string) => client.recording.find(id, { shared: true });
    const found = await Promise.all([find("memory:EG_1"), find("memory:EG_2")]);
    expect(found.map((one) => one?.recording)).toEqual(["memory:EG_1", "memory:EG_2"]);
    expect(vendor.calls).toEqual(["listRecordings"]);
    vi.advanceTimersByTime(501);
    await find("memory:EG_1");
    expect(vendor.calls).toEqual(["listRecordings", "listRecordings"]);
    vi.useRealTimers();
  });

  it("has a listing for each region that readers share", async () => {
    vendor.make(at("hall", "eu"));
    const { recording } = await client.recording.start({ room: "memory@eu:hall", outputUri: OUTPUT });
    const shared = { shared: true };
    expect(await client.recording.find("memory:EG_1", shared)).toMatchObject({ room: "memory:hall" });
    expect(await client.recording.find(recording, shared)).toMatchObject({ room: "memory@eu:hall" });
  });
});

describe("room.create with enableRecording", () => {
  it("records the room from its first moment to where the configuration reports", async () => {
    const configured = connect({ recordingOutput: "gs://acme/" });
    const room = await configured.room.create({ name: "hall", enableRecording: true });
    expect(room.warnings).toEqual(["enableRecording covers the room's first session only"]);
    expect(await configured.recording.list({ room: "hall" })).toMatchObject({
      items: [{ layout: "grid", audioOnly: false, outputUri: "gs://acme/" }],
    });
  });

  it("is rejected without a place for it, before any call", async () => {
    for (const [wrong, message] of [
      [client, "set rtc:recordingOutput (or RTC_RECORDING_OUTPUT)"],
      [connect({ recordingOutput: "s3://" }), "rtc:recordingOutput names no bucket"],
    ] as const) {
      const create = wrong.room.create({ name: "hall", enableRecording: true });
      await expect(create).rejects.toMatchObject({
        code: "NOT_CONFIGURED",
        message: expect.stringContaining(message),
      });
    }
    expect(vendor.calls).toEqual([]);
  });
});
