import { Hono } from "hono";
import { describe, expect, test, vi } from "vitest";
import { RtcError } from "../../../src/contract/errors.ts";
import type { GatewayEnv } from "../../../src/gateway/http/context.ts";
import { problemOf } from "../../../src/gateway/http/problem.ts";
import { idempotent } from "../../../src/gateway/middleware/idempotency.ts";
import { openSqliteStore } from "../../../src/gateway/store/sqlite-store.ts";

const HOUR = 3_600_000;

/** A gateway of one route that counts what it does; `run` is its handler. */
function world(run: (calls: number) => Promise<unknown> | unknown = (calls) => ({ room: `one:${calls}` })) {
  const store = openSqliteStore(":memory:");
  const state = { calls: 0, now: 0, resumed: [] as (number | undefined)[] };
  const app = new Hono<GatewayEnv>();
  app.onError((error, c) => {
    const { status, body } = problemOf(error, "r");
    return Response.json(body, { status, headers: c.res.headers });
  });
  app.use(async (c, next) => {
    const body = await c.req.json();
    c.set("principal", { id: c.req.header("x-who") ?? "alice", name: "", readOnly: false });
    c.set("body", body);
    c.set("idempotencyKey", body.idempotency_key);
    await next();
  });
  app.use(idempotent(store.answers, { now: () => state.now, leaseMs: 1_000, heartbeatMs: 10 }));
  const handler = app.post("/:route", async (c) => {
    state.calls += 1;
    state.resumed.push(c.get("resumedFrom")?.getTime());
    return c.json(await run(state.calls), 200);
  });
  const ask = async (body: object, { path = "/create", who = "alice" } = {}) => {
    const init = { method: "POST", body: JSON.stringify(body), headers: { "x-who": who } };
    const response = await handler.request(path, init);
    const replayed = response.headers.get("idempotent-replayed") === "true";
    return { status: response.status, replayed, body: await response.json() };
  };
  return { ask, state, store };
}

const body = { name: "standup", idempotency_key: "k1", metadata: { a: 1, b: { idempotency_key: "mine" } } };

describe("A request with an idempotency key", () => {
  test("has one effect and the same answer, however its fields are ordered", async () => {
    const { ask, state } = world();
    const { metadata, ...rest } = body;
    expect(await ask(body)).toEqual({ status: 200, replayed: false, body: { room: "one:1" } });
    const again = await ask({ metadata: { b: metadata.b, a: 1 }, ...rest });
    expect(again).toEqual({ status: 200, replayed: true, body: { room: "one:1" } });
    expect(state.calls).toBe(1);
  });

  test("is answered again with what the answer to every request has: its own id, not that of the first", async () => {
    const app = new Hono<GatewayEnv>();
    app.use(async (c, next) => {
      c.header("x-request-id", c.req.header("x-request-id"));
      c.set("principal", { id: "alice", name: "", readOnly: false });
      c.set("idempotencyKey", "k1");
      await next();
    });
    app.use(idempotent(openSqliteStore(":memory:").answers));
    app.post("/create", (c) => c.json({ room: "one" }));
    const ask = (id: string) => app.request("/create", { method: "POST", headers: { "x-request-id": id } });
    expect((await ask("first")).headers.get("x-request-id")).toBe("first");
    const again = (await ask("second")).headers;
    expect(again.get("idempotent-replayed")).toBe("true");
    expect(again.get("x-request-id")).toBe("second");
  });

  test("is run again without a key", async () => {
    const { ask, state } = world();
    await ask({ name: "standup" });
    await ask({ name: "standup" });
    expect(state.calls).toBe(2);
  });

  test("is rejected with another body, be the difference deep in its metadata", async () => {
    const { ask, state } = world();
    await ask(body);
    const other = { ...body, metadata: { a: 1, b: { idempotency_key: "yours" } } };
    expect(await ask(other)).toMatchObject({ status: 422, body: { code: "IDEMPOTENCY_CONFLICT" } });
    expect(state.calls).toBe(1);
  });

  test("is another's with another principal, or on another route", async () => {
    const { ask, state } = world();
    await ask(body);
    expect(await ask(body, { who: "bob" })).toMatchObject({ replayed: false });
    expect(await ask(body, { path: "/start" })).toMatchObject({ replayed: false });
    expect(state.calls).toBe(3);
  });

  test("is remembered for 24 hours", async () => {
    const { ask, state } = world();
    await ask(body);
    state.now = 24 * HOUR - 1;
    expect(await ask(body)).toMatchObject({ replayed: true });
    state.now = 24 * HOUR;
    expect(await ask(body)).toMatchObject({ replayed: false });
  });

  test("has one effect when fifty come at once: the others are asked to wait, and then get its answer", async () => {
    let finish = (_: unknown) => {};
    const { ask, state } = world(() => new Promise((resolve) => (finish = resolve)));
    const asked = Array.from({ length: 50 }, () => ask(body));
    const early = await Promise.any(asked);
    expect(early).toMatchObject({ status: 409, body: { code: "IN_PROGRESS", retryable: true } });
    await expect.poll(() => state.calls).toBe(1);
    finish({ room: "one:x" });
    const statuses = (await Promise.all(asked)).map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array.from({ length: 49 }, () => 409)]);
    expect(await ask(body)).toEqual({ status: 200, replayed: true, body: { room: "one:x" } });
    expect(state.calls).toBe(1);
  });

  test("stays under way for as long as it takes, past any lease", async () => {
    let finish = (_: unknown) => {};
    const { ask, state, store } = world(() => new Promise((resolve) => (finish = resolve)));
    const first = ask(body);
    await expect.poll(() => state.calls).toBe(1);
    state.now = 900;
    const beats = vi.spyOn(store.answers, "renew");
    await expect.poll(() => beats.mock.settledResults.length).toBeGreaterThan(0);
    state.now = 1_500;
    expect(await ask(body)).toMatchObject({ status: 409, body: { code: "IN_PROGRESS" } });
    finish({});
    await first;
  });

  test("gets the same rejection again, and the same failure of ours", async () => {
    for (const code of ["ALREADY_EXISTS", "NOT_CONFIGURED", "INTERNAL"] as const) {
      const { ask, state } = world(() => {
        throw new RtcError(code, "no");
      });
      const first = await ask(body);
      expect(await ask(body)).toEqual({ ...first, replayed: true });
      expect(state.calls).toBe(1);
    }
  });

  test("is retried after a retryable answer, with the time since when it may have had an effect", async () => {
    for (const code of ["RATE_LIMITED", "VENDOR_ERROR", "UNAVAILABLE", "DEADLINE_EXCEEDED"] as const) {
      const { ask, state } = world((calls) => {
        if (calls === 1) throw new RtcError(code, "later");
        return { room: "one:2" };
      });
      state.now = 500;
      await ask(body);
      state.now = 700;
      expect(await ask(body)).toEqual({ status: 200, replayed: false, body: { room: "one:2" } });
      expect(state.resumed).toEqual([undefined, 500]);
      expect(await ask(body)).toMatchObject({ replayed: true });
    }
  });

  test("is not stuck for an hour when the clock is stepped back after a crash in the middle", async () => {
    const { store } = world();
    const claimant = { scope: "s", fingerprint: "f", leaseOwner: "dead", now: 2 * HOUR, leaseMs: 1_000 };
    await store.answers.claim(claimant);
    const next = { ...claimant, leaseOwner: "next", now: HOUR };
    expect(await store.answers.claim(next)).toEqual({ state: "ours", since: 2 * HOUR });
    // Its own lease holds.
    expect(await store.answers.claim({ ...next, leaseOwner: "third" })).toEqual({ state: "in progress" });
  });

  test("goes by a time that no step of the wall clock changes", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      const store = openSqliteStore(":memory:");
      const app = new Hono<GatewayEnv>();
      let calls = 0;
      app.use(async (c, next) => {
        c.set("principal", { id: "alice", name: "", readOnly: false });
        c.set("idempotencyKey", "k1");
        await next();
      });
      app.use(idempotent(store.answers));
      app.post("/create", (c) => c.json({ calls: ++calls }));
      await app.request("/create", { method: "POST" });
      for (const hours of [25, -25]) {
        vi.setSystemTime(Date.now() + hours * HOUR);
        const again = await app.request("/create", { method: "POST" });
        expect(again.headers.get("idempotent-replayed")).toBe("true");
      }
      expect(calls).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });

  test("is not stuck after a crash in the middle: its lease expires, and the next one gets the time of its start", async () => {
    const { ask, state, store } = world();
    await ask(body);
    // What a killed process leaves: a claim that is never answered.
    const claimant = { scope: "s", fingerprint: "f", leaseOwner: "dead", now: 100, leaseMs: 1_000 };
    await store.answers.claim(claimant);
    expect(await store.answers.claim({ ...claimant, leaseOwner: "next", now: 1_099 })).toEqual({
      state: "in progress",
    });
    expect(await store.answers.claim({ ...claimant, leaseOwner: "next", now: 1_100 })).toEqual({
      state: "ours",
      since: 100,
    });
    // The dead one was only slow: its answer comes too late.
    await store.answers.finish(claimant, { status: 200, contentType: "a", body: "late" });
    expect(await store.answers.claim({ ...claimant, leaseOwner: "third", now: 1_200 })).toEqual({
      state: "in progress",
    });
    expect(state.calls).toBe(1);
  });
});
