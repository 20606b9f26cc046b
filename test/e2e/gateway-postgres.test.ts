import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RunningGateway } from "../support/gateway.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { type PostgresServer, startPostgres } from "../support/postgres.ts";
import { startProxy } from "../support/proxy.ts";
import { rtc } from "../support/rtc.ts";
import { roomsOf } from "../support/world.ts";

const TRIAL = "a-trial-key-of-this-test";
/** Longer than a lease. */
const timeouts = { timeout: 60_000, interval: 200 };

let server: LivekitServer;
let proxy: Awaited<ReturnType<typeof startProxy>>;
let database: PostgresServer;
let store: string;
let gateways: RunningGateway[];

const open = () =>
  RunningGateway.start({
    env: {
      ...server.env,
      LIVEKIT_URL: proxy.url,
      RTC_GATEWAY_KEY: TRIAL,
      RTC_GATEWAY_STORE: store,
      AGORA_APP_ID: "0123456789abcdef0123456789abcdef",
      AGORA_APP_CERTIFICATE: "0123456789abcdef0123456789abcdef",
    },
  });
const at = (index: number) => gateways[index % gateways.length] as RunningGateway;
const keys = (...args: string[]) =>
  rtc(["gateway", "keys", ...args], { cwd: "/", env: { RTC_GATEWAY_STORE: store } });

beforeAll(async () => {
  [server, database] = await Promise.all([startLivekit({ egress: "worker" }), startPostgres()]);
  proxy = await startProxy(server.url);
  const plain = new URL(await database.database());
  plain.password = "hush-hush-of-this-test";
  store = plain.href;
  gateways = await Promise.all([open(), open()]);
});
afterAll(() => database.stop());

test("Fifty requests with one key at two gateways have one effect and one answer, which outlives a kill -9 of both", async () => {
  await server.service.createRoom({ name: "once" });
  const body = { room: "once", audio_only: true, output_uri: "out/once/", idempotency_key: "k1" };
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) => at(n).ask("/v1/rtc/recording/start", { body })),
  );
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status !== 200 && status !== 409)).toEqual([]);
  const done = answers.filter(({ status }) => status === 200);
  expect(new Set(done.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  expect(await server.recordings.listEgress({ roomName: "once" })).toHaveLength(1);
  await Promise.all(gateways.map((one) => one.end("SIGKILL")));
  gateways = await Promise.all([open(), open()]);
  const again = await at(1).ask("/v1/rtc/recording/start", { body });
  expect(again.body).toEqual(done[0]?.body);
  expect(await server.recordings.listEgress({ roomName: "once" })).toHaveLength(1);
});

test("What a killed gateway had started is found by the other, and created once", async () => {
  await server.service.createRoom({ name: "crash" });
  const body = { room: "crash", audio_only: true, output_uri: "out/crash/", idempotency_key: "k2" };
  const heldCall = proxy.hold("StartRoomCompositeEgress", "after", { times: 1 });
  const lost = at(0)
    .ask("/v1/rtc/recording/start", { body })
    .catch(() => "lost");
  await heldCall.caught;
  await at(0).end("SIGKILL");
  expect(await lost).toBe("lost");
  heldCall.drop();
  const ask = () => at(1).ask("/v1/rtc/recording/start", { body });
  expect(await ask()).toMatchObject({ status: 409, body: { code: "IN_PROGRESS" } });
  await expect.poll(async () => (await ask()).status, timeouts).toBe(200);
  const [only, ...others] = await server.recordings.listEgress({ roomName: "crash" });
  expect(others).toEqual([]);
  expect((await ask()).body).toMatchObject({ recording: `livekit:${only?.egressId}` });
  gateways = [await open(), at(1)];
});

test("A key that is created or revoked is valid or rejected at every gateway within a second", async () => {
  const made = await keys("create", "ci");
  const key = made.stdout.trim();
  const statuses = () =>
    Promise.all(gateways.map(async (one) => (await one.ask("/v1/rtc/room/list", { key })).status));
  expect(await statuses()).toEqual([200, 200]);
  expect((await keys("revoke", "ci")).code).toBe(0);
  await expect.poll(statuses, { timeout: 1_000 }).toEqual([401, 401]);
});

test("The limit of a key is counted in the database, for all gateways", async () => {
  const made = await keys("create", "busy", "--json");
  const { key, id } = JSON.parse(made.stdout) as { key: string; id: string };
  const ask = (one: RunningGateway) => one.ask("/v1/rtc/room/list", { key });
  expect((await ask(at(0))).status).toBe(200);
  const client = new pg.Client(store);
  await client.connect();
  // As after so many requests at other gateways that none is left for ten seconds.
  const spend = "update rtc_quotas set full_at = full_at + 11000 where client = $1";
  expect((await client.query(spend, [id])).rowCount).toBe(1);
  await client.end();
  for (const one of gateways) {
    const { status, headers } = await ask(one);
    expect(status).toBe(429);
    expect(headers.get("ratelimit")).toMatch(/^"key";r=0;t=\d+$/);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(1);
  }
});

test("Rooms that both gateways have created are listed once, also those that only the store has", async () => {
  for (const [n, vendor] of ["livekit", "agora"].entries())
    for (const one of [0, 1])
      await at(one).ask("/v1/rtc/room/create", { body: { name: `listed-${n}`, vendor } });
  const { body } = await at(0).ask("/v1/rtc/room/list?limit=100");
  const names = (body as { items: { name: string }[] }).items.map(({ name }) => name);
  expect(names.filter((name) => name === "listed-0")).toHaveLength(1);
  for (const one of gateways)
    expect(await one.ask("/v1/rtc/room/get/agora:listed-1")).toMatchObject({ status: 200 });
});

test("While the database is unavailable, what needs it is rejected with 503, tokens are issued, and the gateway recovers by itself", async () => {
  const key = (await keys("create", "steady")).stdout.trim();
  const token = (one: RunningGateway) =>
    one.ask("/v1/rtc/token/issue", { body: { room: "livekit:once", identity: "alice" }, key });
  for (const one of gateways) expect((await token(one)).status).toBe(200);
  const create = (one: RunningGateway, name: string) =>
    one.ask("/v1/rtc/room/create", { body: { name, vendor: "livekit", idempotency_key: name }, key });

  await database.kill();
  for (const one of gateways) {
    expect((await token(one)).status).toBe(200);
    const rejected = await create(one, "in-vain");
    expect(rejected).toMatchObject({ status: 503, body: { code: "UNAVAILABLE", retryable: true } });
    expect(rejected.headers.get("retry-after")).toBe("1");
    expect(JSON.stringify(rejected.body)).toContain("the store cannot be reached: ");
    expect((await one.ask("/livez")).status).toBe(200);
  }
  expect(await keys("list")).toMatchObject({ code: 4, stderr: expect.stringContaining("UNAVAILABLE") });
  await expect.poll(async () => (await at(0).ask("/readyz")).status, timeouts).toBe(503);
  expect(await roomsOf(server)).not.toHaveProperty("in-vain");
  await database.restart();
  for (const one of gateways)
    await expect.poll(async () => (await create(one, "at-last")).status, timeouts).toBe(200);
  await expect.poll(async () => (await at(0).ask("/readyz")).status, timeouts).toBe(200);

  // One that answers nothing, as behind a network that is cut.
  database.freeze(true);
  const began = performance.now();
  expect((await create(at(0), "frozen")).status).toBe(503);
  expect(performance.now() - began).toBeLessThan(5_000);
  expect((await token(at(0))).status).toBe(200);
  database.freeze(false);
  await expect.poll(async () => (await create(at(0), "thawed")).status, timeouts).toBe(200);
});

test("No gateway has written the password of the database", async () => {
  for (const one of gateways) {
    expect(await one.end()).toBe(0);
    expect(one.written).not.toContain("hush-hush");
  }
});
