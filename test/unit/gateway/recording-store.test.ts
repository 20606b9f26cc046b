import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, expect, test } from "vitest";
import type { Recording } from "../../../src/contract/index.ts";
import { openSqliteStore } from "../../../src/gateway/store/sqlite-store.ts";

const folder = mkdtempSync(join(tmpdir(), "gateway-recordings-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const METADATA = { course: 7 };

function tape(id = "EG_1", more: Partial<Recording> = {}): Recording {
  return { recording: `memory:${id}`, room: "memory:hall", status: "active", ...more };
}

function started(recording: Recording, request = "r1") {
  return { recording, request, startedBy: "k1" };
}

test("A read of a recording does not fail when it cannot be stored", async () => {
  const file = join(folder, "full.db");
  const { recordings } = openSqliteStore(file);
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

test("A store of the previous version accepts recordings, and preserves its data", async () => {
  const file = join(folder, "before.db");
  const db = new DatabaseSync(file);
  db.exec(BEFORE);
  db.close();
  const store = openSqliteStore(file);
  expect(await store.keys.find("k1")).toMatchObject({ name: "ci" });
  expect(await store.recordings.claim(started(tape()), 0)).toBe(true);
  store.close();
});
