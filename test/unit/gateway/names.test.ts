import { beforeEach, describe, expect, it } from "vitest";
import { at, gateway, type TestGateway } from "./fixture.ts";

let g: TestGateway;
beforeEach(() => {
  g = gateway({ both: true });
});
const create = (name: string, vendor?: string) =>
  g.ask("POST", "/v1/rtc/room/create", { name, ...(vendor && { vendor }) });
const token = async (room: string, more = {}) =>
  (await g.ask("POST", "/v1/rtc/token/issue", { room, identity: "alice", ...more })).body;

describe("a bare name, where several vendors are configured", () => {
  it("means the vendor that is named beside it", async () => {
    g.memory.make(at("hall"));
    expect(await token("hall", { vendor: "fleeting" })).toMatchObject({ room: "fleeting:hall" });
  });

  it("means the room that is live", async () => {
    g.memory.make(at("hall"));
    g.fleeting.enter(at("lobby"), "bob");
    expect(await token("hall")).toMatchObject({ room: "memory:hall" });
    expect(await token("lobby")).toMatchObject({ room: "fleeting:lobby" });
    expect(await g.ask("GET", "/v1/rtc/room/get/lobby")).toMatchObject({ body: { room: "fleeting:lobby" } });
  });

  it("means the room that was created through this gateway while it is still empty, until it is deleted", async () => {
    expect(await create("lobby", "fleeting")).toMatchObject({
      body: { room: "fleeting:lobby", state: "pending" },
    });
    expect(await token("lobby")).toMatchObject({ room: "fleeting:lobby" });
    expect(await g.ask("GET", "/v1/rtc/room/get/lobby")).toMatchObject({ body: { room: "fleeting:lobby" } });
    expect(await g.ask("DELETE", "/v1/rtc/room/delete/lobby")).toMatchObject({ status: 200 });
    expect(await token("lobby"), "as if it had never been").toMatchObject({ room: "memory:lobby" });
  });

  it("has the settings it was created with, with later changes, where the vendor stores none of them", async () => {
    const made = { name: "lobby", vendor: "fleeting", max_participants: 4, metadata: { team: "core" } };
    await g.ask("POST", "/v1/rtc/room/create", made);
    await g.ask("POST", "/v1/rtc/room/update/lobby", { metadata: { team: "sales" } });
    const body = { room: "fleeting:lobby", max_participants: 4, metadata: { team: "sales" } };
    expect(await g.ask("GET", "/v1/rtc/room/get/lobby")).toMatchObject({ body });
    g.fleeting.enter(at("lobby"), "bob");
    expect(await g.ask("GET", "/v1/rtc/room/list")).toMatchObject({ body: { items: [body] } });
  });

  it("is placed like a new room where it is unknown: to the first that can", async () => {
    expect(await token("nowhere")).toMatchObject({ room: "memory:nowhere" });
    expect(await g.ask("GET", "/v1/rtc/room/get/nowhere")).toMatchObject({ status: 404 });
    expect(await g.ask("DELETE", "/v1/rtc/room/delete/nowhere")).toMatchObject({ body: { ok: true } });
    expect(await g.ask("POST", "/v1/rtc/recording/start", { room: "nowhere" })).toMatchObject({
      status: 404,
      body: { vendor: "memory" },
    });
  });

  it("is rejected with the ids where it means two rooms, so that none is deleted by mistake", async () => {
    await create("hall", "fleeting");
    g.memory.make(at("hall"));
    expect(await g.ask("DELETE", "/v1/rtc/room/delete/hall")).toMatchObject({
      status: 400,
      body: {
        errors: [{ pointer: "/room", message: expect.stringContaining("memory:hall, fleeting:hall") }],
      },
    });
    expect(g.memory.rooms.size).toBe(1);
    expect(await g.ask("DELETE", "/v1/rtc/room/delete/fleeting:hall")).toMatchObject({ status: 200 });
    expect(await token("hall")).toMatchObject({ room: "memory:hall" });
  });

  it("is not taken for another room while a vendor that may have it is not to be reached", async () => {
    g.memory.fault = "unreachable";
    expect(await token("nowhere")).toMatchObject({ status: 503, vendor: "memory" });
    await create("lobby", "fleeting");
    expect(await token("lobby"), "which is known").toMatchObject({ room: "fleeting:lobby" });
  });
});

describe("the owner of a declared room", () => {
  const tag = "0123456789ab-ba9876543210";
  const ask = (body: object) =>
    g.ask("POST", "/v1/rtc/room/create", { name: "hall", vendor: "memory", ...body });

  it("is read from the metadata, stays at the vendor, and is shown apart from the metadata", async () => {
    const { body } = await ask({ metadata: { team: "core", $owner: tag }, empty_timeout_s: 2 ** 32 - 2 });
    expect(body).toMatchObject({ owner: tag, metadata: { team: "core" }, empty_timeout_s: 2 ** 32 - 2 });
    expect(g.memory.room(at("hall"))?.metadata).toEqual({ team: "core", $owner: tag });
    const path = "/v1/rtc/room/update/memory:hall";
    expect(await g.ask("POST", path, { metadata: { a: 1 } }), "kept").toMatchObject({
      body: { owner: tag },
    });
    const other = tag.replace("0", "f");
    expect(await g.ask("POST", path, { metadata: { $owner: other } })).toMatchObject({
      body: { owner: other, metadata: {} },
    });
  });

  it("is not given to a room that is there already, which is returned where the settings agree", async () => {
    g.memory.make(at("hall"), { maxParticipants: 5, metadata: { team: "core" } });
    expect(await ask({ metadata: { $owner: tag } })).toMatchObject({ status: 200, body: { owner: null } });
    expect(await ask({ metadata: { $owner: tag }, max_participants: 6 })).toMatchObject({
      status: 409,
      body: { code: "ALREADY_EXISTS", detail: expect.stringContaining("max_participants is 5, asked for 6") },
    });
    expect(g.memory.calls).not.toContain("createRoom");
  });

  it("is in the record of an on-demand room, which only its resource can create", async () => {
    const lobby = (body: object) => ask({ name: "lobby", vendor: "fleeting", ...body });
    const path = "/v1/rtc/room/get/fleeting:lobby";
    expect(await lobby({ max_participants: 5, metadata: { team: "core", $owner: tag } })).toMatchObject({
      body: { owner: tag, max_participants: 5, metadata: { team: "core" } },
    });
    expect(await lobby({ metadata: { $owner: tag } }), "no limit any more").toMatchObject({
      body: { owner: tag, max_participants: null, metadata: {} },
    });
    await lobby({ max_participants: 5, metadata: { $owner: tag } });
    const others = [{}, { metadata: { $owner: tag.replace("0", "f") } }];
    for (const other of others) {
      expect(await lobby(other), "where nothing else is asked for").toMatchObject({
        body: { owner: tag, max_participants: 5 },
      });
      expect(await lobby({ ...other, max_participants: 6 })).toMatchObject({
        status: 409,
        body: { code: "ALREADY_EXISTS", detail: expect.stringContaining("max_participants is 5") },
      });
    }
    expect(await g.ask("GET", path)).toMatchObject({ body: { owner: tag, max_participants: 5 } });
    await g.ask("DELETE", "/v1/rtc/room/delete/fleeting:lobby");
    expect(await g.ask("GET", path)).toMatchObject({ body: { owner: null, max_participants: null } });
    expect(g.fleeting.calls).not.toContain("createRoom");
  });

  it("is rejected where it is no ownership tag", async () => {
    for (const owner of ["me", 5, "", tag.toUpperCase(), `${tag}0`])
      expect(await ask({ metadata: { $owner: owner } })).toMatchObject({
        status: 400,
        body: { errors: [{ pointer: "/metadata", message: "the key $owner is reserved" }] },
      });
  });
});
