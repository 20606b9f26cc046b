import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { localClient } from "../../../src/client/local.ts";
import { createGateway } from "../../../src/gateway/http/app.ts";
import { probes, Health as Readiness } from "../../../src/gateway/http/health.ts";
import { serve } from "../../../src/gateway/http/serve.ts";
import { idempotent } from "../../../src/gateway/middleware/idempotency.ts";
import { GatewayKeys } from "../../../src/gateway/services/keys.ts";
import { openSqliteStore } from "../../../src/gateway/store/sqlite-store.ts";
import { Health } from "../../../src/routing/circuit-breaker.ts";
import { MemoryVendor } from "../../conformance/memory.ts";
import { memoryAdapter } from "../../conformance/memory-adapter.ts";
import { fleetingAdapter } from "../../conformance/memory-vendors.ts";

const folder = mkdtempSync(join(tmpdir(), "gateway-store-"));
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;

/** A gateway that listens, over a store in a file: `memory` has persistent rooms, those of `fleeting` are in the store. */
async function world() {
  const file = join(folder, `${files++}.db`);
  const opening = vi.spyOn(DatabaseSync.prototype, "exec");
  const store = openSqliteStore(file);
  const db = opening.mock.contexts[0] as DatabaseSync;
  opening.mockRestore();
  ends.push(() => store.close());
  const memory = new MemoryVendor();
  const adapter = memoryAdapter(memory);
  const vendors = {
    memory: () => adapter,
    fleeting: () => fleetingAdapter(new MemoryVendor("https://f.example")),
  };
  const keys = new GatewayKeys(store.keys, "a-trial-key-of-this-test");
  const state = { now: 0 };
  const app = createGateway({
    client: localClient({ recordingOutput: "s3://acme/" }, vendors, new Health(), store.names),
    keys,
    names: store.names,
    recordings: store.recordings,
    first: [probes(new Readiness(store, [adapter], () => state.now))],
    idempotent: idempotent(store.answers, { now: () => state.now }),
  });
  const server = await serve(app, { host: "127.0.0.1", port: 0 });
  ends.push(() => server.stop());
  const ask = async (method: string, path: string, body?: object, key = "a-trial-key-of-this-test") => {
    const began = performance.now();
    const response = await fetch(`${server.address}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    const { status, headers } = response;
    return { status, body: answer, retryAfter: headers.get("retry-after"), ms: performance.now() - began };
  };
  const create = (name: string, more: object = {}) =>
    ask("POST", "/v1/rtc/room/create", { name, vendor: "memory", ...more });
  const ready = () => {
    state.now += 60_000;
    return ask("GET", "/readyz");
  };
  return { file, store, db, memory, keys, ask, create, ready };
}

/** Locks a store, as another process does. */
function lock(file: string) {
  const other = new DatabaseSync(file);
  other.exec("BEGIN IMMEDIATE");
  return () => other.close();
}

/**
 * Lets a store grow no more, as on a disk that is full, once there is nothing left in it that is free.
 *
 * @param add adds something small
 */
async function fill({ db }: Awaited<ReturnType<typeof world>>, add: (id: string) => Promise<unknown>) {
  db.exec(`PRAGMA max_page_count = ${db.prepare("PRAGMA page_count").get()?.["page_count"]}`);
  for (let id = 0; ; id++) {
    try {
      await add(`filler-${id}`);
    } catch {
      return () => db.exec("PRAGMA max_page_count = 1073741823");
    }
  }
}

describe("A store that another process has locked", () => {
  test("holds up nothing else: what needs it waits for two seconds and gets Retry-After", async () => {
    const { file, ask, create, memory } = await world();
    expect((await create("before")).status).toBe(200);
    const unlock = lock(file);
    const waiting = [1, 2, 3].map((n) => create(`waits-${n}`, { idempotency_key: `k${n}` }));
    const fleeting = ask("POST", "/v1/rtc/room/create", { name: "f", vendor: "fleeting" });
    const live: number[] = [];
    let over = false;
    const all = Promise.all([...waiting, fleeting]).finally(() => {
      over = true;
    });
    while (!over) live.push((await ask("GET", "/livez")).ms);
    for (const answer of await all) {
      expect(answer).toMatchObject({ status: 503, retryAfter: "1", body: { code: "UNAVAILABLE" } });
      expect(answer.body).toMatchObject({ retryable: true, detail: expect.stringContaining("locked") });
      expect(answer.ms).toBeGreaterThan(1_900);
      expect(answer.ms).toBeLessThan(4_500);
    }
    // A machine that is busy with other things makes some of them late; what blocks makes all of them wait for the lock.
    const sorted = live.sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(100);
    expect(sorted.at(-1)).toBeLessThan(1_500);
    expect([...memory.rooms.keys()].join()).not.toContain("waits");
    for (const answer of [await create("needs-no-store"), await ask("GET", "/v1/rtc/room/list")])
      expect(answer.status).toBe(200);
    expect((await ask("DELETE", "/v1/rtc/room/delete/needs-no-store")).status).toBe(200);
    unlock();
    expect((await create("waits-1", { idempotency_key: "k1" })).status).toBe(200);
  });

  test("is waited for: a request goes on when the lock is gone", async () => {
    const { file, create } = await world();
    const unlock = lock(file);
    const waiting = create("waits", { idempotency_key: "k" });
    expect((await create("other")).status).toBe(200);
    unlock();
    expect((await waiting).status).toBe(200);
  });

  test("is not ready", async () => {
    const { file, ready } = await world();
    expect(await ready()).toMatchObject({ status: 200, body: { store: "ok" } });
    const unlock = lock(file);
    expect(await ready()).toMatchObject({ status: 503, body: { ready: false, store: "failing" } });
    unlock();
    expect(await ready()).toMatchObject({ status: 200, body: { store: "ok" } });
  });

  test("cannot be opened by a gateway that would change it, and is reported to be locked", () => {
    const file = join(folder, "new.db");
    const unlock = lock(file);
    expect(() => openSqliteStore(file)).toThrow(
      /new\.db cannot be opened: another process has had it locked for 2 s/,
    );
    unlock();
  });
});

describe("A store on a full disk", () => {
  test("is not ready, and rejects what needs it with the reason, until there is space again", async () => {
    const all = await world();
    const { ready, create, ask, memory, keys, store } = all;
    const { key } = await keys.create({ name: "good" });
    for (let times = 0; times < 3; times++) expect((await ready()).status).toBe(200);
    const claim = { fingerprint: "", leaseOwner: "", now: 0, leaseMs: 1 };
    const free = await fill(all, (scope) => store.answers.claim({ ...claim, scope }));
    expect(await ready()).toMatchObject({ status: 503, body: { ready: false, store: "failing" } });
    const metadata = { a: "x".repeat(5_000) };
    for (const answer of [
      await create("kept-once", { idempotency_key: "k", metadata }),
      await ask("POST", "/v1/rtc/room/create", { name: "f", vendor: "fleeting", metadata }),
    ]) {
      expect(answer).toMatchObject({ status: 503, retryAfter: "5", body: { code: "UNAVAILABLE" } });
      expect(answer.body).toMatchObject({
        retryable: true,
        detail: "the store cannot be written: database or disk is full: free space where it is",
      });
    }
    expect([...memory.rooms.keys()].join()).not.toContain("kept-once");
    expect((await create("needs-no-store")).status).toBe(200);
    expect((await ask("GET", "/v1/rtc/room/list", undefined, key)).status).toBe(200);

    free();
    expect(await ready()).toMatchObject({ status: 200, body: { ready: true, store: "ok" } });
    expect((await create("kept-once", { idempotency_key: "k", metadata })).status).toBe(200);
  });

  test("loses no answer: what was done is answered, and is not done twice when it is asked for again", async () => {
    const all = await world();
    const { create, memory, ready } = all;
    const hash = "0".repeat(500);
    const free = await fill(all, (id) =>
      all.store.keys.add({ id, name: id, hash, readOnly: true, createdAt: 0 }),
    );
    // What begins a request still fits, its answer does not.
    const asked = { metadata: { a: "x".repeat(5_000) }, idempotency_key: "k" };
    const first = await create("once", asked);
    expect(first.status).toBe(200);
    expect(await create("once", asked)).toMatchObject({ status: 409, body: { code: "IN_PROGRESS" } });
    free();
    expect((await ready()).status).toBe(200);
    expect(await create("once", asked)).toMatchObject({ status: 200, body: first.body as object });
    expect([...memory.rooms.keys()]).toEqual(["/once"]);
  });
});
