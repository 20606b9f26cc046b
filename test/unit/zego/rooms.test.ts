import { describe, expect, it } from "vitest";
import { NEVER } from "../../../src/contract/index.ts";
import { failure, inVirtualTime, place, zegoWith } from "./fixture.ts";

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

describe("a room that is declared at ZEGO", () => {
  it("is a record of what was asked for, made and changed without a call", async () => {
    const { adapter, server, config } = await zegoWith();
    const made = await adapter.createRoom({
      ...place("hall"),
      maxParticipants: 12,
      emptyTimeoutSeconds: NEVER,
      metadata: { team: "core" },
      owner: "abc-def",
    });
    expect(made).toEqual({
      room: "zego:hall",
      name: "hall",
      vendor: "zego",
      state: "pending",
      maxParticipants: 12,
      emptyTimeoutSeconds: NEVER,
      departureTimeoutSeconds: NEVER,
      numParticipants: null,
      metadata: { team: "core" },
      region: null,
      createdAt: null,
      sid: null,
      endpoint: String(config.zegoAppId),
      owner: "abc-def",
    });
    const changed = await adapter.updateRoom({ region: "fra", name: "hall" }, { team: "edge" }, "abc-def");
    expect(changed).toMatchObject({ room: "zego@fra:hall", metadata: { team: "edge" }, owner: "abc-def" });
    expect(changed).toMatchObject({ state: "pending", maxParticipants: null });
    expect(server.calls).toEqual([]);
  });

  it("reports only what was asked for", async () => {
    const { adapter } = await zegoWith();
    expect(await adapter.createRoom(place("hall"))).toMatchObject({
      maxParticipants: null,
      emptyTimeoutSeconds: null,
      departureTimeoutSeconds: null,
      metadata: null,
      owner: null,
    });
  });
});

describe("a room at ZEGO", () => {
  it("is open while it is occupied, with the number of participants, and else pending", async () => {
    const { adapter, server } = await zegoWith();
    expect(await adapter.getRoom(place("hall"))).toMatchObject({ state: "pending", numParticipants: 0 });
    server.join("hall", "alice");
    server.join("hall", "recorder", { role: "admin" });
    expect(await adapter.getRoom(place("hall"))).toMatchObject({ state: "open", numParticipants: 1 });
    server.leave("hall", "alice");
    expect(await adapter.getRoom(place("hall"))).toMatchObject({ state: "open", numParticipants: 0 });
    server.leave("hall", "recorder");
    expect(await adapter.getRoom(place("hall"))).toMatchObject({ state: "pending", numParticipants: 0 });
  });

  it("is read with nine others in one call, each once", async () => {
    const { adapter, server, actions } = await zegoWith();
    server.join("room-3", "alice");
    server.join("room-22", "bob");
    server.join("elsewhere", "carol");
    const rooms = await adapter.listRooms("lax", [...upTo(25).map((index) => `room-${index}`), "room-3"]);
    expect(rooms).toHaveLength(2);
    expect(rooms[0]).toMatchObject({ room: "zego@lax:room-3", state: "open", numParticipants: 1 });
    expect(rooms[1]).toMatchObject({ room: "zego@lax:room-22", state: "open", numParticipants: 1 });
    expect(actions()).toEqual(["DescribeUserNum", "DescribeUserNum", "DescribeUserNum"]);
    expect(await adapter.listRooms(null, [])).toEqual([]);
    expect(actions()).toHaveLength(3);
  });

  it("is closed with its participants, and closing one that is gone is fine", async () => {
    await inVirtualTime(async () => {
      const { adapter, server } = await zegoWith();
      server.join("hall", "alice");
      server.join("hall", "bob");
      await adapter.deleteRoom(place("hall"));
      expect(server.participants("hall")).toEqual([]);
      await adapter.deleteRoom(place("hall"));
      await adapter.deleteRoom(place("never"));
    });
  });

  it.each([`a~!@#$%^&*()_+=-\`;',.<>`, "..."])("may be called %s", async (name) => {
    const { adapter, server } = await zegoWith();
    server.join(name, name);
    expect(await adapter.getRoom(place(name))).toMatchObject({ name, numParticipants: 1 });
    expect(await adapter.listParticipants(place(name))).toMatchObject([{ identity: name }]);
    await adapter.kickParticipant(place(name), name);
    expect(server.participants(name)).toEqual([]);
    server.join(name, name);
    await adapter.deleteRoom(place(name));
    expect(server.participants(name)).toEqual([]);
  });
});

describe("the participants in a room at ZEGO", () => {
  it("are listed without its recorders, and without the time at which they joined", async () => {
    const { adapter, server } = await zegoWith();
    server.join("hall", "alice", { userName: "Alice" });
    server.join("hall", "bob", { userName: "" });
    server.join("hall", "recorder", { role: "admin" });
    expect(await adapter.listParticipants(place("hall"))).toEqual([
      { identity: "alice", displayName: "Alice", joinedAt: null },
      { identity: "bob", joinedAt: null },
    ]);
    expect(await adapter.listParticipants(place("empty"))).toEqual([]);
  });

  it("are listed over several pages, each once, though some leave meanwhile", async () => {
    await inVirtualTime(async () => {
      const { adapter, server, actions } = await zegoWith();
      const names = upTo(450).map((index) => `user-${String(index).padStart(3, "0")}`);
      for (const name of names) server.join("hall", name);
      const act = () => {
        server.leave("hall", "user-000");
        server.leave("hall", "user-199");
      };
      server.faults.plan({ kind: "latency", ms: 0 }, { times: 1 });
      server.faults.plan({ kind: "meanwhile", act }, { times: 1 });
      const participants = await adapter.listParticipants(place("hall"));
      expect(participants.map(({ identity }) => identity).sort()).toEqual(names);
      expect(actions()).toEqual(["DescribeUserList", "DescribeUserList", "DescribeUserList"]);
    });
  });

  it("are given up where the list does not end", async () => {
    await inVirtualTime(async () => {
      const { adapter, server, actions } = await zegoWith();
      const answer = (Marker: string) => ({ status: 200, body: { Code: 0, Data: { Marker, UserList: [] } } });
      server.faults.plan({ kind: "answer", ...answer("again") });
      const error = await failure(adapter.listParticipants(place("hall")));
      expect(error).toMatchObject({ code: "VENDOR_ERROR", operation: "DescribeUserList", retryable: false });
      expect(actions()).toHaveLength(2);
      server.faults.clear();
      for (const index of upTo(200))
        server.faults.plan({ kind: "answer", ...answer(`${index}`) }, { times: 1 });
      await failure(adapter.listParticipants(place("hall")));
      expect(actions()).toHaveLength(102);
    });
  });

  it("leave when they are kicked; that one was not there, ZEGO does not report", async () => {
    const { adapter, server } = await zegoWith();
    const alice = server.join("hall", "alice");
    server.join("hall", "bob");
    await adapter.kickParticipant(place("hall"), "alice");
    expect(alice.present).toBe(false);
    expect(server.participants("hall")).toEqual(["bob"]);
    await adapter.kickParticipant(place("hall"), "absent");
  });

  it("are an empty list in a room that does not exist, which ZEGO reports", async () => {
    const { adapter, server } = await zegoWith();
    const error = await failure(adapter.kickParticipant(place("hall"), "alice"));
    expect(error).toMatchObject({ code: "NOT_FOUND", vendor: "zego" });
    expect(error.message).toBe("there is no participant alice in room hall");
    expect((await failure(adapter.kickParticipant(place("hall"), "two words"))).issues).toMatchObject([
      { path: "identity" },
    ]);
    expect(server.calls).toHaveLength(1);
  });

  it("are kicked though the answer is lost, even the last ones", async () => {
    await inVirtualTime(async () => {
      const { adapter, server } = await zegoWith();
      server.join("hall", "alice");
      server.faults.plan({ kind: "lost" }, { times: 1 });
      await adapter.kickParticipant(place("hall"), "alice");
      expect(server.participants("hall")).toEqual([]);
    });
  });
});
