import { beforeEach, describe, expect, it } from "vitest";
import { gateway, type TestGateway } from "./fixture.ts";

let g: TestGateway;
beforeEach(() => {
  g = gateway();
});
const create = "/v1/rtc/room/create";
const start = "/v1/rtc/recording/start";

/** The problems that a request is rejected with, by their pointers. */
async function problems(method: string, path: string, body?: unknown, headers = {}) {
  const answer = await g.ask(method, path, body, headers);
  expect(answer.status, answer.text).toBe(400);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  const { errors } = answer.body as { errors: { pointer: string; message: string }[] };
  expect(g.memory.calls, "no call is made").toEqual([]);
  return Object.fromEntries(errors.map(({ pointer, message }) => [pointer, message]));
}

describe("an input that is not valid", () => {
  it("is rejected with all its problems at once, each with its JSON pointer, in the words of REST", async () => {
    const body = {
      ...{ max_participants: 0, empty_timeout_s: 60, enable_recording: true, region: 5 },
      ...{ maxParticipants: 3, max_participant: 3, "a/b~c": 1, idempotency_key: "" },
    };
    expect(await problems("POST", create, { ...body, metadata: ["team"] })).toEqual({
      "/name": "is missing",
      "/max_participants": "must be at least 1",
      "/region": "must be a string",
      "/metadata": "must be an object of JSON values",
      "/enable_recording": "cannot stand beside empty_timeout_s: declare an RtcRecording instead",
      "/maxParticipants": "is not known; did you mean max_participants?",
      "/max_participant": "is not known; did you mean max_participants?",
      "/a~1b~0c": "is not known",
      "/idempotency_key": "idempotency_key must not be empty",
    });
  });

  it("is rejected with rules between fields too, beside wrong ones", async () => {
    expect(
      await problems("POST", start, { room: "hall", output_uri: "s3://acme/a.ogg", layout: "round" }),
    ).toEqual({
      "/layout": expect.stringContaining("must be one of grid, "),
      "/output_uri": expect.stringContaining("audio_only"),
    });
    expect(await problems("POST", start, { room: "", output_uri: "" })).toEqual({
      "/room": "room must not be empty",
      "/output_uri": expect.stringContaining("output_uri must not be empty"),
    });
  });

  it.each([
    ["POST", "/v1/rtc/token/issue", { room: "hall" }, "/identity"],
    ["POST", "/v1/rtc/token/issue", { room: {}, identity: "a" }, "/room"],
    ["POST", "/v1/rtc/token/issue", { room: "hall", identity: "a", ttl_s: 86_401 }, "/ttl_s"],
    ["POST", "/v1/rtc/token/issue", { room: "hall", identity: "a", can_publish: "yes" }, "/can_publish"],
    ["POST", "/v1/rtc/participant/kick/hall", { room: "hall" }, "/identity"],
    ["POST", "/v1/rtc/room/update/hall", {}, "/metadata"],
    ["POST", "/v1/rtc/room/update/hall", { metadata: { $owner: "me" } }, "/metadata"],
    ["POST", "/v1/rtc/recording/stop/EG_1", { force: true }, "/force"],
    ["POST", "/v1/rtc/recording/update/EG_1", { layout: 1 }, "/layout"],
    ["POST", create, { name: "hall", metadata: { text: "x".repeat(60_000) } }, "/metadata"],
    ["POST", create, { name: "hall", idempotency_key: "k".repeat(256) }, "/idempotency_key"],
    ["POST", `${create}?name=hall`, { name: "hall" }, "/name"],
    ["GET", "/v1/rtc/room/list?limit=0", undefined, "/limit"],
    ["GET", "/v1/rtc/room/list?limit=many", undefined, "/limit"],
    ["GET", "/v1/rtc/room/list?limit=1&limit=2", undefined, "/limit"],
    ["GET", "/v1/rtc/room/list?limits=1", undefined, "/limits"],
    ["GET", "/v1/rtc/room/get/hall?vendor=memory", undefined, "/vendor"],
    ["GET", "/v1/rtc/recording/list?active=1", undefined, "/active"],
    ["DELETE", "/v1/rtc/room/delete/hall?force=true", undefined, "/force"],
  ])("%s %s %j is rejected at %s", async (method, path, body, pointer) => {
    expect(Object.keys(await problems(method, path, body))).toEqual([pointer]);
  });

  it.each([
    ["what is no JSON", "{"],
    ["no body", ""],
    ["a list", "[]"],
    ["null", "null"],
    ["a text", '"hall"'],
  ])("is rejected as a whole where it is %s", async (_what, body) => {
    const found = await problems("POST", create, body);
    expect(Object.keys(found)).toEqual([""]);
  });

  it("does not bring the gateway down, however deep it is nested", async () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    for (const body of [
      `{"name":${deep}}`,
      `{"name":"a","metadata":{"a":${deep}}}`,
      `{"x":${deep},"name":"a"}`,
      deep,
    ]) {
      expect((await g.ask("POST", create, body)).status).toBe(400);
      expect((await g.ask("POST", "/v1/rtc/token/issue", body.replace("name", "room"))).status).toBe(400);
    }
  });

  it("is rejected before any room is made where metadata is nested deeper than 64 levels", async () => {
    const nested = (levels: number) =>
      `{"name":"hall","metadata":{"a":${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}}}`;
    expect(await g.ask("POST", create, nested(65))).toMatchObject({ status: 400 });
    expect(await g.ask("POST", create, nested(1_500))).toMatchObject({ status: 400 });
    expect(g.memory.calls).toEqual([]);
    expect(await g.ask("POST", create, nested(64))).toMatchObject({ status: 200 });
  });

  it("is rejected where a key would be dropped from the metadata, and made where only -0 would", async () => {
    expect(await problems("POST", create, '{"name":"hall","metadata":{"__proto__":{"a":1}}}')).toEqual({
      "/metadata/__proto__": "a key must not be __proto__",
    });
    expect(await g.ask("POST", create, '{"name":"hall","metadata":{"a":-0}}')).toMatchObject({ status: 200 });
  });

  it("is rejected where a whole number would silently be another, and not where it is in quotes or exact", async () => {
    const withId = (id: string) =>
      `{"name":"hall-${Buffer.from(id.slice(0, 40)).toString("hex")}","metadata":{"id":${id}}}`;
    for (const id of [
      "12345678901234567890",
      "-9007199254740993",
      "9".repeat(400),
      "[1, 9007199254740993]",
      "9007199254740993.0",
    ])
      expect(await problems("POST", create, withId(id))).toEqual({
        "": "a value is a whole number beyond 2^53, which would be rounded: put it in quotes",
      });
    const exact = [
      '"12345678901234567890"',
      "9007199254740992",
      "9007199254740992.0",
      "0.1234567890123456789",
      "1e20",
      "1e-2000000000000000000",
    ];
    for (const id of [...exact, '"\\"9007199254740993"'])
      expect(await g.ask("POST", create, withId(id)), id).toMatchObject({ status: 200 });
  });

  it("is reported with a hundred of its problems, and how many more there are", async () => {
    const fields = Array.from({ length: 5_000 }, (_, index) => [`field${index}`, 1]);
    const { body } = await g.ask("POST", create, { name: "hall", ...Object.fromEntries(fields) });
    const { errors, detail } = body as { errors: unknown[]; detail: string };
    expect(errors).toHaveLength(100);
    expect(detail).toMatch(/; and 4900 more$/);
    expect(await problems("POST", create, `{${'"a":1,'.repeat(20_000)}"name":"hall"}`)).toEqual({
      "": "must not have more than 10000 values",
    });
  });

  it("has the long name of an unknown field cut in the answer", async () => {
    const { text } = await g.ask("POST", create, { name: "hall", ["x".repeat(400_000)]: 1 });
    expect(text.length).toBeLessThan(1_000);
  });

  it("is rejected where key and header are two idempotency keys, or the header has none", async () => {
    const body = { name: "hall", idempotency_key: "one" };
    expect(await problems("POST", create, body, { "idempotency-key": "two" })).toHaveProperty(
      "/idempotency_key",
    );
    expect(await problems("POST", create, { name: "hall" }, { "idempotency-key": '""' })).toHaveProperty([
      "/Idempotency-Key",
    ]);
    expect(await g.ask("POST", create, body, { "idempotency-key": '"one"' })).toMatchObject({ status: 200 });
  });

  it("never has its values, or a key of the gateway, in the answer", async () => {
    const secret = "hunter2-hunter2";
    const body = { name: "hall", metadata: { $owner: secret, password: secret }, region: { secret } };
    const { text, status } = await g.ask("POST", create, body);
    expect(status).toBe(400);
    expect(text).not.toContain(secret);
    expect(text).not.toContain("key-of-the-test");
  });
});

describe("the body", () => {
  it("may have 512 KB, and is rejected with 413 above", async () => {
    const answer = await g.ask("POST", create, { name: "hall", metadata: { text: "x".repeat(2_000_000) } });
    expect(answer).toMatchObject({ status: 413, body: { code: "PAYLOAD_TOO_LARGE", status: 413 } });
    const escaped = `{"name":"hall","metadata":{"text":"${"\\u0061".repeat(59_000)}"}}`;
    expect(await g.ask("POST", create, escaped)).toMatchObject({ status: 200 });
  });

  it("is rejected with 415 where it reports that it is no JSON, and read where it reports nothing", async () => {
    for (const type of ["application/x-www-form-urlencoded", "text/plain", "application/jsonx"])
      expect(await g.ask("POST", create, { name: "a" }, { "content-type": type })).toMatchObject({
        status: 415,
        body: { status: 415, code: "INVALID_ARGUMENT", detail: "send the body as application/json" },
      });
    for (const type of ["application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.rtc+json"])
      expect(await g.ask("POST", create, { name: "a" }, { "content-type": type })).toMatchObject({
        status: 200,
      });
  });
});
