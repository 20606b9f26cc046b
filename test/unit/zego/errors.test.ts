import { createHash } from "node:crypto";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { zego } from "../../../src/vendors/zego/adapter.ts";
import type { Fault } from "../../emulators/faults.ts";
import { onRequest } from "../../support/requests.ts";
import { hurryDeadlines } from "../../support/twirp.ts";
import { failure, inVirtualTime, place, SECRET, zegoWith } from "./fixture.ts";

const APP_ID = "rtc:zegoAppId (or ZEGO_APP_ID)";
const SERVER_SECRET = "rtc:zegoServerSecret (or ZEGO_SERVER_SECRET)";
const BASE_URL = "rtc:zegoBaseUrl (or ZEGO_BASE_URL)";

const rejected = (Code: number, status = 200): Fault => ({
  kind: "answer",
  status,
  body: { Code, Message: "said so", RequestId: "TestRequestId16" },
});
const answered = (status: number, body: object | string, headers = {}): Fault => ({
  kind: "answer",
  status,
  body,
  headers,
});

/** A return code, its error, whether that is retryable, and its message. */
const CODES: [number, code: string, retryable: boolean, message: string][] = [
  [1, "VENDOR_ERROR", true, "the call failed"],
  [2, "INVALID_ARGUMENT", false, "rejects this input"],
  [3, "INVALID_ARGUMENT", false, "too long"],
  [7, "RATE_LIMITED", true, "too many calls"],
  [9, "PERMISSION_DENIED", false, "support team"],
  [206, "RATE_LIMITED", true, "too many calls"],
  [207, "RATE_LIMITED", true, "too many calls"],
  [5018, "VENDOR_ERROR", true, "between two states"],
  [50011, "INVALID_ARGUMENT", false, "list of users too long"],
  [100000001, "UNAUTHENTICATED", false, `check ${APP_ID}`],
  [100000004, "UNAUTHENTICATED", false, "clock"],
  [100000005, "UNAUTHENTICATED", false, `check ${SERVER_SECRET}`],
  [100000010, "UNAUTHENTICATED", false, `check ${APP_ID}`],
  [100000011, "UNAUTHENTICATED", false, `check ${APP_ID}`],
  [100000015, "VENDOR_ERROR", true, "gateway"],
  [100000016, "PERMISSION_DENIED", false, "console"],
  [100000017, "PERMISSION_DENIED", false, "console"],
  [424242, "VENDOR_ERROR", false, "the call failed"],
];

describe("a return code of ZEGO's", () => {
  it.each(CODES)("%i is %s", async (number, code, retryable, message) => {
    const { error, tries } = await failingWith(rejected(number));
    expect(error).toMatchObject({ code, retryable, vendor: "zego", operation: "DescribeUserNum" });
    expect(error.message).toMatch(/^zego DescribeUserNum: /);
    expect(error.message).toContain(message);
    expect(error.message).toContain(`(code ${number}, request TestRequestId16): said so`);
    expect(tries).toBe(retryable ? 3 : 1);
  });

  it("counts, whatever HTTP reports", async () => {
    const { error } = await failingWith(rejected(100000005, 403));
    expect(error).toMatchObject({ code: "UNAUTHENTICATED" });
    expect(error.message).toContain("code 100000005");
  });

  it.each([104, 5024, 50001])("%i is a room that is not there, which is no failure", async (number) => {
    const { adapter, server } = await zegoWith();
    server.faults.plan(rejected(number));
    expect(await adapter.getRoom(place("hall"))).toMatchObject({ state: "pending", numParticipants: 0 });
    expect(await adapter.listParticipants(place("hall"))).toEqual([]);
    await adapter.deleteRoom(place("hall"));
    const error = await failure(adapter.kickParticipant(place("hall"), "alice"));
    expect(error).toMatchObject({ code: "NOT_FOUND" });
    expect(server.calls).toHaveLength(4);
  });

  it.each([105, 50002, 50003])("%i is an absent participant", async (number) => {
    const { adapter, server } = await zegoWith();
    server.faults.plan(rejected(number));
    const error = await failure(adapter.kickParticipant(place("hall"), "alice"));
    expect(error).toMatchObject({ code: "NOT_FOUND", vendor: "zego" });
    expect(error.message).toBe("there is no participant alice in room hall");
  });

  it("5018 goes away with time, or with the room", async () => {
    await inVirtualTime(async () => {
      const { adapter, server, actions } = await zegoWith();
      server.join("hall", "alice");
      server.faults.plan(rejected(5018), { api: "CloseRoom", times: 2 });
      await adapter.deleteRoom(place("hall"));
      expect(server.participants("hall")).toEqual([]);
      server.faults.plan(rejected(5018), { api: "CloseRoom" });
      await adapter.deleteRoom(place("hall"));
      expect(actions().at(-1)).toBe("DescribeUserNum");
      server.join("hall", "alice");
      const error = await failure(adapter.deleteRoom(place("hall")));
      expect(error).toMatchObject({ code: "VENDOR_ERROR", operation: "CloseRoom", retryable: true });
      expect(error.message).toContain("code 5018");
    });
  });
});

describe("an answer that is none of ZEGO's", () => {
  const ANSWERS: [string, Fault, code: string, retryable: boolean, message: string][] = [
    ["a web page", answered(200, "<html>"), "VENDOR_ERROR", true, `check ${BASE_URL}`],
    ["other JSON", answered(200, { rooms: [] }), "VENDOR_ERROR", true, `check ${BASE_URL}`],
    [
      "other data",
      answered(200, { Code: 0, Data: { UserCountList: 7 } }),
      "VENDOR_ERROR",
      false,
      "documents",
    ],
    ["no data", answered(200, { Code: 0 }), "VENDOR_ERROR", false, "documents"],
    ["a redirect", answered(302, "", { location: "/" }), "VENDOR_ERROR", false, "HTTP 302"],
    ["400", answered(400, "bad"), "VENDOR_ERROR", false, "HTTP 400"],
    ["401", answered(401, "no"), "UNAUTHENTICATED", false, `HTTP 401: check ${APP_ID} and`],
    ["403", answered(403, "no"), "PERMISSION_DENIED", false, "HTTP 403"],
    [
      "404",
      answered(404, "not found"),
      "VENDOR_ERROR",
      false,
      `HTTP 404: is it ZEGO's server API? check ${BASE_URL}`,
    ],
    ["408", answered(408, ""), "DEADLINE_EXCEEDED", true, "HTTP 408"],
    ["413", answered(413, ""), "PAYLOAD_TOO_LARGE", false, "HTTP 413"],
    ["429", answered(429, ""), "RATE_LIMITED", true, "HTTP 429"],
    ["500", answered(500, { Code: 0 }), "VENDOR_ERROR", true, "HTTP 500"],
    ["503", answered(503, ""), "UNAVAILABLE", true, "HTTP 503"],
    ["504", answered(504, ""), "DEADLINE_EXCEEDED", true, "HTTP 504"],
    ["half of one", { kind: "truncated" }, "UNAVAILABLE", true, "broke off"],
    ["a broken connection", { kind: "reset" }, "UNAVAILABLE", true, "http://127.0.0.1"],
    ["a very long one", { kind: "huge", bytes: 2 ** 21 }, "VENDOR_ERROR", false, "more than 1 MiB"],
  ];
  it.each(ANSWERS)("like %s is reported, and tried again where that may help", async (...given) => {
    const [, fault, code, retryable, message] = given;
    const { error, tries } = await failingWith(fault);
    expect(error).toMatchObject({ code, retryable, vendor: "zego", operation: "DescribeUserNum" });
    expect(error.message).toContain(message);
    expect(tries).toBe(retryable ? 3 : 1);
  });

  it("is waited for as long as it asks", async () => {
    const { error, seconds } = await failingWith(answered(503, "", { "retry-after": "5" }));
    expect(error).toMatchObject({ code: "UNAVAILABLE", retryAfterSeconds: 5 });
    expect(seconds).toBeGreaterThanOrEqual(10);
  });

  it("is not waited for for ever", async () => {
    const { adapter, server } = await zegoWith();
    const deadlines = hurryDeadlines(1_000);
    server.faults.plan({ kind: "silence" });
    const error = await failure(adapter.getRoom(place("hall")));
    expect(error).toMatchObject({ code: "DEADLINE_EXCEEDED", retryable: true });
    expect(error.message).toContain("did not answer within 10 seconds");
    expect(deadlines[0]).toBe(10_000);
  });
});

describe("the secrets of ZEGO", () => {
  it.each([0, 270, 280, 290, 300])("after %i characters are in no error, cut or whole", async (before) => {
    const { adapter, server } = await zegoWith();
    const signatures: string[] = [];
    const stop = onRequest((url) => {
      const signature = new URL(url).searchParams.get("Signature") ?? "";
      signatures.push(signature);
      const Message = `${".".repeat(before)}${SECRET} ${signature}`;
      server.faults.plan(answered(200, { Code: 2, Message, RequestId: Message }), { times: 1 });
    });
    const error = await failure(adapter.getRoom(place("hall")));
    stop();
    const text = `${error.message}${error.stack}${JSON.stringify(error)}`;
    expect(signatures[0]).toMatch(/^[0-9a-f]{32}$/);
    for (const secret of [SECRET, ...signatures]) expect(text).not.toContain(secret.slice(0, 6));
  });
});

describe("a call to ZEGO's server API", () => {
  it("is signed again for each try", async () => {
    await inVirtualTime(async () => {
      const { adapter, server, config } = await zegoWith();
      server.faults.plan({ kind: "lost" }, { times: 2 });
      await adapter.getRoom(place("hall"));
      const queries = server.calls.map(({ path }) => new URL(path, "http://zego").searchParams);
      expect(queries).toHaveLength(3);
      expect(new Set(queries.map((query) => query.get("SignatureNonce"))).size).toBe(3);
      for (const query of queries) {
        const part = (name: string) => query.get(name) ?? "";
        expect(part("SignatureNonce")).toMatch(/^[0-9a-f]{16}$/);
        const signed = `${config.zegoAppId}${part("SignatureNonce")}${SECRET}${part("Timestamp")}`;
        expect(part("Signature")).toBe(createHash("md5").update(signed).digest("hex"));
      }
    });
  });

  it("with another app's secret is rejected, with the key to check", async () => {
    const { config } = await zegoWith();
    const error = await failure(
      zego.adapter({ ...config, zegoServerSecret: "x".repeat(32) }).getRoom(place("hall")),
    );
    expect(error).toMatchObject({ code: "UNAUTHENTICATED" });
    expect(error.message).toContain(`the signature is wrong: check ${SERVER_SECRET}`);
  });

  it("of a machine whose clock is wrong reports it", async () => {
    const { adapter, server } = await zegoWith();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 700_000 });
    // Only when it signs: the emulator lives in this process too.
    onTestFinished(onRequest(() => vi.useRealTimers()));
    const error = await failure(adapter.getRoom(place("hall")));
    expect(error).toMatchObject({ code: "UNAUTHENTICATED" });
    expect(error.message).toContain("set this machine's clock");
    expect(server.calls).toHaveLength(1);
  });
});

/** What getRoom fails with, after how many tries and how many seconds. */
async function failingWith(fault: Fault) {
  return inVirtualTime(async () => {
    const { adapter, server } = await zegoWith();
    server.faults.plan(fault);
    const began = Date.now();
    const error = await failure(adapter.getRoom(place("hall")));
    return { error, tries: server.calls.length, seconds: (Date.now() - began) / 1_000 };
  });
}
