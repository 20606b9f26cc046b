import { Hono } from "hono";
import { contextStorage } from "hono/context-storage";
import { describe, expect, test, vi } from "vitest";
import { RtcError } from "../../../src/contract/index.ts";
import type { GatewayEnv } from "../../../src/gateway/http/context.ts";
import { Health } from "../../../src/gateway/http/health.ts";
import { Metrics } from "../../../src/gateway/middleware/metrics.ts";
import { type Bounds, VendorBulkhead } from "../../../src/gateway/services/bulkhead.ts";
import { openSqliteStore } from "../../../src/gateway/store/sqlite-store.ts";
import { MemoryVendor } from "../../conformance/memory.ts";
import { memoryAdapter } from "../../conformance/memory-adapter.ts";
import { fleetingAdapter } from "../../conformance/memory-vendors.ts";

const place = { region: null, name: "standup" };

/** A vendor whose lookups last until they are let go. */
function slow(limits: Partial<Bounds>) {
  const metrics = new Metrics();
  const state = { running: 0, most: 0 };
  const waiting: (() => void)[] = [];
  const adapter = new VendorBulkhead(metrics, limits).wrap({
    ...memoryAdapter(new MemoryVendor()),
    getRoom: async () => {
      state.running += 1;
      state.most = Math.max(state.most, state.running);
      await new Promise<void>((resolve) => waiting.push(resolve));
      state.running -= 1;
      return undefined;
    },
  });
  const letGo = <T>(answer: T) => {
    for (const resolve of waiting.splice(0)) resolve();
    return answer;
  };
  return { adapter, state, letGo, metrics };
}

describe("What is under way at a vendor", () => {
  test("is bounded; the rest waits for its turn, and all of it is done", async () => {
    const { adapter, state, letGo } = slow({ concurrency: 3 });
    let done = 0;
    const calls = Array.from({ length: 10 }, () => adapter.getRoom(place).then(() => done++));
    await expect.poll(() => letGo(done)).toBe(10);
    await Promise.all(calls);
    expect(state.most).toBe(3);
  });

  test("and waits for it is bounded too: more is rejected at once, as a limit that passes", async () => {
    const { adapter, state, letGo } = slow({ concurrency: 1, concurrencyOfKey: 1, waiting: 2 });
    const calls = [1, 2, 3].map(() => adapter.getRoom(place));
    await expect(adapter.getRoom(place)).rejects.toMatchObject({
      code: "RATE_LIMITED",
      retryAfterSeconds: 1,
      // None has rejected it.
      vendor: undefined,
      message: "2 calls of this key to memory wait already",
    });
    // Another vendor, and what needs no call, go on.
    expect((await adapter.issueToken({ ...place, ...TOKEN })).identity).toBe("alice");
    let done = false;
    const all = Promise.all(calls).then(() => (done = true));
    await expect.poll(() => letGo(done)).toBe(true);
    await all;
    expect(state.most).toBe(1);
  });

  test("is shared among keys: one that asks for too much waits for its own calls only", async () => {
    const { adapter, state, letGo } = slow({ concurrency: 3, concurrencyOfKey: 2, waiting: 5 });
    const app = new Hono<GatewayEnv>();
    app.use(contextStorage());
    app.get("/:key", async (c) => {
      const id = c.req.param("key");
      c.set("principal", { id, name: id, readOnly: false });
      const rejection = (error: unknown) => (RtcError.isInstance(error) ? error.code : "INTERNAL");
      return c.text(await adapter.getRoom(place).then(() => "done", rejection));
    });
    const ask = async (key: string) => (await app.request(`/${key}`)).text();
    const greedy = Array.from({ length: 10 }, () => ask("greedy"));
    await expect.poll(() => state.running).toBe(2);
    const other = ask("other");
    await expect.poll(() => state.running).toBe(3);
    let done = 0;
    const counted = [...greedy, other].map(async (one) => {
      const answer = await one;
      done += 1;
      return answer;
    });
    await expect.poll(() => letGo(done)).toBe(11);
    const answers = await Promise.all(counted);
    expect(answers.filter((answer) => answer === "done")).toHaveLength(8);
    expect(answers.filter((answer) => answer === "RATE_LIMITED")).toHaveLength(3);
    expect(answers.at(-1)).toBe("done");
    expect(state.most).toBe(3);
  });

  test("is counted by vendor, operation and outcome, recordings too; what makes no call is not", async () => {
    const metrics = new Metrics();
    const bulkhead = new VendorBulkhead(metrics);
    const memory = new MemoryVendor();
    const adapter = bulkhead.wrap(memoryAdapter(memory));
    const fleeting = bulkhead.wrap(fleetingAdapter(new MemoryVendor()));
    await adapter.createRoom(place);
    await adapter.recordings?.list(null, { active: true });
    memory.fault = "unreachable";
    await expect(adapter.getRoom(place)).rejects.toThrow();
    await fleeting.createRoom(place);
    const { body } = await metrics.text();
    const counted = [...body.matchAll(/^rtc_gateway_vendor_calls_total\{(.*)\} 1$/gm)].map(
      ([, labels]) => labels,
    );
    expect(counted.sort()).toEqual([
      'vendor="memory",operation="createRoom",outcome="ok"',
      'vendor="memory",operation="getRoom",outcome="UNAVAILABLE"',
      'vendor="memory",operation="listRecordings",outcome="ok"',
    ]);
  });
});

const TOKEN = {
  identity: "alice",
  ttlSeconds: 60,
  canPublish: true,
  canSubscribe: true,
  canPublishData: true,
  isAdmin: false,
};

describe("A gateway is ready", () => {
  function world() {
    const memory = new MemoryVendor();
    const state = { now: 0 };
    const store = openSqliteStore(":memory:");
    const adapters = [memoryAdapter(memory), fleetingAdapter(new MemoryVendor(), { hasKeys: false })];
    return { memory, state, store, health: new Health(store, adapters, () => state.now) };
  }

  test("where its store and a vendor answer, and asks a vendor no more than every five seconds", async () => {
    const { memory, state, health } = world();
    const answers = await Promise.all([health.ready(), health.ready()]);
    expect(answers[0]).toEqual({
      ready: true,
      server: "ok",
      store: "ok",
      vendors: { memory: "ok", fleeting: "ok" },
    });
    state.now = 4_999;
    await health.ready();
    expect(memory.calls).toHaveLength(1);
    state.now = 5_000;
    await health.ready();
    expect(memory.calls).toHaveLength(2);
  });

  test("by what is true now, when the wall clock was ahead and is set back", async () => {
    vi.useFakeTimers({ toFake: ["Date", "performance"] });
    try {
      const memory = new MemoryVendor();
      const health = new Health(openSqliteStore(":memory:"), [memoryAdapter(memory)]);
      vi.setSystemTime(Date.now() + 2 * 3_600_000);
      memory.fault = "unreachable";
      expect(await health.ready()).toMatchObject({ ready: false });
      vi.setSystemTime(Date.now() - 2 * 3_600_000);
      memory.fault = undefined;
      vi.advanceTimersByTime(5_000);
      expect(await health.ready()).toMatchObject({ ready: true });
    } finally {
      vi.useRealTimers();
    }
  });

  test("with one failing vendor beside another, and reports that failure by its code alone", async () => {
    const { memory, health } = world();
    memory.fault = "denied";
    expect(await health.ready()).toMatchObject({
      ready: true,
      vendors: { memory: "UNAUTHENTICATED", fleeting: "ok" },
    });
  });

  test("not when its store is gone, when it is stopping, or when no vendor answers", async () => {
    const { store, health } = world();
    store.close();
    expect(await health.ready()).toMatchObject({ ready: false, store: "failing" });
    const stopping = world().health;
    stopping.stopping();
    expect(await stopping.ready()).toMatchObject({ ready: false, server: "stopping" });
    const memory = new MemoryVendor();
    memory.fault = "unreachable";
    const alone = new Health(openSqliteStore(":memory:"), [memoryAdapter(memory)]);
    expect(await alone.ready()).toMatchObject({ ready: false, vendors: { memory: "UNAVAILABLE" } });
    expect(await new Health(openSqliteStore(":memory:"), []).ready()).toMatchObject({
      ready: false,
      vendors: {},
    });
  });
});
