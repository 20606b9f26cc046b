import { describe, expect, it } from "vitest";
import type { RoomSpec } from "../../../src/contract/index.ts";
import { hurry } from "../../support/twirp.ts";
import { adapterOnTwirp, NO_SERVERS, STORAGE, WITHOUT_REDIS, wireEgress, wireRoom } from "./fixture.ts";

const SPEC: RoomSpec = {
  region: null,
  name: "hall",
  maxParticipants: 5,
  recording: { layout: "grid", audioOnly: false, outputUri: "s3://acme/" },
};

const OWNED: RoomSpec = { ...SPEC, owner: "0123456789ab-0123456789ab" };
const MARKED = JSON.stringify({ $owner: OWNED.owner });

/** The egress that the room was created with. */
const RECORDED = { body: { items: [{ ...wireEgress, room_id: wireRoom.sid, room_name: "hall" }] } };

describe("a LiveKit room that records its first session", () => {
  it("is made with its recording in the same call", async () => {
    const { server, adapter } = await adapterOnTwirp(STORAGE);
    server.on("CreateRoom", { body: wireRoom });
    server.on("ListEgress", {}, RECORDED);
    expect(await adapter.createRoom(SPEC)).toMatchObject({ room: "livekit:hall" });
    expect(server.methods()).toEqual(["ListEgress", "CreateRoom", "ListEgress"]);
    const file = {
      fileType: "MP4",
      filepath: "{room_name}-{time}.mp4",
      s3: { bucket: "acme", accessKey: "AKIA-canary-id", secret: "s3-canary-secret" },
    };
    expect(server.calls[1]?.body).toMatchObject({
      name: "hall",
      maxParticipants: 5,
      egress: { room: { roomName: "hall", layout: "grid", fileOutputs: [file] } },
    });
  });

  it("may be recorded as a playlist", async () => {
    const { server, adapter } = await adapterOnTwirp();
    server.on("CreateRoom", { body: wireRoom });
    server.on("ListEgress", {}, RECORDED);
    const recording = { layout: "grid", audioOnly: true, outputUri: "out/hall.m3u8" };
    await adapter.createRoom({ ...SPEC, recording });
    expect(server.calls[1]?.body, "a layout would start a browser").not.toHaveProperty("egress.room.layout");
    expect(server.calls[1]?.body).toMatchObject({
      egress: { room: { audioOnly: true, segmentOutputs: [{ playlistName: "out/hall.m3u8" }] } },
    });
  });

  it("is not made at all on a server without Redis, and why is reported at once", async () => {
    const { server, adapter } = await adapterOnTwirp();
    server.on("ListEgress", WITHOUT_REDIS);
    await expect(adapter.createRoom(SPEC)).rejects.toMatchObject({
      code: "NOT_CONFIGURED",
      message: expect.stringContaining("runs without Redis"),
    });
    expect(server.methods()).toEqual(["ListEgress"]);
  });

  it.each([
    ["408", { status: 408, body: { code: "canceled", msg: "context canceled" } }],
    ["503", NO_SERVERS],
    ["a broken connection", "cut" as const],
  ])("is removed again where the recorder does not answer: %s", async (_name, answer) => {
    hurry();
    const { server, adapter } = await adapterOnTwirp();
    server.on("CreateRoom", answer);
    server.on("ListRooms", { body: { rooms: [{ ...wireRoom, metadata: MARKED }] } });
    await expect(adapter.createRoom(OWNED)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(server.methods()).toEqual([
      "ListEgress",
      "CreateRoom",
      "ListRooms",
      "ListParticipants",
      "DeleteRoom",
    ]);
    expect(server.calls[4]?.body).toEqual({ room: "hall" });
  });

  it.each([
    ["none", []],
    ["one of an earlier room of the name", [{ ...wireEgress, room_id: "RM_earlier", room_name: "hall" }]],
  ])("is removed again where the server reports success and has no recording: %s", async (_which, items) => {
    const { server, adapter } = await adapterOnTwirp();
    server.on("CreateRoom", { body: { ...wireRoom, metadata: MARKED } });
    server.on("ListEgress", {}, { body: { items } });
    server.on("ListRooms", { body: { rooms: [{ ...wireRoom, metadata: MARKED }] } });
    await expect(adapter.createRoom(OWNED)).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringContaining("no egress worker took the recording"),
    });
    expect(server.methods().slice(2)).toEqual(["ListEgress", "ListRooms", "ListParticipants", "DeleteRoom"]);
  });

  it.each([
    ["another owner has created it meanwhile", { metadata: '{"$owner":"another"}' }, []],
    ["participants have joined it meanwhile", { metadata: MARKED }, [{ identity: "alice", state: "ACTIVE" }]],
  ])("is left alone where %s", async (_why, room, participants) => {
    hurry();
    const { server, adapter } = await adapterOnTwirp();
    server.on("CreateRoom", { status: 408, body: { code: "canceled", msg: "context canceled" } });
    server.on("ListRooms", { body: { rooms: [{ ...wireRoom, ...room }] } });
    server.on("ListParticipants", { body: { participants } });
    await expect(adapter.createRoom(OWNED)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(server.methods()).not.toContain("DeleteRoom");
  });

  it("reports what to check where no worker accepted its recording", async () => {
    const { server, adapter } = await adapterOnTwirp();
    server.on("CreateRoom", NO_SERVERS);
    await expect(adapter.createRoom(SPEC)).rejects.toThrow(
      "livekit CreateRoom: no egress worker took the recording: is one running",
    );
  });

  it.each([
    [401, "unauthenticated", "permissions denied", "PERMISSION_DENIED"],
    [400, "malformed", "bad room", "INVALID_ARGUMENT"],
    [429, "resource_exhausted", "slow down", "RATE_LIMITED"],
  ])(
    "is not deleted where the server rejected with %i: it belongs to another owner",
    async (...rejection) => {
      const [status, wire, msg, code] = rejection;
      const { server, adapter } = await adapterOnTwirp();
      server.on("CreateRoom", { status, body: { code: wire, msg } });
      await expect(adapter.createRoom(SPEC)).rejects.toMatchObject({ code });
      expect(server.methods()).toEqual(["ListEgress", "CreateRoom"]);
    },
  );

  it("reports why it failed, even where it cannot be taken away", async () => {
    hurry();
    const { server, adapter } = await adapterOnTwirp();
    server.on("CreateRoom", { status: 408, body: { code: "canceled", msg: "context canceled" } });
    server.on("ListRooms", { body: { rooms: [{ ...wireRoom, metadata: MARKED }] } });
    server.on("DeleteRoom", { status: 500, body: { code: "internal", msg: "boom" } });
    await expect(adapter.createRoom(OWNED)).rejects.toThrow("no egress worker took the recording");
  });
});
