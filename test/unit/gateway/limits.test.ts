import { Hono } from "hono";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { GatewayEnv } from "../../../src/gateway/http/context.ts";
import { problemOf } from "../../../src/gateway/http/problem.ts";
import { limitAddresses, limitKeys, type Quotas } from "../../../src/gateway/middleware/limits.ts";
import type { Clock } from "../../../src/support/clock.ts";

/** So many requests at once, none of which waits. */
const quota = (requests: number, seconds: number) => ({ requests, seconds, prompt: requests });
const STANDING: Clock = { now: () => 0, sleep: () => expect.fail("No request should have to wait.") };

/** A gateway of one route, for bearers that are names; `bad` belongs to no key. Without a clock: by its own. */
function world(quotas: Partial<Quotas>, proxied = false, clock: Clock | null = STANDING) {
  const all = { key: quota(1_000, 60), address: quota(1_000, 60), ...quotas };
  const app = new Hono<GatewayEnv>();
  app.onError((error, c) => {
    const { status, headers, body } = problemOf(error, "r");
    return c.body(JSON.stringify(body), status as 429, headers);
  });
  app.use(limitAddresses(all, proxied, clock ?? undefined));
  app.use(async (c, next) => {
    const id = c.req.header("authorization") ?? "bad";
    if (id === "bad") return c.text("", 401);
    c.set("principal", { id, name: id, readOnly: false });
    return next();
  });
  app.use(limitKeys(all, clock ?? undefined));
  app.get("/", (c) => c.text("ok"));
  return (who: string, { from = "192.0.2.1", forwarded = "" } = {}) =>
    app.request(
      "/",
      { headers: { authorization: who, ...(forwarded && { "x-forwarded-for": forwarded }) } },
      { incoming: { socket: { remoteAddress: from } } },
    );
}

afterEach(() => void vi.useRealTimers());

describe("A client that asks too often", () => {
  test("is neither locked out nor let in by a step of the wall clock", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const ask = world({ address: quota(3, 60) }, false, null);
    await ask("alice");
    vi.setSystemTime(Date.now() - 3_600_000);
    expect((await ask("alice")).status).toBe(200);
    vi.setSystemTime(Date.now() + 2 * 3_600_000);
    expect((await ask("alice")).status).toBe(200);
    const rejected = await ask("alice");
    expect(rejected.status).toBe(429);
    expect(Number(rejected.headers.get("retry-after"))).toBeLessThanOrEqual(20);
  });

  test("gets its remaining quota, and after that Retry-After; another's key is none of it", async () => {
    const ask = world({ key: quota(2, 60) });
    const first = await ask("alice");
    expect(first.headers.get("ratelimit-policy")).toBe('"key";q=2;w=60');
    expect(first.headers.get("ratelimit")).toBe('"key";r=1;t=30');
    await ask("alice");
    const third = await ask("alice");
    expect(third.status).toBe(429);
    expect(await third.json()).toMatchObject({ code: "RATE_LIMITED", retryable: true });
    expect(third.headers.get("retry-after")).toBe("30");
    expect(third.headers.get("ratelimit")).toBe('"key";r=0;t=30');
    expect((await ask("bob")).status).toBe(200);
  });

  test("is let in evenly, however it asks: no crowd of its requests comes with each new second", async () => {
    let now = 0;
    const ask = world({ key: quota(10, 1) }, false, { ...STANDING, now: () => now });
    const letIn: number[] = [];
    for (; now < 10_000; now += 10) if ((await ask("alice")).status === 200) letIn.push(now);
    // Ten at once, then one each tenth of a second.
    expect(letIn.slice(0, 10)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
    expect(letIn.slice(10)).toEqual(Array.from({ length: 99 }, (_, n) => (n + 1) * 100));
    now += 500;
    for (let times = 0; times < 6; times++) expect((await ask("alice")).status).toBe(200);
    expect((await ask("alice")).status).toBe(429);
  });

  test("with many requests at once has none rejected: after the first few they go on one by one", async () => {
    const waits: number[] = [];
    const clock: Clock = { now: () => 0, sleep: async (ms) => void waits.push(ms) };
    const ask = world({ key: { requests: 10, seconds: 1, prompt: 4 } }, false, clock);
    const answers = await Promise.all(Array.from({ length: 11 }, () => ask("alice")));
    expect(answers.map(({ status }) => status)).toEqual([...Array(10).fill(200), 429]);
    expect(waits).toEqual([100, 200, 300, 400, 500, 600]);
    expect(answers[6]?.headers.get("ratelimit")).toBe('"key";r=3;t=1');
  });

  test.each([
    [
      "an IPv4 address, also one that is mapped into IPv6",
      ["192.0.2.1", "::ffff:192.0.2.1", "::FFFF:C000:201"],
    ],
    ["the /64 network of an IPv6 address", ["2001:db8::1", "2001:db8:0:0:ffff::2", "2001:DB8::"]],
  ])("is known by %s", async (_, addresses) => {
    const ask = world({ address: quota(addresses.length, 60) });
    for (const from of addresses) expect((await ask("alice", { from })).status).toBe(200);
    for (const from of addresses) expect((await ask("alice", { from })).status).toBe(429);
    expect((await ask("alice", { from: "192.0.2.2" })).status).toBe(200);
    expect((await ask("alice", { from: "2001:db8:0:1::1" })).status).toBe(200);
  });

  test("is the same behind a proxy that adds ports or brackets, and is the proxy where that reports no address", async () => {
    const spellings = [
      ...["192.0.2.9", "192.0.2.9:4711", "192.0.2.9:4712", "[::ffff:192.0.2.9]:1"],
      ...["2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:4711", "[2001:db8::2]:4712"],
      ...["unknown", "_hidden", "evil<script>", "1.2.3", "192.0.2.9,"],
    ];
    const ask = world({ address: quota(5, 60) }, true);
    const statuses = [];
    for (const forwarded of spellings)
      for (let times = 0; times < 3; times++) statuses.push((await ask("alice", { forwarded })).status);
    // Three clients, five requests of each.
    expect(statuses.filter((status) => status === 200)).toHaveLength(15);
  });

  test("is stopped by its address, whatever its keys", async () => {
    const ask = world({ address: quota(2, 60) });
    await ask("alice");
    await ask("bob");
    expect((await ask("carol")).status).toBe(429);
    expect((await ask("carol", { from: "192.0.2.2" })).status).toBe(200);
  });

  test("by wrong keys locks out no other client of its address, and is stopped with all others of it", async () => {
    const ask = world({ address: quota(10, 60) });
    for (let times = 0; times < 9; times++) expect((await ask("bad")).status).toBe(401);
    expect((await ask("alice")).status).toBe(200);
    expect((await ask("bad")).status).toBe(429);
  });

  test("may send any number of wrong keys without rejecting good ones of its address", async () => {
    const ask = world({});
    for (let times = 0; times < 200; times++) expect((await ask("bad")).status).toBe(401);
    expect((await ask("alice")).status).toBe(200);
  });

  test("is identified by what the proxy in front reports, and not by what it reports itself", async () => {
    const address = quota(1, 60);
    const behind = world({ address }, true);
    expect((await behind("alice", { forwarded: "198.51.100.1" })).status).toBe(200);
    expect((await behind("alice", { forwarded: "198.51.100.2" })).status).toBe(200);
    // What it has written into the header itself stands before what the proxy has added.
    expect((await behind("alice", { forwarded: "203.0.113.9, 198.51.100.1" })).status).toBe(429);
    const alone = world({ address });
    expect((await alone("alice", { forwarded: "198.51.100.1" })).status).toBe(200);
    expect((await alone("alice", { forwarded: "198.51.100.2" })).status).toBe(429);
  });
});
