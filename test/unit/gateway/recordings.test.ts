import { describe, expect, it } from "vitest";
import { openSqliteStore } from "../../../src/gateway/store/sqlite-store.ts";
import { at, gateway, offDocument, type TestOptions } from "./fixture.ts";

const metadata = { course: 7, teamLead: { maxParticipants: 1 } };
const path = (what: string, id = "EG_1") => `/v1/rtc/recording/${what}/memory:${id}`;

/** A gateway with a room, and its store. */
function begin(options: TestOptions = {}) {
  const { recordings } = openSqliteStore(":memory:");
  const g = gateway({ ...options, parts: { recordings, ...options.parts } });
  for (const name of ["hall", "ci-a"]) g.memory.make(at(name));
  const start = (more = {}) => g.ask("POST", "/v1/rtc/recording/start", { room: "memory:hall", ...more });
  return { ...g, recordings, start };
}

describe("a recording that was started through the gateway", () => {
  it("has what it was started with in every answer; one that was not has nothing of it", async () => {
    const g = begin();
    expect(await g.start({ metadata })).toMatchObject({ status: 200, body: { metadata } });
    g.memory.recorder.begin(
      { ...at("hall"), layout: "grid", audioOnly: false, outputUri: "s3://b/" },
      "RM_1",
    );
    g.memory.publish(at("hall"), "alice");
    const shown = await g.ask("GET", path("get"));
    expect(shown).toMatchObject({ status: 200, body: { status: "active", metadata } });
    expect(offDocument("Recording", shown.body)).toBeUndefined();
    const { body } = await g.ask("GET", "/v1/rtc/recording/list");
    const items = [{ recording: "memory:EG_1", metadata }, { recording: "memory:EG_2" }];
    expect(body).toMatchObject({ items });
    expect((body as { items: object[] }).items[1]).not.toHaveProperty("metadata");
    const speaker = { layout: "speaker" };
    expect(await g.ask("POST", path("update"), speaker)).toMatchObject({ body: { ...speaker, metadata } });
    expect(await g.ask("POST", path("stop"))).toMatchObject({ status: 200, body: { metadata } });
  });

  it("is shown as it ended when it has expired at the vendor, if that was observed; to stop it is fine", async () => {
    const g = begin();
    await g.start({ metadata });
    g.memory.publish(at("hall"), "alice");
    await g.ask("POST", path("stop"));
    await expect.poll(() => g.ask("GET", path("get"))).toMatchObject({ body: { status: "complete" } });
    const { body: ended } = await g.ask("GET", "/v1/rtc/recording/list");
    g.memory.recorder.forget("EG_1");
    const { status, body } = await g.ask("GET", path("get"));
    expect([status, body]).toEqual([200, { ...(ended as { items: object[] }).items[0], unverified: true }]);
    expect(body).toMatchObject({ files: [{ size_bytes: 400 }], metadata });
    expect(offDocument("Recording", body)).toBeUndefined();
    expect(await g.ask("GET", "/v1/rtc/recording/get/EG_1"), "by its bare id").toMatchObject({ body });
    expect(await g.ask("POST", path("stop"))).toMatchObject({ status: 200, body: { ok: true } });
    expect(await g.ask("POST", path("update"), { layout: "grid" })).toMatchObject({ status: 404 });
    expect(await g.ask("GET", "/v1/rtc/recording/list"), "the vendor's").toMatchObject({
      body: { items: [] },
    });
  });

  it("has ended where it was active at the last observation and has expired at the vendor", async () => {
    const g = begin();
    await g.start({ metadata });
    g.memory.publish(at("hall"), "alice");
    await g.ask("GET", "/v1/rtc/recording/list?room=hall");
    g.memory.recorder.forget("EG_1");
    const { body } = await g.ask("GET", path("get"));
    expect(body).toMatchObject({ room: "memory:hall", status: "complete", unverified: true, metadata });
    expect(body).toMatchObject({ error: "it has expired at the vendor: how it ended was not observed" });
    expect(await g.recordings.find("memory:EG_1"), "which is not what was observed").toMatchObject({
      status: "active",
    });
  });

  it("is not taken to be over because the vendor cannot be asked", async () => {
    const g = begin();
    await g.start();
    g.memory.fault = "unreachable";
    expect(await g.ask("GET", path("get"))).toMatchObject({ status: 503 });
    g.memory.fault = undefined;
    expect(await g.ask("GET", path("get"))).toMatchObject({ body: { status: "starting" } });
  });

  it("is returned, also when it has expired, with a key for its room alone", async () => {
    const g = begin({ principal: { prefix: "ci-" } });
    await g.start({ room: "memory:ci-a", metadata });
    const theirs = { recording: "memory:EG_9", room: "memory:hall", status: "starting" } as const;
    await g.recordings.claim({ recording: theirs, request: "r", startedBy: "another" }, Date.now());
    g.memory.recorder.forget("EG_1");
    expect(await g.ask("GET", path("get"))).toMatchObject({ status: 200, body: { metadata } });
    for (const id of ["memory:EG_9", "EG_9"])
      for (const [method, what, body] of [
        ["GET", "get"],
        ["POST", "stop"],
        ["POST", "update", { layout: "grid" }],
      ] as const)
        expect(await g.ask(method, `/v1/rtc/recording/${what}/${id}`, body), what).toMatchObject({
          status: 403,
        });
  });

  it("is stopped, and rejected, where it cannot be stored: it would be orphaned", async () => {
    const { recordings } = openSqliteStore(":memory:");
    const claim = () => Promise.reject(new Error("the disk is full"));
    const g = begin({ parts: { recordings: { ...recordings, claim } } });
    expect(await g.start({ metadata })).toMatchObject({ status: 500, body: { code: "INTERNAL" } });
    expect(g.memory.recorder.recordings.get("EG_1")).toMatchObject({ status: "aborted" });
  });
});
