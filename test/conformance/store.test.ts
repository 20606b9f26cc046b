import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import type { Recording } from "../../src/contract/index.ts";
import { openStore } from "../../src/gateway/store/open-store.ts";
import type { Store } from "../../src/gateway/store/store.ts";
import { type PostgresServer, startPostgres } from "../support/postgres.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const METADATA = { course: 7, names: { z: 1, a: "ä\u{1f600}" } };

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

/** The address of a new store. */
const STORES: Readonly<Record<string, () => Promise<string>>> = {
  SQLite: async () => join(mkdtempSync(join(inject("scratch"), "store-")), "rtc-gateway.db"),
  PostgreSQL: () => server.database(),
};

const opened: Store[] = [];
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
});

/** The store of two gateways. */
async function shared(where: string): Promise<[Store, Store, string]> {
  const address = (await STORES[where]?.()) ?? "";
  // At the same moment, as two gateways that are started together.
  const both = await Promise.all([openStore(address), openStore(address)]);
  opened.push(...both);
  return [...both, address];
}

function tape(id = "EG_1", more: Partial<Recording> = {}): Recording {
  return { recording: `memory:${id}`, room: "memory:hall", status: "active", ...more };
}

function started(recording: Recording, request = "r1") {
  return { recording, request, startedBy: "k1" };
}

/** Both of two gateways in turn, many at once. */
const inTurn = <T>(
  [one, other]: readonly Store[],
  count: number,
  run: (store: Store, n: number) => Promise<T>,
) => Promise.all(Array.from({ length: count }, (_, n) => run((n % 2 === 0 ? one : other) as Store, n)));

describe.each(Object.keys(STORES))("A store in %s", (where) => {
  test("is opened again with all that it has, and can be written", async () => {
    const [one, , address] = await shared(where);
    await one.check();
    await one.keys.add({ id: "k1", name: "ci", hash: "h", readOnly: true, createdAt: 1_764_000_000_000 });
    await one.recordings.claim(started(tape("EG_1", { metadata: METADATA })), 0);
    const again = await openStore(address);
    opened.push(again);
    expect(await again.keys.list()).toEqual([
      { id: "k1", name: "ci", hash: "h", readOnly: true, createdAt: 1_764_000_000_000 },
    ]);
    const found = await again.recordings.find("memory:EG_1");
    expect(JSON.stringify(found?.metadata)).toBe(JSON.stringify(METADATA));
  });

  test("has keys by id, in the order of their names, and each name once, whichever gateway adds it", async () => {
    const stores = await shared(where);
    const [one, other] = stores;
    const key = { hash: "h", readOnly: false, createdAt: 1 };
    const added = await inTurn(stores.slice(0, 2) as Store[], 20, (store, n) =>
      store.keys.add({ ...key, id: `k${n}`, name: "same" }),
    );
    expect(added.filter(Boolean)).toHaveLength(1);
    const full = { prefix: "exam-", output: "s3://acme/exams/", expiresAt: 5 };
    await one.keys.add({ ...key, ...full, id: "b", name: "Zoe" });
    await one.keys.add({ ...key, id: "a", name: "ann" });
    expect((await other.keys.list()).map(({ name }) => name)).toEqual(["Zoe", "ann", "same"]);
    expect(await other.keys.find("b")).toEqual({ ...key, ...full, id: "b", name: "Zoe" });
    expect(await other.keys.find("absent")).toBeUndefined();
    // Revoked at one, and at the other at once.
    expect(await one.keys.remove("Zoe")).toBe(true);
    expect(await other.keys.find("b")).toBeUndefined();
    expect(await other.keys.remove("a")).toBe(true);
    expect(await one.keys.remove("a")).toBe(false);
  });

  test("lets one of many attempts at a request run, and the others have its answer", async () => {
    const stores = (await shared(where)).slice(0, 2) as Store[];
    const claimant = (n: number, more: object = {}) => ({
      ...{ scope: "alice create k1", fingerprint: "f", leaseOwner: `attempt-${n}`, now: 1_000, leaseMs: 500 },
      ...more,
    });
    const claims = await inTurn(stores, 50, (store, n) => store.answers.claim(claimant(n)));
    const winner = claims.findIndex(({ state }) => state === "ours");
    expect(claims.filter(({ state }) => state === "in progress")).toHaveLength(49);
    const [one, other] = stores as [Store, Store];
    expect(await other.answers.claim(claimant(60, { fingerprint: "g" }))).toEqual({ state: "conflict" });
    const answer = { status: 200, contentType: "application/json", body: '{"room":"ä"}' };
    // One that does not own the lease finishes nothing.
    await other.answers.finish(claimant(winner + 1), { ...answer, body: "another's" });
    expect(await one.answers.claim(claimant(61))).toEqual({ state: "in progress" });
    await one.answers.finish(claimant(winner), answer);
    expect(await other.answers.claim(claimant(62, { now: 1_000 + DAY - 1 }))).toEqual({
      state: "answered",
      answer,
    });
    expect(await other.answers.claim(claimant(63, { now: 1_000 + DAY }))).toEqual({ state: "ours" });
  });

  test("gives the lease of a dead attempt to one other, with the time at which it began", async () => {
    const stores = (await shared(where)).slice(0, 2) as [Store, Store];
    const [one, other] = stores;
    const at = (now: number, leaseOwner: string) => ({
      ...{ scope: "s", fingerprint: "f", leaseOwner, now, leaseMs: 100 },
    });
    await one.answers.claim(at(0, "dead"));
    await one.answers.renew(at(0, "dead"), 50);
    expect(await other.answers.claim(at(149, "next"))).toEqual({ state: "in progress" });
    const claims = await inTurn(stores, 10, (store, n) => store.answers.claim(at(150, `next-${n}`)));
    expect(claims.filter(({ state }) => state === "ours")).toEqual([{ state: "ours", since: 0 }]);
    const mine = claims.findIndex(({ state }) => state === "ours");
    await other.answers.release(at(150, `next-${mine}`));
    expect(await one.answers.claim(at(151, "last"))).toMatchObject({ state: "ours" });
  });

  test("runs no second attempt whose time is behind: it has waited, or its gateway's clock is slow", async () => {
    const [one, other] = await shared(where);
    const at = (now: number, leaseOwner: string) => ({
      ...{ scope: "s", fingerprint: "f", leaseOwner, now, leaseMs: 100 },
    });
    expect(await one.answers.claim(at(HOUR, "first"))).toEqual({ state: "ours" });
    for (const behind of [1, 5_000, 59_000])
      expect(await other.answers.claim(at(HOUR - behind, "second"))).toEqual({ state: "in progress" });
    // The clock was stepped back: no client is locked out.
    expect(await other.answers.claim(at(0, "third"))).toEqual({ state: "ours", since: HOUR });
  });

  test("has the rooms of a name until they are removed, each with its last settings", async () => {
    const [one, other] = await shared(where);
    const settings = {
      ...{ maxParticipants: null, emptyTimeoutSeconds: null, departureTimeoutSeconds: null },
      ...{ metadata: { team: "core" }, owner: "a-tag" },
    };
    const room = (id: string, more: object = {}) => ({ room: id, name: "standup", ...settings, ...more });
    for (const id of ["two:standup", "one:standup"]) await one.names.save(room(id));
    await other.names.save(room("one:standup", { maxParticipants: 4 }));
    expect(await one.names.idsOf("standup")).toEqual(["one:standup", "two:standup"]);
    expect(await one.names.recordOf("one:standup")).toEqual({
      room: "one:standup",
      ...settings,
      maxParticipants: 4,
    });
    await other.names.remove("one:standup");
    expect(await one.names.idsOf("standup")).toEqual(["two:standup"]);
    expect(await one.names.recordOf("one:standup")).toBeUndefined();
    expect(await one.names.idsOf("other")).toEqual([]);
  });

  test("keeps a recording for 30 days after its last observation, so that the store does not grow for ever", async () => {
    const [{ recordings }] = await shared(where);
    for (const id of ["EG_1", "EG_2"]) await recordings.claim(started(tape(id), id), 0);
    await recordings.observe([tape("EG_2")], 2 * HOUR);
    await recordings.claim(started(tape("EG_3"), "r3"), 30 * DAY - 1);
    expect(await recordings.find("memory:EG_1")).toBeDefined();
    await recordings.claim(started(tape("EG_4"), "r4"), 30 * DAY);
    expect(await recordings.find("memory:EG_1")).toBeUndefined();
    expect(await recordings.findByRequest("EG_1")).toBeUndefined();
    expect(await recordings.find("memory:EG_2"), "observed later").toBeDefined();
  });

  test("overwrites what a vendor has reported with a newer answer, but not an end with an answer from before it", async () => {
    const [{ recordings }] = await shared(where);
    await recordings.claim(started(tape("EG_1", { metadata: METADATA, layout: "grid" })), 0);
    const now = tape("EG_1", { layout: "speaker" });
    const elsewhere = tape("EG_2");
    const observed = [{ ...now, metadata: METADATA }, elsewhere];
    expect(await recordings.observe([now, elsewhere], 1)).toEqual(observed);
    expect(await recordings.find("memory:EG_1")).toEqual({ ...now, metadata: METADATA });
    expect(await recordings.find("memory:EG_2"), "which was not started here").toBeUndefined();
    const files = [{ recording: "memory:EG_1", location: "s3://acme/a.ogg", sizeBytes: 4 }];
    const ended = tape("EG_1", { status: "complete", files });
    await recordings.observe([ended], 2);
    await recordings.observe([tape("EG_1", { status: "ending" })], 3);
    expect(await recordings.find("memory:EG_1")).toEqual({ ...ended, metadata: METADATA });
    expect(await recordings.observe([], 4)).toEqual([]);
  });

  test("keeps a layout that was set, whatever the vendor reports later", async () => {
    const [{ recordings }] = await shared(where);
    await recordings.claim(started(tape("EG_1", { layout: "grid" })), 0);
    await recordings.setLayout("memory:EG_1", "speaker");
    await recordings.setLayout("memory:EG_2", "speaker");
    const observed = await recordings.observe([tape("EG_1", { layout: "grid" }), tape("EG_2")], 1);
    expect(observed).toEqual([tape("EG_1", { layout: "speaker" }), tape("EG_2")]);
    expect(await recordings.find("memory:EG_1")).toEqual(tape("EG_1", { layout: "speaker" }));
  });

  test("gives a recording to one of the requests that claim it, and a repeated request its first one", async () => {
    const stores = (await shared(where)).slice(0, 2) as [Store, Store];
    const [one, other] = stores;
    const asked = await inTurn(stores, 20, ({ recordings }, n) =>
      recordings.claim(started(tape("EG_1", { metadata: { n } }), `r${n}`), n),
    );
    const won = asked.flatMap((ours, n) => (ours ? [n] : []));
    expect(won).toHaveLength(1);
    const [n = -1] = won;
    expect(await other.recordings.find("memory:EG_1")).toEqual(tape("EG_1", { metadata: { n } }));
    expect(await other.recordings.claim(started(tape(), `r${n}`), 30)).toBe(true);
    await other.recordings.claim(started(tape("EG_0"), `r${n}`), 31);
    expect(await one.recordings.findByRequest(`r${n}`)).toMatchObject({ recording: "memory:EG_1" });
    expect(await one.recordings.findByRequest("r-other")).toBeUndefined();
  });
});

describe("PostgreSQL", () => {
  test("counts a client's requests over all gateways, and accepts no more of them than one gateway would", async () => {
    const stores = (await shared("PostgreSQL")).slice(0, 2) as [Store, Store];
    // A hundred at once, and so slowly refilled that none is added during this test.
    const takes = await inTurn(stores, 130, async ({ quotas }) => quotas?.take("key", 60_000, 6_000_000));
    expect(takes.filter((one) => one?.taken)).toHaveLength(100);
    const [{ quotas }] = stores;
    const { taken, msUntilFull = 0 } = (await quotas?.take("key", 60_000, 6_000_000)) ?? {};
    expect(taken).toBe(false);
    expect(msUntilFull).toBeGreaterThan(5_900_000);
    expect(await quotas?.take("another", 60_000, 6_000_000)).toMatchObject({ taken: true });
  });

  test("that a newer version has written is rejected", async () => {
    const [, , address] = await shared("PostgreSQL");
    const { default: pg } = await import("pg");
    const client = new pg.Client(address);
    await client.connect();
    await client.query("insert into rtc_migrations values ('9999-future', '2030-01-01')");
    await client.end();
    await expect(openStore(address)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("newer version"),
    });
  });

  test("that cannot be reached is reported without the password", async () => {
    const address = "postgres://rtc:hush-hush@127.0.0.1:9/store";
    const error = await openStore(address).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "UNAVAILABLE", message: expect.stringContaining("ECONNREFUSED") });
    expect(String(error)).not.toContain("hush-hush");
  });
});
