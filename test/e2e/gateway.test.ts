import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { killAtTheEnd } from "../support/cleanup.ts";
import { RunningGateway } from "../support/gateway.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { startProxy } from "../support/proxy.ts";
import { rtc } from "../support/rtc.ts";
import { roomsOf } from "../support/world.ts";

const TRIAL = "a-trial-key-of-this-test";

let server: LivekitServer;
let proxy: Awaited<ReturnType<typeof startProxy>>;
let folder: string;
let gateway: RunningGateway;

const env = () => ({ ...server.env, LIVEKIT_URL: proxy.url, RTC_GATEWAY_KEY: TRIAL });
const newFolder = () => mkdtempSync(join(inject("scratch"), "gateway-"));

beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
  proxy = await startProxy(server.url);
  folder = newFolder();
  gateway = await RunningGateway.start({ cwd: folder, env: env() });
});

describe("A gateway does not start, and reports why,", () => {
  test.each([
    ["without any key", {}, [], "NOT_CONFIGURED: there is no key"],
    ["with a trial key that can be guessed", { RTC_GATEWAY_KEY: "short" }, [], "16 characters or more"],
    [
      "where others reach it in the clear",
      { RTC_GATEWAY_KEY: TRIAL },
      ["--host", "0.0.0.0"],
      "--tls-terminated",
    ],
    ["with a port that is none", { RTC_GATEWAY_KEY: TRIAL }, ["--port", "99999"], "99999"],
    ["with a store that is none", { RTC_GATEWAY_KEY: TRIAL }, ["--store", "/"], "cannot be opened"],
    [
      "on a Node that has no SQLite yet",
      { RTC_GATEWAY_KEY: TRIAL, NODE_OPTIONS: "--no-experimental-sqlite" },
      [],
      "UNSUPPORTED: a gateway needs Node 22.13",
    ],
  ])("%s", async (_, variables, args, why) => {
    const { code, stdout, stderr } = await rtc(["gateway", "--port", "0", ...args], {
      cwd: newFolder(),
      env: variables,
    });
    expect(stderr).toContain(why);
    expect([code, stdout]).toEqual([2, ""]);
  });

  test("on a port that is taken", async () => {
    const port = new URL(gateway.address).port;
    const taken = await rtc(["gateway", "--port", port], {
      cwd: newFolder(),
      env: { RTC_GATEWAY_KEY: TRIAL },
    });
    expect(taken.stderr).toContain("EADDRINUSE");
    expect(taken.code).toBe(2);
  });
});

describe("The client that asks", () => {
  test("with a wrong bearer of any kind is rejected, by its form or as an unknown key, and touches nothing", async () => {
    const expired = await RunningGateway.createKey(folder, "expired", "--expires-in", "1");
    const good = await RunningGateway.createKey(folder, "good");
    const { token } = await rtcToken();
    await expect
      .poll(async () => (await gateway.ask("/v1/rtc/room/list", { key: expired })).status)
      .toBe(401);
    const wrong = [
      undefined,
      "",
      "Bearer",
      "Bearer ",
      good,
      `Basic ${Buffer.from(`rtc:${good}`).toString("base64")}`,
      `Bearer ${good}x`,
      `Bearer ${good.slice(0, -1)}`,
      `Bearer ${good} ${good}`,
      `Bearer ${server.apiKey}`,
      `Bearer ${server.apiSecret}`,
      `Bearer ${token}`,
      `Bearer ${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from("{}").toString("base64url")}.`,
    ];
    for (const authorization of wrong) {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
      const body = { name: "uninvited" };
      const {
        status,
        headers: answered,
        body: problem,
      } = await gateway.ask("/v1/rtc/room/create", {
        ...{ key: null, headers, body },
      });
      expect([authorization, status]).toEqual([authorization, 401]);
      expect(answered.get("www-authenticate")).toMatch(/^Bearer/);
      expect(problem).toMatchObject({ code: "UNAUTHENTICATED", requestId: expect.any(String) });
    }
    expect(await roomsOf(server)).not.toHaveProperty("uninvited");
    expect((await gateway.ask("/v1/rtc/room/list", { key: good })).status).toBe(200);
  });

  test("reads with a read-only key, and with a key of a prefix touches only its rooms, until it is revoked", async () => {
    const readOnlyKey = await RunningGateway.createKey(folder, "reader", "--read-only");
    const exams = await RunningGateway.createKey(folder, "exams", "--prefix", "exam-");
    const create = (name: string, key: string) => gateway.ask("/v1/rtc/room/create", { body: { name }, key });
    expect(await create("exam-1", readOnlyKey)).toMatchObject({
      status: 403,
      body: { code: "PERMISSION_DENIED" },
    });
    expect(await create("lounge", exams)).toMatchObject({ status: 403, body: { code: "PERMISSION_DENIED" } });
    expect(await create("exam-1", exams)).toMatchObject({ status: 200, body: { room: "livekit:exam-1" } });
    expect(await create("lounge", TRIAL)).toMatchObject({ status: 200 });
    const names = async (key: string) => {
      const { body } = await gateway.ask("/v1/rtc/room/list", { key });
      return (body as { items: { name: string }[] }).items.map(({ name }) => name);
    };
    expect(await names(readOnlyKey)).toEqual(expect.arrayContaining(["exam-1", "lounge"]));
    expect(await names(exams)).toEqual(["exam-1"]);
    const issue = { room: "lounge", identity: "eve" };
    expect((await gateway.ask("/v1/rtc/token/issue", { body: issue, key: exams })).status).toBe(403);
    expect((await gateway.ask("/v1/rtc/token/issue", { body: issue, key: readOnlyKey })).status).toBe(403);
    const gone = await gateway.ask("/v1/rtc/room/delete/lounge", { method: "DELETE", key: exams });
    expect(gone.status).toBe(403);

    // The store may be named before the command for its keys, or after it.
    const store = join(folder, "rtc-gateway.db");
    const elsewhere = newFolder();
    const { stdout } = await rtc(["gateway", "--store", store, "keys", "list", "--json"], { cwd: elsewhere });
    expect(JSON.parse(stdout)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: "exams", prefix: "exam-", readOnly: false }),
        expect.objectContaining({ name: "reader", readOnly: true }),
      ]),
    );
    expect(stdout).not.toContain(exams.slice(15));
    expect((await rtc(["gateway", "keys", "revoke", "exams"], { cwd: folder })).code).toBe(0);
    expect((await create("exam-2", exams)).status).toBe(401);
  });
});

describe("A client that sends too much or too slowly", () => {
  test("gets an immediate error for 2 MB, even where it only announces them", async () => {
    const body = JSON.stringify({ name: "big", metadata: { a: "x".repeat(2_000_000) } });
    expect(await gateway.ask("/v1/rtc/room/create", { body })).toMatchObject({
      status: 413,
      body: { code: "PAYLOAD_TOO_LARGE" },
    });
    const announced = await exchangeBytes(
      `POST /v1/rtc/room/create HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TRIAL}\r\nContent-Type: application/json\r\nContent-Length: 2000000\r\n\r\n{`,
      /PAYLOAD_TOO_LARGE/,
    );
    expect(announced).toContain("HTTP/1.1 413");
  });

  test("is cut off, in its headers or in its body, while others are served", async () => {
    const headers = exchangeBytes("GET /v1/rtc/room/list HTTP/1.1\r\nHost: x\r\nX-Slow: ", undefined);
    const inBody = exchangeBytes(
      `POST /v1/rtc/room/create HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TRIAL}\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{`,
      undefined,
    );
    expect((await gateway.ask("/v1/rtc/room/list")).status).toBe(200);
    expect(await headers).toContain("HTTP/1.1 408");
    expect(await inBody).toContain("HTTP/1.1 408");
    expect((await gateway.ask("/v1/rtc/room/list")).status).toBe(200);
  });
});

test("An idempotency key has one effect under fifty requests at once, and its answer outlives a kill -9", async () => {
  const body = { name: "once", metadata: { a: 1 }, idempotency_key: "room-1" };
  const first = await gateway.ask("/v1/rtc/room/create", { body });
  expect(first.status).toBe(200);
  const start = { room: "once", audio_only: true, output_uri: "out/once/" };
  const asked = Array.from({ length: 50 }, () =>
    gateway.ask("/v1/rtc/recording/start", { body: start, headers: { "Idempotency-Key": '"rec-1"' } }),
  );
  const answers = await Promise.all(asked);
  const done = answers.filter(({ status }) => status === 200);
  const waiting = answers.filter(({ status }) => status === 409);
  expect(done.length).toBeGreaterThan(0);
  expect(done.length + waiting.length).toBe(50);
  for (const { headers, body } of waiting) {
    expect(headers.get("retry-after")).toBe("1");
    expect(body).toMatchObject({ code: "IN_PROGRESS" });
  }
  expect(new Set(done.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  expect(await server.recordings.listEgress({ roomName: "once" })).toHaveLength(1);
  const other = await gateway.ask("/v1/rtc/room/create", { body: { ...body, metadata: { a: 2 } } });
  expect(other).toMatchObject({ status: 422, body: { code: "IDEMPOTENCY_CONFLICT" } });

  const key = await RunningGateway.createKey(folder, "kept");
  await gateway.end("SIGKILL");
  gateway = await RunningGateway.start({ cwd: folder, env: env() });
  expect((await gateway.ask("/v1/rtc/room/list", { key })).status).toBe(200);
  await server.service.deleteRoom("once");
  const again = await gateway.ask("/v1/rtc/room/create", { body });
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  expect(again.body).toEqual(first.body);
  expect(await roomsOf(server)).not.toHaveProperty("once");
});

test("A gateway that is killed before it answers a start finds the recording again", async () => {
  await server.service.createRoom({ name: "crash" });
  const body = { room: "crash", audio_only: true, output_uri: "out/crash/", idempotency_key: "rec-2" };
  const ask = () => gateway.ask("/v1/rtc/recording/start", { body });
  const heldCall = proxy.hold("StartRoomCompositeEgress", "after", { times: 1 });
  const lost = ask().catch(() => "lost");
  await heldCall.caught;
  await gateway.end("SIGKILL");
  expect(await lost).toBe("lost");
  heldCall.drop();
  gateway = await RunningGateway.start({ cwd: folder, env: env() });
  expect(await ask()).toMatchObject({ status: 409, body: { code: "IN_PROGRESS" } });
  await expect.poll(async () => (await ask()).status, { timeout: 60_000, interval: 500 }).toBe(200);
  const [only, ...others] = await server.recordings.listEgress({ roomName: "crash" });
  expect(others).toEqual([]);
  expect((await ask()).body).toMatchObject({ recording: `livekit:${only?.egressId}` });
});

test("SIGTERM lets a request that is under way finish, takes no more, and exits with 0", async () => {
  const one = await RunningGateway.start({ env: env() });
  const heldCall = proxy.hold("CreateRoom", "before", { times: 1 });
  const answer = one.ask("/v1/rtc/room/create", { body: { name: "last" } });
  await heldCall.caught;
  const ended = one.end("SIGTERM");
  await expect.poll(() => one.written).toContain("finishing requests in progress");
  await expect.poll(() => one.ask("/livez").catch(() => "rejected")).toBe("rejected");
  heldCall.release();
  expect(await answer).toMatchObject({ status: 200, body: { name: "last" } });
  expect(await ended).toBe(0);
  expect(await roomsOf(server)).toHaveProperty("last");
});

test("Every answer has a request id, its own or the client's, and the log has it too", async () => {
  const own = await gateway.ask("/v1/rtc/room/list", { headers: { "X-Request-Id": "deploy-42" } });
  expect(own.headers.get("x-request-id")).toBe("deploy-42");
  const odd = await gateway.ask("/v1/rtc/room/get/absent", { headers: { "X-Request-Id": "a b<script>" } });
  const made = odd.headers.get("x-request-id");
  expect(made).toMatch(/^[\w-]{20,}$/);
  expect(odd.body).toMatchObject({ code: "NOT_FOUND", requestId: made });
  await expect
    .poll(() => gateway.log.map(({ requestId }) => requestId))
    .toEqual(expect.arrayContaining(["deploy-42", made]));
});

test("Metrics count by route and by vendor, for those with a key; readiness is public", async () => {
  await gateway.ask("/v1/rtc/room/list");
  expect((await gateway.ask("/metrics", { key: null })).status).toBe(401);
  const { body } = await gateway.ask("/metrics");
  expect(body).toMatch(/^rtc_gateway_requests_total\{route="rtc.room.list",status="200"\} \d+$/m);
  expect(body).toMatch(
    /^rtc_gateway_vendor_calls_total\{vendor="livekit",operation="listRooms",outcome="ok"\} \d+$/m,
  );
  expect(body).toMatch(
    /^rtc_gateway_request_duration_seconds_bucket\{le="0.005",route="rtc.room.list"\} \d+$/m,
  );
  expect((await gateway.ask("/livez", { key: null })).status).toBe(200);
  const ready = () => gateway.ask("/readyz", { key: null });
  expect(await ready()).toMatchObject({ status: 200, body: { ready: true, vendors: { livekit: "ok" } } });
  proxy.fail(() => true, "reset");
  await expect.poll(ready, { timeout: 30_000, interval: 500 }).toMatchObject({
    status: 503,
    body: { ready: false, store: "ok", vendors: { livekit: "UNAVAILABLE" } },
  });
  proxy.reset();
});

test("Nothing that it has written holds a key, a secret or a token", async () => {
  const key = await RunningGateway.createKey(folder, "secret");
  const { body } = await gateway.ask("/v1/rtc/token/issue", {
    body: { room: "lounge", identity: "alice" },
    key,
  });
  const { token } = body as { token: string };
  expect(token).toMatch(/^eyJ/);
  // A vendor that quotes what it was sent, and a client that puts its key where it does not belong.
  proxy.fail("ListRooms", {
    status: 400,
    body: { code: "invalid_argument", msg: `${server.apiSecret} ${token}` },
  });
  const failed = await gateway.ask("/v1/rtc/room/list", { key });
  proxy.reset();
  await gateway.ask(`/v1/rtc/room/get/${key}`, { key });
  await gateway.ask(`/v1/rtc/room/get/x?key=${key}`, { key });
  await expect.poll(() => gateway.log.filter(({ key: id }) => id === key.slice(4, 14)).length).toBe(4);
  for (const secret of [key, TRIAL, server.apiSecret, token]) {
    expect(gateway.written).not.toContain(secret);
    expect(JSON.stringify(failed.body)).not.toContain(secret);
  }
});

/** A join token, which is no key of a gateway. */
async function rtcToken(): Promise<{ token: string }> {
  const { body } = await gateway.ask("/v1/rtc/token/issue", { body: { room: "lounge", identity: "bob" } });
  return body as { token: string };
}

/** What the gateway answers to these bytes alone, until `enough` arrives or it disconnects. */
async function exchangeBytes(bytes: string, enough: RegExp | undefined): Promise<string> {
  const { hostname, port } = new URL(gateway.address);
  const socket = connect(Number(port), hostname);
  killAtTheEnd(() => socket.destroy());
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  await once(socket, "connect");
  socket.write(bytes);
  const closed = once(socket, "close").then(() => true);
  await Promise.race([closed, ...(enough ? [expect.poll(() => text).toMatch(enough)] : [])]);
  socket.destroy();
  return text;
}
