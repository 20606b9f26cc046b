import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, expect, test } from "vitest";
import type { Recording } from "../../../src/contract/index.ts";
import { openStore } from "../../../src/gateway/store/sqlite-store.ts";

const folder = mkdtempSync(join(tmpdir(), "gateway-recordings-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const METADATA = { course: 7 };

function tape(id = "EG_1", more: Partial<Recording> = {}): Recording {
  return { recording: `memory:${id}`, room: "memory:hall", status: "active", ...more };
}

function started(recording: Recording, request = "r1") {
  return { recording, request, startedBy: "k1" };
}

test("A recording is kept for 30 days after it was seen last, so that the store does not grow for ever", async () => {
  const { recordings } = openStore(":memory:");
  for (const id of ["EG_1", "EG_2"]) await recordings.claim(started(tape(id), id), 0);
  await recordings.observe([tape("EG_2")], 2 * HOUR);
  await recordings.claim(started(tape("EG_3"), "r3"), 30 * DAY - 1);
  expect(await recordings.find("memory:EG_1")).toBeDefined();
  await recordings.claim(started(tape("EG_4"), "r4"), 30 * DAY);
  expect(await recordings.find("memory:EG_1")).toBeUndefined();
  expect(await recordings.findByRequest("EG_1")).toBeUndefined();
  expect(await recordings.find("memory:EG_2"), "seen later").toBeDefined();
});

test("What a vendor reports takes the place of what it reported before, but for an answer from before the end", async () => {
  const { recordings } = openStore(":memory:");
  await recordings.claim(started(tape("EG_1", { metadata: METADATA, layout: "grid" })), 0);
  const now = tape("EG_1", { layout: "speaker" });
  const elsewhere = tape("EG_2");
  expect(await recordings.observe([now, elsewhere], 1)).toEqual([{ ...now, metadata: METADATA }, elsewhere]);
  expect(await recordings.find("memory:EG_1")).toEqual({ ...now, metadata: METADATA });
  expect(await recordings.find("memory:EG_2"), "which was not started here").toBeUndefined();
  const files = [{ recording: "memory:EG_1", location: "s3://acme/a.ogg", sizeBytes: 4 }];
  const ended = tape("EG_1", { status: "complete", files });
  await recordings.observe([ended], 2);
  await recordings.observe([tape("EG_1", { status: "ending" })], 3);
  expect(await recordings.find("memory:EG_1")).toEqual({ ...ended, metadata: METADATA });
});

test("A layout that was set stays, whatever the vendor goes on to report", async () => {
  const { recordings } = openStore(":memory:");
  await recordings.claim(started(tape("EG_1", { layout: "grid" })), 0);
  await recordings.setLayout("memory:EG_1", "speaker");
  await recordings.setLayout("memory:EG_2", "speaker");
  const observed = await recordings.observe([tape("EG_1", { layout: "grid" }), tape("EG_2")], 1);
  expect(observed).toEqual([tape("EG_1", { layout: "speaker" }), tape("EG_2")]);
  expect(await recordings.find("memory:EG_1")).toEqual(tape("EG_1", { layout: "speaker" }));
});

test("One request of all that claim a recording has it, whichever process they came to, and has it also again", async () => {
  const file = join(folder, "claims.db");
  const [one, other] = [openStore(file).recordings, openStore(file).recordings];
  const asked = Array.from({ length: 20 }, (_, n) =>
    (n % 2 === 0 ? one : other).claim(started(tape("EG_1", { metadata: { n } }), `r${n}`), n),
  );
  const won = (await Promise.all(asked)).flatMap((ours, n) => (ours ? [n] : []));
  expect(won).toHaveLength(1);
  const [n = -1] = won;
  expect(await other.find("memory:EG_1")).toEqual(tape("EG_1", { metadata: { n } }));
  expect(await other.claim(started(tape(), `r${n}`), 30)).toBe(true);
  expect(await other.findByRequest(`r${n}`)).toMatchObject({ recording: "memory:EG_1" });
  expect(await one.findByRequest("r-other")).toBeUndefined();
});

test("A look at a recording does not fail since it cannot be written down", async () => {
  const file = join(folder, "full.db");
  const { recordings } = openStore(file);
  await recordings.claim(started(tape("EG_1", { metadata: METADATA })), 0);
  const other = new DatabaseSync(file);
  other.exec(
    "CREATE TRIGGER full BEFORE UPDATE ON recordings BEGIN SELECT RAISE(ABORT, 'disk is full'); END",
  );
  const now = tape("EG_1", { status: "complete" });
  expect(await recordings.observe([now], 1)).toEqual([{ ...now, metadata: METADATA }]);
  expect(await recordings.find("memory:EG_1")).toMatchObject({ status: "active" });
  other.exec("DROP TRIGGER full");
  other.close();
  await recordings.observe([now], 2);
  expect(await recordings.find("memory:EG_1"), "at the next one").toMatchObject({ status: "complete" });
});

/** A file of the version before recordings were stored. */
const BEFORE = `
  CREATE TABLE keys (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, hash TEXT NOT NULL, read_only INTEGER NOT NULL,
    prefix TEXT, created_at INTEGER NOT NULL, expires_at INTEGER) STRICT;
  CREATE TABLE answers (scope TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, holder TEXT NOT NULL,
    begun_at INTEGER NOT NULL, lease_until INTEGER NOT NULL, status INTEGER, content_type TEXT, body TEXT) STRICT;
  CREATE TABLE rooms (id TEXT PRIMARY KEY, name TEXT NOT NULL, settings TEXT) STRICT;
  INSERT INTO keys VALUES ('k1', 'ci', 'h', 0, NULL, 0, NULL);
  PRAGMA user_version = 2;`;

test("A store of the version before takes recordings, and keeps what it has", async () => {
  const file = join(folder, "before.db");
  const db = new DatabaseSync(file);
  db.exec(BEFORE);
  db.close();
  const store = openStore(file);
  expect(await store.keys.find("k1")).toMatchObject({ name: "ci" });
  expect(await store.recordings.claim(started(tape()), 0)).toBe(true);
  store.close();
});
