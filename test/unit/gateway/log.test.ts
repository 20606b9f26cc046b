import { Hono } from "hono";
import { requestId } from "hono/request-id";
import { expect, test } from "vitest";
import { RtcError, type VendorAdapter } from "../../../src/contract/index.ts";
import type { GatewayEnv } from "../../../src/gateway/http/context.ts";
import { createLog, requestLog } from "../../../src/gateway/middleware/log.ts";
import { gateway } from "./fixture.ts";

const KEY = `rtc_0123456789_${"s".repeat(43)}`;
const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln";

function world(level?: string) {
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line), secrets: ['a "quoted" secret'], level });
  const app = new Hono<GatewayEnv>();
  app.onError((_, c) => c.text("no", 500));
  app.use(requestId());
  app.use(requestLog(log));
  app.get("/v1/room/:room", (c) => c.text("ok"));
  app.get("/livez", (c) => c.text("ok"));
  app.get("/fails", () => {
    throw new Error(`vendor said: a "quoted" secret, ${JWT} for ${KEY}`);
  });
  return { app, log, lines };
}

test("Each request is one line of JSON, with its request id, and without its query, headers or body", async () => {
  const { app, lines } = world();
  const headers = { authorization: `Bearer ${KEY}`, "x-request-id": "mine-1" };
  await app.request("/v1/room/standup?token=abc", { headers });
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    level: "info",
    requestId: "mine-1",
    method: "GET",
    path: "/v1/room/standup",
    status: 200,
    msg: "request",
  });
  expect(lines[0]).not.toMatch(/abc|rtc_0/);
});

test("A failure is reported without secrets, tokens, keys or a stack", async () => {
  const { app, lines } = world();
  await app.request("/fails");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    level: "error",
    status: 500,
    error: "vendor said: [redacted], [redacted token] for [redacted key]",
  });
  expect(lines[0]).not.toContain("at ");
});

test("A request that is rejected is reported by its code, without names or values of its query or body", async () => {
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line), secrets: [] });
  const g = gateway({ parts: { first: [requestLog(log)] } });
  const canary = (text: string) => `canary-${text}`;
  await g.ask("POST", "/v1/rtc/room/create", { name: "hall", [canary("field")]: canary("value") });
  await g.ask("GET", `/v1/rtc/room/list?${canary("query")}=${canary("value")}`);
  await g.ask("POST", "/v1/rtc/room/create", { name: "hall" });
  await g.ask("POST", "/v1/rtc/participant/kick/hall", { room: "hall", identity: canary("identity") });
  expect(lines.map((line) => JSON.parse(line).code)).toEqual([
    "INVALID_ARGUMENT",
    "INVALID_ARGUMENT",
    undefined,
    "NOT_FOUND",
  ]);
  expect(lines.join()).not.toContain("canary");
});

test("A failure is reported without what its request has sent, whoever quotes it", async () => {
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line), secrets: [] });
  const quoting = (good: VendorAdapter): VendorAdapter => ({
    ...good,
    createRoom: async ({ name, metadata }) => {
      throw new RtcError(
        "VENDOR_ERROR",
        `memory CreateRoom: no room ${name} with ${JSON.stringify(metadata)}`,
      );
    },
  });
  const g = gateway({ parts: { first: [requestLog(log)] }, adapter: quoting });
  const body = { name: "canary-name", metadata: { "canary-key": "canary-value" } };
  expect(await g.ask("POST", "/v1/rtc/room/create", body)).toMatchObject({ status: 502 });
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    code: "VENDOR_ERROR",
    error: expect.stringContaining("memory CreateRoom: no room [redacted]"),
  });
  expect(lines[0]).not.toContain("canary");
});

test("A long path is cut, and has no half of a key at its end", async () => {
  const { app, lines } = world();
  await app.request(`/${"x".repeat(980)}/${KEY}${"y".repeat(9_000)}`);
  expect(JSON.parse(lines[0] ?? "").path).toBe(`/${"x".repeat(980)}/…`);
});

test("What other code writes into the log is redacted too", () => {
  const { log, lines } = world();
  log.info({ deep: { url: `https://x/?access_token=${JWT}` } }, `with ${KEY}`);
  expect(lines[0]).toContain("[redacted token]");
  expect(lines[0]).toContain("with [redacted key]");
});

test("Questions for health are reported only when asked for", async () => {
  const { app, lines } = world();
  await app.request("/livez");
  expect(lines).toEqual([]);
  const loud = world("debug");
  await loud.app.request("/livez");
  expect(loud.lines).toHaveLength(1);
});
