import { beforeEach, describe, expect, it } from "vitest";
import { localClient } from "../../../src/client/local.ts";
import type { RtcClient } from "../../../src/client/types.ts";
import { MemoryVendor } from "../../conformance/memory.ts";
import { memoryAdapter } from "../../conformance/memory-adapter.ts";
import { fleetingAdapter } from "../../conformance/memory-vendors.ts";

let vendor: MemoryVendor;
let client: RtcClient;
let withoutKeys: RtcClient;
beforeEach(() => {
  vendor = new MemoryVendor();
  client = localClient({}, { fleeting: () => fleetingAdapter(vendor) });
  withoutKeys = localClient({}, { fleeting: () => fleetingAdapter(vendor, { hasKeys: false }) });
});
const HALL = { region: null, name: "hall" };

describe("with on-demand rooms, room.", () => {
  it("create answers a record without a call, with what the vendor does not enforce", async () => {
    vendor.fault = "unreachable";
    const room = await client.room.create({ name: "hall", maxParticipants: 5, metadata: { team: "core" } });
    expect(room).toMatchObject({
      room: "fleeting:hall",
      state: "pending",
      maxParticipants: 5,
      emptyTimeoutSeconds: null,
      metadata: { team: "core" },
      warnings: ["maxParticipants is not enforced: any participant may join"],
    });
    expect(await client.room.create({ name: "hall" }), "any settings agree").not.toHaveProperty("warnings");
    expect(vendor.calls).toEqual([]);
  });

  it("create rejects a recording, and names a vendor that records", async () => {
    const both = localClient(
      {},
      { fleeting: () => fleetingAdapter(vendor), memory: () => memoryAdapter(vendor) },
    );
    const create = both.room.create({ name: "hall", vendor: "fleeting", enableRecording: true });
    await expect(create).rejects.toMatchObject({
      code: "UNSUPPORTED",
      message: expect.stringMatching(/^fleeting: cannot rtc.recording.start: .*; memory: fits$/),
    });
    const start = both.recording.start({ room: "fleeting:hall", outputUri: "s3://acme/" });
    await expect(start).rejects.toMatchObject({ code: "UNSUPPORTED" });
  });

  it("get and find return the current participants, and an empty room as pending", async () => {
    for (const observe of [client.room.get, client.room.find]) {
      expect(await observe("hall")).toMatchObject({ state: "pending", numParticipants: 0 });
      const leave = vendor.enter(HALL, "alice");
      expect(await observe("hall")).toMatchObject({ state: "open", numParticipants: 1 });
      leave();
    }
    vendor.calls.length = 0;
    await client.room.find("hall", { shared: true });
    expect(vendor.calls, "and shares no list, which it may not have").toEqual(["getRoom"]);
  });

  it("update changes the record, without a call", async () => {
    const room = await client.room.update("hall", { metadata: { team: "core" } });
    expect(room).toMatchObject({ room: "fleeting:hall", metadata: { team: "core" } });
    expect(vendor.calls).toEqual([]);
  });

  it("delete closes the room, occupied or not, and leaves it to close by itself where keys are missing", async () => {
    vendor.enter(HALL, "alice");
    await withoutKeys.room.delete("hall");
    expect(vendor.room(HALL)?.inside).toHaveLength(1);
    await client.room.delete("hall");
    expect(vendor.room(HALL)).toBeUndefined();
    await client.room.delete("hall");
    vendor.fault = "unreachable";
    await expect(client.room.delete("hall"), "a failure is none of that").rejects.toMatchObject({
      code: "UNAVAILABLE",
    });
  });
});

describe("with on-demand rooms", () => {
  it("a room that does not exist has no participants", async () => {
    expect(await client.participant.list("hall")).toEqual({ items: [] });
    expect(vendor.calls).toEqual(["listParticipants"]);
  });

  it("what needs keys names them, and the rest works without", async () => {
    const names = { code: "NOT_CONFIGURED", message: "fleeting: its server key is not set" };
    await expect(withoutKeys.participant.list("hall")).rejects.toMatchObject(names);
    const kick = withoutKeys.participant.kick({ room: "hall", identity: "alice" });
    await expect(kick).rejects.toMatchObject(names);
    await expect(withoutKeys.room.list()).rejects.toMatchObject(names);
    expect(await withoutKeys.room.get("hall")).toMatchObject({ state: "pending" });
    expect(await withoutKeys.token.issue({ room: "hall", identity: "alice" })).toHaveProperty("token");
  });
});
