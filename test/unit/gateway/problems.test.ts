import { describe, expect, it } from "vitest";
import { ERROR_CODES, type ErrorCode, meaningOf, RtcError } from "../../../src/contract/index.ts";
import { gateway, KEY, offDocument } from "./fixture.ts";

const codes = (Object.keys(ERROR_CODES) as ErrorCode[]).map(
  (code) => [code, meaningOf(code).status] as const,
);
const get = "/v1/rtc/room/get/hall";

/** A gateway whose client fails with an error. */
const failing = (error: unknown) => {
  const fails = () => Promise.reject(error);
  const reads = { get: fails, find: fails, list: fails, isRevivedByJoin: fails };
  return gateway({ client: { room: { ...reads, create: fails, update: fails, delete: fails } } });
};

describe("a problem", () => {
  it.each(codes)(
    "%s has the status %i, and reports what the contract's error reports",
    async (code, status) => {
      const g = failing(new RtcError(code, `it is ${code}`, { vendor: "memory" }));
      const answer = await g.ask("GET", get, undefined, { "x-request-id": "request-1" });
      expect(answer.status).toBe(status);
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      expect(answer.headers.get("x-request-id")).toBe("request-1");
      expect(offDocument("Problem", answer.body)).toBeUndefined();
      expect(answer.body).toEqual({
        ...{ type: `urn:pulumi-rtc:problem:${code.toLowerCase().replaceAll("_", "-")}`, code, status },
        ...{ title: expect.stringMatching(/\w{3}/), detail: `it is ${code}`, requestId: "request-1" },
        ...{ vendor: "memory", retryable: new RtcError(code, "").retryable },
      });
    },
  );

  it("has Retry-After where a retry helps: the vendor's value, or a default", async () => {
    for (const [code, guess] of [
      ["RATE_LIMITED", "1"],
      ["UNAVAILABLE", "5"],
      ["IN_PROGRESS", "1"],
    ] as const) {
      const plain = await failing(new RtcError(code, "later")).ask("GET", get);
      expect(plain.headers.get("retry-after")).toBe(guess);
      const answer = await failing(new RtcError(code, "later", { retryAfterSeconds: 16.2 })).ask("GET", get);
      expect(answer.headers.get("retry-after")).toBe("17");
    }
    expect((await failing(new RtcError("NOT_FOUND", "")).ask("GET", get)).headers.has("retry-after")).toBe(
      false,
    );
  });

  it("comes from the vendor too: its limit, its outage, its rejection of the gateway's own key", async () => {
    const g = gateway();
    g.memory.fault = "throttled";
    expect(await g.ask("GET", get)).toMatchObject({
      status: 429,
      body: { vendor: "memory", retryable: true },
    });
    g.memory.fault = "unreachable";
    expect(await g.ask("GET", get)).toMatchObject({
      status: 503,
      body: { vendor: "memory", retryable: true },
    });
    g.memory.fault = "denied";
    const denied = await g.ask("GET", get);
    expect(denied).toMatchObject({ status: 401, body: { vendor: "memory" } });
    expect(denied.headers.has("www-authenticate"), "it is not the caller's key").toBe(false);
  });

  it("of a defect reports nothing but that it is one, with the id to search for in the log", async () => {
    const defect = new TypeError("cannot read password hunter2 of undefined at /srv/gateway/app.js");
    const { status, body, text, headers } = await failing(defect).ask("GET", get);
    expect(status).toBe(500);
    expect(body).toMatchObject({
      code: "INTERNAL",
      requestId: headers.get("x-request-id"),
      retryable: false,
    });
    expect(text).not.toMatch(/hunter2|app\.js|TypeError|undefined/);
    expect((body as { requestId: string }).requestId).toMatch(/[\w-]{10}/);
  });

  it("never contains a configured secret, or what resembles a token", async () => {
    const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";
    const issues = [{ path: "metadata.team", message: `memory-vendor-secret ${jwt}` }];
    for (const error of [
      new RtcError("VENDOR_ERROR", `said memory-vendor-secret and ${jwt}`),
      new RtcError("INVALID_ARGUMENT", "wrong", { issues }),
    ]) {
      const { text } = await failing(error).ask("GET", get);
      expect(text).toContain("[redacted");
      expect(text).not.toMatch(/memory-vendor-secret|eyJ/);
    }
  });

  it("spells the fields of the contract as REST does, in messages and in pointers, and leaves ids alone", async () => {
    const g = gateway();
    await g.ask("POST", "/v1/rtc/room/create", { name: "maxParticipants", max_participants: 5 });
    const { status, body } = await g.ask("POST", "/v1/rtc/room/create", {
      ...{ name: "maxParticipants", max_participants: 6 },
    });
    expect(status).toBe(409);
    expect(body).toMatchObject({
      code: "ALREADY_EXISTS",
      detail: "room memory:maxParticipants exists with other settings: max_participants is 5, asked for 6",
    });
    const issues = [{ path: "metadata.tags[0]", message: "ttlSeconds is wrong" }];
    expect(
      await failing(new RtcError("INVALID_ARGUMENT", "wrong", { issues })).ask("GET", get),
    ).toMatchObject({
      body: {
        detail: "metadata/tags/0: ttl_s is wrong",
        errors: [{ pointer: "/metadata/tags/0", message: "ttl_s is wrong" }],
      },
    });
    expect(await g.ask("POST", "/v1/rtc/room/create", { name: "a", maxParticipants: 5 })).toMatchObject({
      body: {
        detail: "maxParticipants: is not known; did you mean max_participants?",
        errors: [{ pointer: "/maxParticipants" }],
      },
    });
    expect(await g.ask("POST", "/v1/rtc/room/create", { name: "a", vendor: "memroy" })).toMatchObject({
      body: { errors: [{ pointer: "/vendor", message: expect.stringContaining("did you mean memory?") }] },
    });
  });

  it("is what an address that is none gets, with a code that no missing room has", async () => {
    const g = gateway();
    for (const path of ["/v1/rtc/room", "/v1/rtc/room/get/", "/v1/rtc/room/get/a/b", "/v2", "/.env"])
      expect(await g.ask("GET", path)).toMatchObject({
        status: 404,
        body: { code: "UNKNOWN_ADDRESS", status: 404 },
      });
  });
});

describe("without a key that is known", () => {
  it.each<[string, Record<string, string> | undefined]>([
    ["no header", undefined],
    ["an empty one", { authorization: "" }],
    ["the wrong key", { authorization: "Bearer other" }],
    ["the key without a scheme", { authorization: KEY }],
    ["the key with another scheme", { authorization: `Basic ${KEY}` }],
    ["a key with more behind it", { authorization: `Bearer ${KEY} more` }],
    ["two keys", { authorization: `Bearer ${KEY}, Bearer ${KEY}` }],
    ["the beginning of the key", { authorization: `Bearer ${KEY.slice(0, -1)}` }],
    ["the key and a letter", { authorization: `Bearer ${KEY}x` }],
    ["the key in other case", { authorization: `Bearer ${KEY.toUpperCase()}` }],
  ])(
    "%s: every route is rejected with 401, and nothing is reported of the request",
    async (_what, headers) => {
      const g = gateway();
      for (const [method, path, body] of [
        ["GET", get, undefined],
        ["POST", "/v1/rtc/room/create", { wrong: 1 }],
        ["GET", "/v1/discovery/rtc.room.create", undefined],
        ["GET", "/v1/nothing", undefined],
        ["DELETE", "/v1/rtc/room/list", undefined],
      ] as const) {
        const answer = await g.ask(method, path, body, { authorization: "", ...headers });
        expect(answer).toMatchObject({ status: 401, body: { code: "UNAUTHENTICATED" } });
        expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer/);
        expect(answer.text).not.toContain(KEY);
      }
      expect(g.memory.calls).toEqual([]);
    },
  );

  it("takes the scheme in any case, as HTTP has it", async () => {
    const g = gateway();
    expect(
      await g.ask("GET", "/v1/rtc/room/list", undefined, { authorization: `bearer ${KEY}` }),
    ).toMatchObject({
      status: 200,
    });
  });
});

describe("the address / of a gateway", () => {
  it("shows a browser a page, and names the reference to a program", async () => {
    const g = gateway();
    const program = await g.ask("GET", "/", undefined, { accept: "*/*" });
    expect(program).toMatchObject({ status: 200, body: { docs: "/docs", openapi: "/openapi.json" } });
    const browser = await g.ask("GET", "/", undefined, { accept: "text/html,application/xhtml+xml" });
    expect(browser).toMatchObject({ status: 200, text: expect.stringContaining('src="page/page.js"') });
    const policy = browser.headers.get("content-security-policy");
    expect(policy).toContain("connect-src 'self' https://memory.example wss://memory.example;");
  });
});
