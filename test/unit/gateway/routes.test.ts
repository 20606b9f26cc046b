import { beforeEach, describe, expect, it } from "vitest";
import { CAPABILITIES } from "../../../src/contract/index.ts";
import { at, document, gateway, offDocument, type TestGateway } from "./fixture.ts";

let g: TestGateway;
beforeEach(() => {
  g = gateway({ both: true });
});
const made = async (name: string) =>
  (await g.ask("POST", "/v1/rtc/room/create", { name, vendor: "memory" })).body;

describe("a session over REST", () => {
  it("makes a room, finds it, changes it and deletes it, with snake_case everywhere but in metadata", async () => {
    const metadata = { teamLead: "ada", nested: { maxParticipants: 1 } };
    const asked = { name: "hall", vendor: "memory", max_participants: 12, empty_timeout_s: 600, metadata };
    const created = await g.ask("POST", "/v1/rtc/room/create", asked);
    expect(created).toMatchObject({
      status: 200,
      body: {
        ...{ room: "memory:hall", name: "hall", vendor: "memory", state: "open", max_participants: 12 },
        ...{ empty_timeout_s: 600, departure_timeout_s: 600, num_participants: 0, metadata, region: null },
        ...{ sid: "RM_1", endpoint: "https://memory.example", owner: null },
      },
    });
    expect(offDocument("Room", created.body)).toBeUndefined();
    expect(g.memory.room(at("hall"))).toMatchObject({
      maxParticipants: 12,
      emptyTimeoutSeconds: 600,
      metadata,
    });
    expect(await g.ask("GET", "/v1/rtc/room/get/memory:hall")).toMatchObject({
      status: 200,
      body: created.body,
    });
    const updated = await g.ask("POST", "/v1/rtc/room/update/memory:hall", { metadata: { teamLead: "bob" } });
    expect(updated).toMatchObject({ status: 200, body: { metadata: { teamLead: "bob" } } });
    expect(await g.ask("DELETE", "/v1/rtc/room/delete/memory:hall")).toMatchObject({
      status: 200,
      body: { ok: true },
    });
    expect(g.memory.rooms.size).toBe(0);
    expect(await g.ask("DELETE", "/v1/rtc/room/delete/memory:hall"), "again").toMatchObject({
      body: { ok: true },
    });
    expect(await g.ask("GET", "/v1/rtc/room/get/memory:hall")).toMatchObject({ status: 404 });
  });

  it("takes minimal bodies, also of a room called ...", async () => {
    const one = gateway();
    expect(await one.ask("POST", "/v1/rtc/room/create", { name: "..." })).toMatchObject({
      body: { room: "memory:..." },
    });
    const token = await one.ask("POST", "/v1/rtc/token/issue", { room: "...", identity: "alice" });
    expect(token).toMatchObject({ status: 200, body: { room: "memory:...", identity: "alice" } });
    expect(offDocument("AccessToken", token.body)).toBeUndefined();
    expect(await one.ask("POST", "/v1/rtc/recording/start", { room: "..." })).toMatchObject({
      status: 200,
      body: { recording: "memory:EG_1", room: "memory:..." },
    });
    expect(await one.ask("GET", "/v1/rtc/room/get/...")).toMatchObject({ body: { name: "..." } });
  });

  it("warns of what a vendor does not hold in the words of REST", async () => {
    const body = { name: "hall", vendor: "fleeting", max_participants: 5 };
    expect(await g.ask("POST", "/v1/rtc/room/create", body)).toMatchObject({
      body: { warnings: ["max_participants is not enforced: any participant may join"] },
    });
  });

  it("issues a token with exactly what was asked for, from a name or from the room's record", async () => {
    const room = await made("hall");
    const asked = { identity: "alice", display_name: "Alice", ttl_s: 60, can_publish: false, is_admin: true };
    for (const of of ["memory:hall", room]) {
      const { status, body, headers } = await g.ask("POST", "/v1/rtc/token/issue", { ...asked, room: of });
      expect(status).toBe(200);
      expect(headers.get("cache-control")).toBe("no-store");
      expect(body).toMatchObject({ expires_at: expect.stringMatching(/Z$/) });
      expect(g.memory.read((body as { token: string }).token)).toMatchObject({
        ...{ identity: "alice", displayName: "Alice", ttlSeconds: 60, canPublish: false, isAdmin: true },
        ...{ canSubscribe: true, canPublishData: true },
      });
    }
  });

  it("records a room from start to end, and stopping an expired one succeeds", async () => {
    await made("hall");
    const asked = { room: "memory:hall", layout: "speaker", audio_only: true, output_uri: "s3://acme/a.ogg" };
    const { status, body } = await g.ask("POST", "/v1/rtc/recording/start", asked);
    expect(status).toBe(200);
    expect(offDocument("Recording", body)).toBeUndefined();
    expect(body).toMatchObject({
      ...{ recording: "memory:EG_1", room: "memory:hall", room_sid: "RM_1", status: "starting" },
      ...{ layout: "speaker", audio_only: true, output_uri: "s3://acme/a.ogg" },
    });
    g.memory.publish(at("hall"), "alice");
    const path = (what: string) => `/v1/rtc/recording/${what}/memory:EG_1`;
    expect(await g.ask("GET", path("get"))).toMatchObject({ body: { status: "active" } });
    expect(await g.ask("POST", path("update"), { layout: "grid" })).toMatchObject({
      body: { layout: "grid" },
    });
    const list = await g.ask("GET", "/v1/rtc/recording/list?room=memory:hall&active=true");
    expect(list).toMatchObject({ status: 200, body: { items: [{ recording: "memory:EG_1" }] } });
    expect(await g.ask("POST", path("stop"))).toMatchObject({
      status: 200,
      body: { recording: "memory:EG_1" },
    });
    expect(await g.ask("POST", path("stop"), {}), "an empty body is none").toMatchObject({ status: 200 });
    const ended = (await g.ask("GET", path("get"))).body;
    expect(ended).toMatchObject({ status: "complete", files: [{ size_bytes: 400, duration_s: 4 }] });
    expect(offDocument("Recording", ended)).toBeUndefined();
    expect(await g.ask("GET", "/v1/rtc/recording/list?active=true")).toMatchObject({ body: { items: [] } });
    g.memory.recorder.forget("EG_1");
    expect(await g.ask("POST", path("stop"))).toMatchObject({ status: 200, body: { ok: true } });
    expect(await g.ask("GET", "/v1/rtc/recording/get/memory:EG_2")).toMatchObject({ status: 404 });
  });

  it("lists the participants in a room and removes one, and rejects a kick whose path and body name two rooms", async () => {
    await made("hall");
    g.memory.enter(at("hall"), "alice", true, "Alice");
    g.memory.enter(at("hall"), "bob");
    const list = await g.ask("GET", "/v1/rtc/participant/list/memory:hall");
    expect(list.body).toMatchObject({
      items: [
        { identity: "alice", display_name: "Alice", joined_at: expect.any(String) },
        { identity: "bob" },
      ],
    });
    expect(offDocument("ParticipantList", list.body)).toBeUndefined();
    const kick = (path: string, room: string, identity: string) =>
      g.ask("POST", `/v1/rtc/participant/kick/${path}`, { room, identity });
    expect(await kick("memory:hall", "memory:lobby", "alice")).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: "/room", message: "is not the room of the path" }] },
    });
    expect(await kick("hall", "lobby", "alice")).toMatchObject({ status: 400 });
    expect(await kick("memory:hall", "memory:hall", "alice")).toMatchObject({
      status: 200,
      body: { ok: true },
    });
    expect(await kick("memory:hall", "hall", "bob"), "the same room, by its name").toMatchObject({
      status: 200,
    });
    expect(g.memory.room(at("hall"))?.inside).toEqual([]);
    expect(await kick("memory:hall", "memory:hall", "alice")).toMatchObject({ status: 404 });
    g.memory.enter(at("hall"), "carol");
    const byPath = await g.ask("POST", "/v1/rtc/participant/kick/hall", { identity: "carol" });
    expect(byPath, "the path alone names it").toMatchObject({ status: 200 });
    expect(g.memory.room(at("hall"))?.inside).toEqual([]);
  });

  it("reports for each capability which vendors can, and for a misspelt one which was meant", async () => {
    for (const capability of CAPABILITIES) {
      const { status, body } = await g.ask("GET", `/v1/discovery/${capability}`);
      expect(status).toBe(200);
      expect(offDocument("Discovery", body)).toBeUndefined();
    }
    expect(await g.ask("GET", "/v1/discovery/rtc.recording.start")).toMatchObject({
      body: {
        capability: "rtc.recording.start",
        vendors: [
          { vendor: "memory", available: true },
          { vendor: "fleeting", available: false, reason: expect.stringContaining("nothing to record with") },
        ],
      },
    });
    expect(await g.ask("GET", "/v1/discovery/rtc.room.craete")).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: "/capability", message: "is not known; did you mean rtc.room.create?" }] },
    });
  });
});

describe("the list of rooms", () => {
  it("has every vendor's, and does not skip or repeat one because others come and go between two pages", async () => {
    for (const name of ["a", "b", "d"]) g.memory.make(at(name));
    for (const name of ["x", "z"]) g.fleeting.enter(at(name), "alice");
    const first = await g.ask("GET", "/v1/rtc/room/list?limit=3");
    expect(offDocument("RoomPage", first.body)).toBeUndefined();
    const ids = (body: unknown) => (body as { items: { room: string }[] }).items.map(({ room }) => room);
    expect(ids(first.body)).toEqual(["fleeting:x", "fleeting:z", "memory:a"]);
    g.memory.lose(at("a"));
    g.memory.make(at("c"));
    g.fleeting.enter(at("y"), "bob");
    const { next_cursor } = first.body as { next_cursor: string };
    const second = await g.ask(
      "GET",
      `/v1/rtc/room/list?limit=100&cursor=${encodeURIComponent(next_cursor)}`,
    );
    expect(ids(second.body)).toEqual(["memory:b", "memory:c", "memory:d"]);
    expect(second.body).not.toHaveProperty("next_cursor");
  });

  it("takes a limit above 100 as 100, and a cursor of digits as a text", async () => {
    for (let n = 0; n < 101; n++) g.memory.make(at(`room-${n}`));
    const { body } = await g.ask("GET", "/v1/rtc/room/list?limit=00500");
    expect((body as { items: unknown[] }).items).toHaveLength(100);
    expect(await g.ask("GET", "/v1/rtc/room/list?cursor=12")).toMatchObject({
      status: 400,
      body: {
        errors: [{ pointer: "/cursor", message: expect.stringContaining("pass next_cursor unchanged") }],
      },
    });
  });
});

describe("a room with an odd but legal name", () => {
  const NAMES = [
    "...",
    ".",
    "..",
    "a/b",
    "/",
    "100%",
    "%2E",
    "a b",
    "ü–é",
    "🎉",
    "a?b#c",
    "a+b",
    "list",
    "\\",
  ];
  it.each(NAMES)("%j works in every path", async (name) => {
    const one = gateway();
    expect(await one.ask("POST", "/v1/rtc/room/create", { name })).toMatchObject({ body: { name } });
    // As some write it who do not leave dots to those who take them out.
    const part = encodeURIComponent(name).replace(/^\.+$/, (dots) => "%2E".repeat(dots.length));
    expect(await one.ask("GET", `/v1/rtc/room/get/${part}`)).toMatchObject({ status: 200, body: { name } });
    one.memory.enter(at(name), "alice");
    expect(await one.ask("GET", `/v1/rtc/participant/list/${part}`)).toMatchObject({
      body: { items: [{ identity: "alice" }] },
    });
    const kick = { room: name, identity: "alice" };
    expect(await one.ask("POST", `/v1/rtc/participant/kick/${part}`, kick)).toMatchObject({ status: 200 });
    expect(await one.ask("DELETE", `/v1/rtc/room/delete/${part}`)).toMatchObject({ status: 200 });
    expect(one.memory.rooms.size).toBe(0);
  });

  it("that reads like an id without a name needs its id, or a room without a name would be meant", async () => {
    const one = gateway();
    await one.ask("POST", "/v1/rtc/room/create", { name: "memory:" });
    for (const [method, verb] of [
      ["GET", "get"],
      ["DELETE", "delete"],
    ] as const) {
      expect(await one.ask(method, `/v1/rtc/room/${verb}/memory%3A`)).toMatchObject({
        status: 400,
        body: { errors: [{ pointer: "/room", message: "memory: has no name after the colon" }] },
      });
      expect(await one.ask(method, `/v1/rtc/room/${verb}/memory%3Amemory%3A`)).toMatchObject({ status: 200 });
    }
    expect(one.memory.rooms.size).toBe(0);
  });

  it.each([
    ["team%2Fa", "/v1/rtc/room/delete/a"],
    ["a%23b", "/v1/rtc/room/delete/a#b"],
    ["50%252Fa", "/v1/rtc/room/delete/50%2Fa"],
    ["x%2F..%2Fa", "/v1/rtc/room/delete/a"],
  ])("sent as %s is not read as another one that a proxy makes of it", async (sent, arrived) => {
    const one = gateway();
    for (const name of ["a", "50/a"]) one.memory.make(at(name));
    const header = { "x-rtc-path": `/v1/rtc/room/delete/${sent}` };
    expect(await one.ask("DELETE", arrived, undefined, header)).toMatchObject({
      status: 404,
      body: { code: "UNKNOWN_ADDRESS" },
    });
    expect(one.memory.rooms.size).toBe(2);
  });

  it("is rejected with the parameter's pointer where the path is no UTF-8", async () => {
    expect(await g.ask("GET", "/v1/rtc/room/get/%E0%A4%A")).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: "/room", message: "is not encoded as UTF-8" }] },
    });
  });
});

it("serves exactly the routes of the document, each of which answers a method that it does not take with 405", async () => {
  const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
  const operations: string[] = [];
  for (const [path, known] of Object.entries<Record<string, { operationId: string }>>(document.paths)) {
    const allowed = Object.keys(known).map((method) => method.toUpperCase());
    operations.push(...Object.values(known).map(({ operationId }) => operationId));
    for (const method of methods.filter((one) => !allowed.includes(one))) {
      const { status, headers, body } = await g.ask(method, path.replace(/\{\w+\}/, "x"));
      expect([status, body], `${method} ${path}`).toMatchObject([
        405,
        { status: 405, code: "INVALID_ARGUMENT" },
      ]);
      expect(headers.get("allow")?.split(", ")).toEqual(expect.arrayContaining(allowed));
    }
  }
  expect(operations.sort()).toEqual([...CAPABILITIES, "discovery"].sort());
});
