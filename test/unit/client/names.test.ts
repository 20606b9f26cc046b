import { beforeEach, describe, expect, it } from "vitest";
import type { RtcConfig } from "../../../src/client/config.ts";
import { localClient } from "../../../src/client/local.ts";
import type { RtcClient } from "../../../src/client/types.ts";
import { MemoryVendor } from "../../conformance/memory.ts";
import { memoryAdapter, withoutRecorder } from "../../conformance/memory-adapter.ts";
import { fleetingAdapter, renamed } from "../../conformance/memory-vendors.ts";

/** What is at each vendor: `kept` in two regions, `brief` with its keys, `blind` without. */
let kept: MemoryVendor;
let brief: MemoryVendor;
let blind: MemoryVendor;
beforeEach(() => {
  [kept, brief, blind] = [new MemoryVendor(), new MemoryVendor(), new MemoryVendor()];
});

const connect = (config: RtcConfig = {}): RtcClient =>
  localClient(config, {
    kept: () => renamed(memoryAdapter(kept, ["eu"]), "kept"),
    brief: () => fleetingAdapter(brief, { vendor: "brief" }),
    blind: () => fleetingAdapter(blind, { vendor: "blind", hasKeys: false }),
  });
const at = (name: string, region: string | null = null) => ({ region, name });
const calls = () => ({ kept: kept.calls, brief: brief.calls, blind: blind.calls });
const READS = { kept: ["listRooms", "listRooms"], brief: ["listRooms"], blind: [] };

describe("a bare name that several vendors could have", () => {
  it("means the room of the one that has it live, which one lookup at each deployment shows", async () => {
    kept.make(at("hall"));
    brief.enter(at("lobby"), "bob");
    kept.make(at("garden", "eu"));
    expect(await connect().room.find("hall")).toMatchObject({ room: "kept:hall" });
    expect(calls()).toEqual(READS);
    expect(await connect().room.find("lobby")).toMatchObject({ room: "brief:lobby", state: "open" });
    expect(await connect().room.find("garden")).toMatchObject({ room: "kept@eu:garden" });
  });

  it("is answered by that lookup where it reports all that is asked", async () => {
    brief.enter(at("lobby"), "bob");
    expect(await connect().room.get("lobby")).toMatchObject({ room: "brief:lobby", numParticipants: 1 });
    expect(calls()).toEqual(READS);
    kept.make(at("hall"));
    kept.calls.length = 0;
    kept.enter(at("hall"), "alice");
    expect(await connect().room.get("hall")).toMatchObject({ room: "kept:hall", numParticipants: 1 });
    expect(kept.calls, "only the number of participants may lag").toEqual([
      "listRooms",
      "listRooms",
      "listParticipants",
    ]);
    kept.calls.length = 0;
    await connect().room.update("hall", { metadata: { team: "core" } });
    expect(kept.calls).toEqual(["listRooms", "listRooms", "updateRoom"]);
  });

  it("works wherever a room is asked for", async () => {
    const client = connect();
    kept.enter(at("hall"), "alice");
    brief.enter(at("lobby"), "bob");
    expect(await client.participant.list("hall")).toMatchObject({ items: [{ identity: "alice" }] });
    await client.participant.kick({ room: "lobby", identity: "bob" });
    expect(brief.room(at("lobby"))?.inside).toEqual([]);
    expect(await client.token.issue({ room: "hall", identity: "eve" })).toMatchObject({ room: "kept:hall" });
    await client.room.delete("hall");
    expect(kept.rooms.size).toBe(0);
  });

  it("is rejected where it is live at none, with the ids that it could be", async () => {
    const client = connect();
    const rejected = {
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining(
        "hall could be kept:hall, kept@eu:hall, brief:hall, blind:hall, none of which is live: pass the id",
      ),
      issues: [{ path: "room" }],
    };
    await expect(client.room.get("hall")).rejects.toMatchObject(rejected);
    await expect(client.room.delete("hall")).rejects.toMatchObject(rejected);
    await expect(client.token.issue({ room: "hall", identity: "eve" })).rejects.toMatchObject(rejected);
    const list = client.participant.list("hall");
    await expect(list, "without those that cannot do it").rejects.toMatchObject({
      message: expect.stringContaining("hall could be kept:hall, kept@eu:hall, brief:hall, none"),
    });
  });

  it("is rejected where more than one has it, with those", async () => {
    kept.make(at("hall"));
    brief.enter(at("hall"), "bob");
    await expect(connect().room.get("hall")).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("hall could be kept:hall, brief:hall, which all exist"),
    });
  });

  it("is found although another vendor fails; where none has it, that failure is the answer", async () => {
    brief.fault = "unreachable";
    kept.make(at("hall"));
    expect(await connect().room.find("hall")).toMatchObject({ room: "kept:hall" });
    await expect(connect().room.find("lobby")).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});

describe("a bare name costs no lookup", () => {
  it("where the vendor is named beside it", async () => {
    const client = connect();
    const token = await client.token.issue({ room: "hall", vendor: "brief", identity: "eve" });
    expect(token.room).toBe("brief:hall");
    brief.enter(at("hall"), "bob");
    await client.participant.kick({ room: "hall", vendor: "brief", identity: "bob" });
    expect(calls()).toEqual({ kept: [], brief: ["kickParticipant"], blind: [] });
  });

  it("where only one vendor can do what is asked, or carry the name, or is to be used", async () => {
    await connect().recording.list({ room: "hall" });
    expect(calls()).toEqual({ kept: ["listRecordings"], brief: [], blind: [] });
    const client = connect({ disabledVendors: ["brief", "blind"] });
    expect(await client.token.issue({ room: "hall", identity: "eve" })).toMatchObject({ room: "kept:hall" });
    expect(client.roomId("hall")).toBe("kept:hall");
    expect(client.endpoint("hall")).toBe(kept.endpoint);
    expect(calls()).toEqual({ kept: ["listRecordings"], brief: [], blind: [] });
  });

  it("where it is an id, whose vendor no other may contradict", async () => {
    const client = connect();
    expect(client.roomId("brief@eu:hall")).toBe("brief@eu:hall");
    expect(client.endpoint("blind:hall")).toBe(blind.endpoint);
    const wrong = client.token.issue({ room: "brief:hall", vendor: "kept", identity: "eve" });
    await expect(wrong).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      issues: [{ path: "vendor", message: "is not the room's, which is brief" }],
    });
    expect(calls()).toEqual({ kept: [], brief: [], blind: [] });
  });

  it("where it is rejected without one, since no call is to be made", () => {
    expect(() => connect().roomId("hall")).toThrow("hall could be kept:hall, kept@eu:hall, brief:hall");
    expect(() => connect().endpoint("hall")).toThrow("hall could be");
    expect(calls()).toEqual({ kept: [], brief: [], blind: [] });
  });

  it("in the name of a recording, which several vendors could have", async () => {
    const client = localClient(
      {},
      { a: () => memoryAdapter(kept), b: () => renamed(memoryAdapter(brief), "b") },
    );
    await expect(client.recording.get("EG_1")).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("EG_1 could be memory:EG_1, b:EG_1"),
    });
    expect(calls()).toEqual({ kept: [], brief: [], blind: [] });
  });
});

describe("room.list of several vendors", () => {
  const registry = {
    kept: () => renamed(withoutRecorder(memoryAdapter(kept, ["eu"])), "kept"),
    brief: () => fleetingAdapter(brief, { vendor: "brief" }),
    blind: () => fleetingAdapter(blind, { vendor: "blind", lists: false }),
  };
  const pages = async (client: RtcClient, limit: number) => {
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const page = await client.room.list({ limit, ...(cursor === undefined ? {} : { cursor }) });
      pages.push(page.items.map(({ room }) => room));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return pages;
  };

  beforeEach(() => {
    for (const name of ["b", "a"]) kept.make(at(name));
    kept.make(at("c", "eu"));
    for (const name of ["y", "z"]) brief.enter(at(name), "bob");
    blind.enter(at("unseen"), "eve");
  });

  it("has every room once, a vendor after the other, page by page, without those that cannot list", async () => {
    expect(await pages(localClient({}, registry), 2)).toEqual([
      ["brief:y", "brief:z"],
      ["kept:a", "kept:b"],
      ["kept@eu:c"],
    ]);
    expect(blind.calls).toEqual([]);
    expect(brief.calls, "whose rooms are all before the page is not asked").toEqual([
      "listRooms",
      "listRooms",
    ]);
  });

  it("fails where one that can list fails, rather than being a part", async () => {
    brief.fault = "unreachable";
    await expect(localClient({}, registry).room.list()).rejects.toMatchObject({ code: "UNAVAILABLE" });
    const { items } = await localClient({ disabledVendors: ["brief"] }, registry).room.list();
    expect(items).toHaveLength(3);
  });

  it("is rejected where no participant can, with every vendor's reason", async () => {
    const client = localClient({ vendors: ["blind"] }, registry);
    await expect(client.room.list()).rejects.toMatchObject({
      code: "UNSUPPORTED",
      message:
        "blind: cannot rtc.room.list: it only gets rooms by name; kept: can, but is not among rtc:vendors; brief: can, but is not among rtc:vendors",
    });
  });
});
