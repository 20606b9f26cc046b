import { describe, expect, it } from "vitest";
import { NEVER, type VendorAdapter } from "../../../src/contract/index.ts";
import { hurry } from "../../support/twirp.ts";
import { adapterOnTwirp, NO_SERVERS, wireRoom } from "./fixture.ts";

const WRITABLE = { id: 2 ** 53, x: 1e20, y: 1e20, z: -0, w: 1.5 };
const place = { region: null, name: "hall" };

describe("a LiveKit room's record", () => {
  it("is plain data: 64-bit numbers as times, nothing secret, nothing unknown", async () => {
    const { server, adapter } = await adapterOnTwirp();
    server.on("ListRooms", { body: { rooms: [wireRoom] } });
    const records = await adapter.listRooms(null, ["hall"]);
    expect(records).toEqual([
      {
        room: "livekit:hall",
        name: "hall",
        vendor: "livekit",
        state: "open",
        maxParticipants: 12,
        emptyTimeoutSeconds: 300,
        departureTimeoutSeconds: 20,
        numParticipants: 3,
        metadata: { team: "core" },
        region: null,
        createdAt: "2023-11-14T22:13:20.000Z",
        sid: "RM_abc",
        endpoint: server.url,
        owner: "abc-def",
      },
    ]);
    expect(JSON.stringify(records)).not.toContain("turn-canary");
    expect(server.calls).toEqual([{ method: "ListRooms", body: { names: ["hall"] } }]);
  });

  it("has no limit where LiveKit reports 0, and no time where it reports nothing", async () => {
    const { server, adapter } = await adapterOnTwirp();
    server.on("ListRooms", { body: { rooms: [{ name: "hall", empty_timeout: NEVER }] } });
    const [room] = await adapter.listRooms(null);
    expect(room).toMatchObject({
      maxParticipants: null,
      emptyTimeoutSeconds: NEVER,
      createdAt: null,
      metadata: {},
      owner: null,
    });
  });

  it.each([
    ["", {}, null],
    ["{}", {}, null],
    ['{"$owner":"a-b"}', {}, "a-b"],
    ['{"$owner":5,"a":1}', { a: 1 }, null],
    ["[1]", null, null],
    ["null", null, null],
    ['"text"', null, null],
    ["no JSON", null, null],
    ['{"half', null, null],
    // What would not come back as it was is left alone by whoever takes a room over.
    ['{"id":12345678901234567890,"$owner":"a-b"}', null, "a-b"],
    ['{"deep":[{"id":-9007199254740993}]}', null, null],
    ['{"__proto__":{"a":1}}', null, null],
    ['{"a":{"\\u001b[2J":1},"$owner":"a-b"}', null, "a-b"],
    ['{"id":9007199254740992,"x":1e20,"y":100000000000000000000,"z":-0,"w":1.50}', WRITABLE, null],
  ])("of metadata %j is %j, owned by %j", async (text, metadata, owner) => {
    const { server, adapter } = await adapterOnTwirp();
    server.on("ListRooms", { body: { rooms: [{ ...wireRoom, metadata: text }] } });
    expect(await adapter.listRooms(null)).toMatchObject([{ metadata, owner }]);
  });
});

describe("a LiveKit room is made", () => {
  it("with both timeouts, and the ownership tag inside the metadata", async () => {
    const { server, adapter } = await adapterOnTwirp();
    server.on("CreateRoom", { body: wireRoom });
    await adapter.createRoom({
      ...place,
      maxParticipants: 5,
      emptyTimeoutSeconds: 60,
      metadata: { a: 1 },
      owner: "x-y",
    });
    expect(server.calls[0]?.body).toMatchObject({
      name: "hall",
      maxParticipants: 5,
      emptyTimeout: 60,
      departureTimeout: 60,
      metadata: '{"a":1,"$owner":"x-y"}',
    });
  });

  it("with nothing that was not asked for", async () => {
    const { server, adapter } = await adapterOnTwirp();
    server.on("CreateRoom", { body: wireRoom });
    await adapter.createRoom(place);
    const { name, ...rest } = server.calls[0]?.body ?? {};
    expect(name).toBe("hall");
    expect(Object.values(rest).filter((value) => value !== 0 && value !== "")).toEqual([]);
  });

  it("as the server answers, even where that is another room than asked for", async () => {
    const { server, adapter } = await adapterOnTwirp();
    server.on("CreateRoom", { body: wireRoom });
    const room = await adapter.createRoom({ ...place, maxParticipants: 5, metadata: { mine: true } });
    expect(room).toMatchObject({ maxParticipants: 12, metadata: { team: "core" }, owner: "abc-def" });
  });
});

describe("a LiveKit room's metadata", () => {
  it("is set as a whole, with or without a tag", async () => {
    const { server, adapter } = await adapterOnTwirp();
    server.on("UpdateRoomMetadata", { body: wireRoom });
    await adapter.updateRoom(place, { a: 1 }, "x-y");
    await adapter.updateRoom(place, {}, undefined);
    expect(server.calls.map(({ body }) => body["metadata"])).toEqual(['{"a":1,"$owner":"x-y"}', "{}"]);
  });
});

it("a LiveKit room's metadata is read at the length that newer servers allow", async () => {
  const { server, adapter } = await adapterOnTwirp();
  const metadata = JSON.stringify({ notes: "x".repeat(524_288 - '{"notes":""}'.length) });
  server.on("ListRooms", { body: { rooms: [{ ...wireRoom, metadata }] } });
  const [room] = await adapter.listRooms(null);
  expect(JSON.stringify(room?.metadata)).toBe(metadata);
});

describe("the participants in a LiveKit room", () => {
  it("are no agents, no recorders, and none who have left", async () => {
    const { server, adapter } = await adapterOnTwirp();
    const joined_at = "1700000000";
    const participants = [
      { identity: "alice", name: "Alice", state: "ACTIVE", joined_at },
      { identity: "bob", state: "JOINED", joined_at },
      { identity: "carol", state: "JOINING" },
      { identity: "sip-dave", state: "ACTIVE", kind: "SIP", joined_at },
      { identity: "left", state: "DISCONNECTED", joined_at },
      { identity: "recorder", state: "ACTIVE", kind: "EGRESS", joined_at },
      { identity: "agent", state: "ACTIVE", kind: "AGENT", joined_at },
    ];
    server.on("ListParticipants", { body: { participants } });
    const joinedAt = "2023-11-14T22:13:20.000Z";
    expect(await adapter.listParticipants(place)).toEqual([
      { identity: "alice", displayName: "Alice", joinedAt },
      { identity: "bob", joinedAt },
      { identity: "carol", joinedAt: null },
      { identity: "sip-dave", joinedAt },
    ]);
  });

  it("do not count where no server answers for them twice: theirs has died, and the room's record reports it", async () => {
    const { server, adapter } = await adapterOnTwirp();
    const participants = ["alice", "bob"].map((identity) => ({ identity, state: "ACTIVE" }));
    server.on("ListRooms", { body: { rooms: [{ name: "hall", sid: "RM_1", num_participants: 2 }] } });
    server.on("ListParticipants", { body: { participants } });
    server.on("UpdateSubscriptions", NO_SERVERS);
    expect(await adapter.listParticipants(place)).toEqual([]);
    expect(server.calls.filter(({ method }) => method === "UpdateSubscriptions")).toHaveLength(4);
    const subscription = { identity: "alice", room: "hall" };
    expect(server.calls[1]).toEqual({ method: "UpdateSubscriptions", body: subscription });
    const room = await adapter.getRoom(place);
    expect(room).toMatchObject({
      numParticipants: 0,
      warnings: [
        expect.stringMatching(/^livekit lists 2 participants in room livekit:hall for whom no server/),
      ],
    });
    // A server that was too busy once.
    server.on("UpdateSubscriptions", NO_SERVERS, {});
    expect(await adapter.listParticipants(place)).toHaveLength(2);
  });

  it("are none where the room's server does not answer", async () => {
    const { server, adapter } = await adapterOnTwirp();
    server.on("ListParticipants", NO_SERVERS);
    expect(await adapter.listParticipants(place)).toEqual([]);
  });

  it("count where the question whether they are served fails otherwise", async () => {
    hurry();
    const { server, adapter } = await adapterOnTwirp();
    server.on("ListParticipants", { body: { participants: [{ identity: "alice", state: "ACTIVE" }] } });
    server.on("UpdateSubscriptions", { status: 500, body: { code: "internal", msg: "boom" } });
    expect(await adapter.listParticipants(place)).toHaveLength(1);
  });

  it("are kicked also where the room's server has died, and the next one does not have them", async () => {
    const { server, adapter } = await adapterOnTwirp();
    server.on("ListRooms", { body: { rooms: [{ name: "hall", sid: "RM_1" }] } });
    server.on("RemoveParticipant", NO_SERVERS);
    await adapter.kickParticipant(place, "alice");
    expect(server.methods()).toEqual(["RemoveParticipant", "ListRooms", "CreateRoom", "RemoveParticipant"]);
  });

  it("can be kicked one by one; who is not there is NOT_FOUND, with the name and no vendor's text", async () => {
    const { server, adapter } = await adapterOnTwirp();
    await adapter.kickParticipant(place, "alice");
    expect(server.calls[0]?.body).toMatchObject({ room: "hall", identity: "alice" });
    server.on("RemoveParticipant", {
      status: 404,
      body: { code: "not_found", msg: "participant not found" },
    });
    await expect(adapter.kickParticipant(place, "bob")).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: "there is no participant bob in room hall",
    });
  });

  it("are kicked once, though the answer was lost and a second try finds no participant", async () => {
    hurry();
    const { server, adapter } = await adapterOnTwirp();
    const gone = { status: 404, body: { code: "not_found", msg: "participant not found" } };
    server.on("RemoveParticipant", "cut", gone);
    await adapter.kickParticipant(place, "alice");
    expect(server.calls).toHaveLength(2);
  });
});

describe("a LiveKit room is deleted", () => {
  it("once, and a second time without an error", async () => {
    const { server, adapter } = await adapterOnTwirp();
    const gone = { status: 404, body: { code: "not_found", msg: "requested room does not exist" } };
    server.on("DeleteRoom", {}, gone);
    await adapter.deleteRoom(place);
    await adapter.deleteRoom(place);
    expect(server.calls.map(({ body }) => body)).toEqual([{ room: "hall" }, { room: "hall" }]);
  });
});

describe("whether a join brings back a room that a LiveKit server has closed", () => {
  const revives = (adapter: VendorAdapter) => adapter.persistentRooms?.revivesAt?.(null);

  it("is asked of the server once, without joining or creating anything", async () => {
    const { server, adapter } = await adapterOnTwirp();
    server.on("validate", { status: 404, body: "requested room does not exist", type: "text/plain" });
    expect([await revives(adapter), await revives(adapter)]).toEqual([false, false]);
    expect(server.methods()).toEqual(["validate"]);
  });

  it.each([
    ["a server that creates rooms on join", { body: "success" }],
    ["a proxy without such a path", { status: 404, body: "<h1>404 page not found</h1>" }],
    ["a server whose limit is reached", { status: 503, body: "limit exceeded" }],
  ])("is so for %s", async (_, answer) => {
    const { server, adapter } = await adapterOnTwirp();
    server.on("validate", { ...answer, type: "text/plain" });
    expect(await revives(adapter)).toBe(true);
  });

  it("is not known without an answer, and is asked again", async () => {
    hurry();
    const { server, adapter } = await adapterOnTwirp();
    server.on("validate", "cut", "cut", "cut", { body: "success" });
    await expect(revives(adapter)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(await revives(adapter)).toBe(true);
  });
});
