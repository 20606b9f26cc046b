import { beforeEach, describe, expect, it, vi } from "vitest";
import { localClient } from "../../../src/client/local.ts";
import type { RtcClient } from "../../../src/client/types.ts";
import { OWNER_KEY, type RoomInput, type VendorAdapter } from "../../../src/contract/index.ts";
import { MemoryVendor } from "../../conformance/memory.ts";
import { memoryAdapter } from "../../conformance/memory-adapter.ts";

let vendor: MemoryVendor;
let client: RtcClient;
beforeEach(() => {
  vendor = new MemoryVendor();
  client = localClient({}, { memory: () => memoryAdapter(vendor, ["eu"]) });
});
const at = (name: string, region: string | null = null) => ({ region, name });

describe("room.create", () => {
  it("leaves what was not given to the vendor, and tags nothing", async () => {
    const room = await client.room.create({ name: "hall" });
    expect(room).toMatchObject({
      room: "memory:hall",
      emptyTimeoutSeconds: 300,
      maxParticipants: null,
      owner: null,
    });
  });

  it("returns a room that exists, whoever made it, when what was given agrees", async () => {
    vendor.make(at("hall"), { maxParticipants: 5, metadata: { a: 1, [OWNER_KEY]: "another-stack" } });
    const agreeing: RoomInput[] = [
      { name: "hall" },
      { name: "hall", maxParticipants: 5 },
      { name: "hall", metadata: { a: 1 } },
    ];
    for (const input of agreeing)
      expect(await client.room.create(input)).toMatchObject({ sid: "RM_1", owner: "another-stack" });
    expect(vendor.calls).not.toContain("createRoom");
  });

  it("warns of a timeout that the server caps, since the room is created by then", async () => {
    vendor.longestTimeout = 3_600;
    const room = await client.room.create({ name: "hall", emptyTimeoutSeconds: 86_400 });
    expect(room).toMatchObject({ emptyTimeoutSeconds: 3_600 });
    expect(room.warnings).toEqual(["emptyTimeoutSeconds is 3600, asked for 86400"]);
    expect(vendor.room(at("hall"))).toBeDefined();
  });

  it("rejects one with other settings, and lists them all but prints no metadata", async () => {
    vendor.make(at("hall"), { maxParticipants: 5, metadata: { password: "hunter2" } });
    const create = client.room.create({
      name: "hall",
      maxParticipants: 6,
      emptyTimeoutSeconds: 60,
      metadata: {},
    });
    await expect(create).rejects.toMatchObject({
      code: "ALREADY_EXISTS",
      message:
        "room memory:hall exists with other settings: maxParticipants is 5, asked for 6; emptyTimeoutSeconds is 300, asked for 60; metadata is another",
    });
  });

  it("rejects a wrong input before any call", async () => {
    const wrong = { name: "hall", maxParticipants: 0, tags: [] } as unknown as RoomInput;
    await expect(client.room.create(wrong)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      issues: [{ path: "maxParticipants" }, { path: "tags" }],
    });
    expect(vendor.calls).toEqual([]);
  });
});

describe("room.update", () => {
  it("rejects metadata that the vendor cannot hold before any call", async () => {
    const small = (): VendorAdapter => ({
      ...memoryAdapter(vendor),
      badSettings: ({ metadata }) =>
        JSON.stringify(metadata ?? {}).length > 20 ? { metadata: "it has 20 bytes" } : {},
    });
    const client = localClient({}, { memory: small });
    vendor.make(at("hall"));
    await expect(
      client.room.update("memory:hall", { metadata: { text: "x".repeat(30) } }),
    ).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("memory: cannot hold metadata: it has 20 bytes"),
    });
    expect(vendor.calls).not.toContain("updateRoom");
    expect(await client.room.update("memory:hall", { metadata: { a: 1 } })).toMatchObject({
      metadata: { a: 1 },
    });
  });
});

describe("a room is found", () => {
  it("by id, by name, and by an id with a region, and by nothing else", async () => {
    vendor.make(at("hall"));
    vendor.make(at("hall", "eu"), { maxParticipants: 5 });
    vendor.make(at("..."));
    expect(await client.room.get("hall")).toMatchObject({ room: "memory:hall" });
    expect(await client.room.get("memory:hall")).toMatchObject({ room: "memory:hall" });
    expect(await client.room.get("memory@eu:hall")).toMatchObject({ region: "eu", maxParticipants: 5 });
    expect(await client.room.get("...")).toMatchObject({ room: "memory:..." });
    await expect(client.room.get("memory@mars:hall")).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    await expect(client.room.get("hal")).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(client.room.get("")).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  it("with the number of participants now, which a listing may not have", async () => {
    vendor.make(at("hall"));
    vendor.enter(at("hall"), "alice");
    const record = vendor.record.bind(vendor);
    vendor.record = (room) => ({ ...record(room), numParticipants: 0 });
    expect((await client.room.get("hall")).numParticipants).toBe(1);
  });
});

describe("readers that share", () => {
  it("cost one listing in half a second, and one more after it", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    vendor.make(at("a"));
    vendor.make(at("b"));
    const find = (name: string) => client.room.find(name, { shared: true });
    const found = await Promise.all([find("a"), find("b"), find("c")]);
    expect(found.map((room) => room?.name)).toEqual(["a", "b", undefined]);
    expect(vendor.calls).toEqual(["listRooms"]);
    vi.advanceTimersByTime(501);
    await find("a");
    expect(vendor.calls).toEqual(["listRooms", "listRooms"]);
    vi.useRealTimers();
  });

  it("go on to share it while they follow each other closely, for five seconds at most", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    vendor.make(at("a"));
    const find = async (after: number) => {
      vi.advanceTimersByTime(after);
      await client.room.find("a", { shared: true });
      return vendor.calls.length;
    };
    expect(await find(0)).toBe(1);
    for (let waited = 400; waited < 5_000; waited += 400) expect(await find(400)).toBe(1);
    expect(await find(400)).toBe(2);
    vi.useRealTimers();
  });

  it("wait for one that is under way, however long it takes", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    vendor.make(at("a"));
    const first = client.room.find("a", { shared: true });
    vi.advanceTimersByTime(9_000);
    const second = client.room.find("a", { shared: true });
    expect(await Promise.all([first, second])).toMatchObject([{ name: "a" }, { name: "a" }]);
    expect(vendor.calls).toEqual(["listRooms"]);
    vi.useRealTimers();
  });

  it("observe at once what the same client has changed", async () => {
    const find = () => client.room.find("hall", { shared: true });
    expect(await find()).toBeUndefined();
    await client.room.create({ name: "hall" });
    expect(await find()).toMatchObject({ metadata: {} });
    await client.room.update("hall", { metadata: { team: "core" } });
    expect(await find()).toMatchObject({ metadata: { team: "core" } });
    await client.room.delete("hall");
    expect(await find()).toBeUndefined();
    await client.room.create({ name: "hall" }, {});
    expect(await find()).toBeDefined();
  });

  it("have a listing for each region", async () => {
    vendor.make(at("hall", "eu"));
    const shared = { shared: true };
    expect(await client.room.find("memory:hall", shared)).toBeUndefined();
    expect(await client.room.find("memory@eu:hall", shared)).toMatchObject({ region: "eu" });
  });

  it("share a failure too, and ask again after half a second", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    vendor.make(at("hall"));
    vendor.fault = "unreachable";
    const find = () => client.room.find("hall", { shared: true });
    const answers = await Promise.allSettled([find(), find(), find()]);
    expect(answers.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(vendor.calls).toEqual(["listRooms"]);
    vendor.fault = undefined;
    vi.advanceTimersByTime(501);
    expect(await find()).toMatchObject({ name: "hall" });
    vi.useRealTimers();
  });

  it("do not delay a single reader", async () => {
    await client.room.find("hall", { shared: true });
    vendor.make(at("hall"));
    expect(await client.room.find("hall")).toMatchObject({ name: "hall" });
  });
});
