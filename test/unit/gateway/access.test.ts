import { describe, expect, it } from "vitest";
import type { Principal } from "../../../src/gateway/services/keys.ts";
import { at, document, gateway } from "./fixture.ts";

const operations = Object.entries<object>(document.paths).flatMap(([path, methods]) =>
  Object.keys(methods).map((method) => [method.toUpperCase(), path.replace(/\{\w+\}/, "hall")] as const),
);

describe("a read-only key", () => {
  it.each(operations)("%s %s", async (method, path) => {
    const g = gateway({ principal: { readOnly: true } });
    g.memory.make(at("hall"));
    const answer = await g.ask(method, path, method === "POST" ? {} : undefined);
    if (method !== "GET")
      expect(answer).toMatchObject({
        status: 403,
        body: { code: "PERMISSION_DENIED", detail: "this key is read-only" },
      });
    else expect([401, 403]).not.toContain(answer.status);
    expect([...g.memory.rooms.values()].map(({ name }) => name)).toEqual(["hall"]);
  });
});

describe("a key for rooms with a prefix", () => {
  const begin = () => {
    const g = gateway({ principal: { prefix: "ci-" } });
    for (const name of ["ci-a", "hall", "ci-b", "ci"]) {
      g.memory.make(at(name));
      g.memory.enter(at(name), "alice");
      const spec = { ...at(name), layout: "grid", audioOnly: false, outputUri: "s3://acme/" };
      g.memory.recorder.begin(spec, "RM_1");
    }
    g.memory.calls.length = 0;
    return g;
  };
  /** Every way to ask for a room. */
  const asked = (room: string, recording: string): [string, string, object?][] => [
    ["POST", "/v1/rtc/room/create", { name: room.replace("memory:", "") }],
    ["GET", `/v1/rtc/room/get/${room}`],
    ["POST", `/v1/rtc/room/update/${room}`, { metadata: {} }],
    ["POST", "/v1/rtc/token/issue", { room, identity: "bob" }],
    ["POST", "/v1/rtc/token/issue", { room: { room }, identity: "bob" }],
    ["GET", `/v1/rtc/participant/list/${room}`],
    ["POST", "/v1/rtc/recording/start", { room }],
    ["GET", `/v1/rtc/recording/list?room=${room}`],
    ["GET", `/v1/rtc/recording/get/${recording}`],
    ["POST", `/v1/rtc/recording/update/${recording}`, { layout: "speaker" }],
    ["POST", `/v1/rtc/recording/stop/${recording}`],
    ["POST", `/v1/rtc/participant/kick/${room}`, { room, identity: "alice" }],
    ["DELETE", `/v1/rtc/room/delete/${room}`],
  ];

  it("does everything with them", async () => {
    const g = begin();
    for (const request of asked("memory:ci-a", "memory:EG_1"))
      expect(await g.ask(...request), request.join(" ")).toMatchObject({ status: 200 });
    expect(g.memory.room(at("ci-a"))).toBeUndefined();
  });

  it.each([
    ["memory:hall", "memory:EG_2"],
    ["hall", "EG_2"],
    ["memory:ci", "memory:EG_4"],
  ])("is rejected everything with %s", async (room, recording) => {
    const g = begin();
    for (const request of asked(room, recording))
      expect(await g.ask(...request), request.join(" ")).toMatchObject({
        status: 403,
        body: { code: "PERMISSION_DENIED", detail: "this key is for rooms whose names begin with ci-" },
      });
    const changing = [
      "createRoom",
      "updateRoom",
      "deleteRoom",
      "kickParticipant",
      "startRecording",
      "stopRecording",
    ];
    expect(g.memory.calls.filter((call) => changing.includes(call))).toEqual([]);
    expect(g.memory.rooms.size).toBe(4);
  });

  it("lists no others, on full pages", async () => {
    const g = begin();
    expect(await g.ask("GET", "/v1/rtc/room/list?limit=2")).toMatchObject({
      body: { items: [{ name: "ci-a" }, { name: "ci-b" }] },
    });
    const first = await g.ask("GET", "/v1/rtc/room/list?limit=1");
    const { next_cursor } = first.body as { next_cursor: string };
    const second = await g.ask("GET", `/v1/rtc/room/list?limit=1&cursor=${next_cursor}`);
    expect(second.body).toMatchObject({ items: [{ name: "ci-b" }] });
    expect(second.body).not.toHaveProperty("next_cursor");
    const { body } = await g.ask("GET", "/v1/rtc/recording/list");
    expect((body as { items: { room: string }[] }).items.map(({ room }) => room)).toEqual([
      "memory:ci-a",
      "memory:ci-b",
    ]);
  });
});

describe("where a key's recordings go", () => {
  /** Asks for a recording of a room, and returns where it went, or why not. */
  async function start(principal: Partial<Principal>, output_uri?: string): Promise<string | undefined> {
    const g = gateway({ principal });
    g.memory.make(at("ci-a"));
    const { body } = await g.ask("POST", "/v1/rtc/recording/start", { room: "memory:ci-a", output_uri });
    const [started] = g.memory.recorder.recordings.values();
    return started ? started.outputUri : (body as { detail: string }).detail;
  }
  const OURS = { prefix: "ci-", output: "s3://acme/ci/" };

  it("is the gateway's own output for a key with a room prefix, which may choose no other", async () => {
    expect(await start({ prefix: "ci-" })).toBe("s3://acme/");
    expect(await start({ prefix: "ci-" }, "s3://acme/others/")).toBe(
      "this key records to the gateway's own output: leave output_uri out",
    );
  });

  it("is the key's folder, or what is in it", async () => {
    expect(await start(OURS)).toBe("s3://acme/ci/");
    expect(await start(OURS, "s3://acme/ci/night/a.mp4")).toBe("s3://acme/ci/night/a.mp4");
  });

  it.each([
    "s3://acme/cinema/a.mp4",
    "s3://acme/a.mp4",
    "s3://other/ci/a.mp4",
    "gs://acme/ci/a.mp4",
    "out/ci/a.mp4",
  ])("is not %s, which is not in the key's folder", async (outside) => {
    expect(await start(OURS, outside)).toBe("this key records to what is in s3://acme/ci/");
  });

  it("is anywhere for a key without limits, but for absolute paths outside the gateway's own folder", async () => {
    expect(await start({}, "s3://other/a.mp4")).toBe("s3://other/a.mp4");
    expect(await start({}, "/etc/cron.d/a.mp4")).toContain("must be below the folder of rtc:recordingOutput");
  });

  it("is no room's own recording where the key has a folder", async () => {
    const g = gateway({ principal: OURS });
    const answer = await g.ask("POST", "/v1/rtc/room/create", { name: "ci-b", enable_recording: true });
    expect(answer).toMatchObject({ status: 403, body: { code: "PERMISSION_DENIED" } });
    expect(g.memory.rooms.size).toBe(0);
  });
});
