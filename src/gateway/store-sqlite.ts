import { closeSync, openSync } from "node:fs";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import { RtcError, roomSettings } from "../contract";
import type { RoomNames } from "./parts";
import type { Answer, AnswerStore, KeyStore, Store, StoredKey } from "./store";

/** How long an answer is given again. */
const KEPT_MS = 24 * 3_600_000;
/** How long a write waits for that of another process, e.g. `rtc gateway keys create`. */
const BUSY_MS = 5_000;

/** Each is run once, in this order; the number of those that were is the file's `user_version`. Never change one. */
const MIGRATIONS = [
  `CREATE TABLE keys (
     id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, hash TEXT NOT NULL, read_only INTEGER NOT NULL,
     prefix TEXT, created_at INTEGER NOT NULL, expires_at INTEGER
   ) STRICT;
   CREATE TABLE answers (
     scope TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, holder TEXT NOT NULL, begun_at INTEGER NOT NULL,
     lease_until INTEGER NOT NULL, status INTEGER, content_type TEXT, body TEXT
   ) STRICT;
   CREATE INDEX answers_by_age ON answers (begun_at);
   CREATE TABLE rooms (id TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT;
   CREATE INDEX rooms_by_name ON rooms (name);`,
  "ALTER TABLE rooms ADD COLUMN settings TEXT;",
];

/** What is kept of a room's record. */
const settings = roomSettings.omit({ room: true });

type Row = Record<string, SQLOutputValue>;

/**
 * Opens the store in a file, which is made where there is none, for its owner alone; `:memory:` forgets. Several
 * processes of one machine may have it open.
 *
 * @throws INVALID_ARGUMENT where it is no store, or that of a newer version
 */
export function openStore(file: string): Store {
  let db: DatabaseSync | undefined;
  try {
    if (file !== ":memory:") closeSync(openSync(file, "a", 0o600));
    db = new DatabaseSync(file);
    db.exec(`PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;`);
    migrate(db);
  } catch (error) {
    db?.close();
    if (RtcError.isInstance(error)) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new RtcError("INVALID_ARGUMENT", `the store ${file} cannot be opened: ${message}`);
  }
  const open = db;
  return {
    keys: keysIn(open),
    answers: answersIn(open),
    names: namesIn(open),
    check: async () => atOnce(open, () => open.exec("DELETE FROM answers WHERE scope = ''")),
    close: () => open.close(),
  };
}

function migrate(db: DatabaseSync): void {
  atOnce(db, () => {
    const done = Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
    if (done > MIGRATIONS.length)
      throw new RtcError("INVALID_ARGUMENT", "the store is that of a newer version of this package");
    for (const migration of MIGRATIONS.slice(done)) db.exec(migration);
    db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
  });
}

/** Runs it while no other process writes, as a whole or not at all. */
function atOnce<T>(db: DatabaseSync, run: () => T): T {
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = run();
    db.exec("COMMIT");
    return result;
  } catch (error) {
    db.exec("ROLLBACK");
    throw error;
  }
}

function keysIn(db: DatabaseSync): KeyStore {
  const add = db.prepare(
    "INSERT INTO keys VALUES (:id, :name, :hash, :readOnly, :prefix, :createdAt, :expiresAt) ON CONFLICT DO NOTHING",
  );
  const find = db.prepare("SELECT * FROM keys WHERE id = ?");
  const list = db.prepare("SELECT * FROM keys ORDER BY name");
  const remove = db.prepare("DELETE FROM keys WHERE id = :key OR name = :key");
  return {
    add: async ({ readOnly, prefix = null, expiresAt = null, ...key }) =>
      add.run({ ...key, readOnly: readOnly ? 1 : 0, prefix, expiresAt }).changes === 1,
    find: async (id) => {
      const row = find.get(id);
      return row && keyOf(row);
    },
    list: async () => list.all().map(keyOf),
    remove: async (key) => Number(remove.run({ key }).changes) > 0,
  };
}

function keyOf(row: Row): StoredKey {
  const { prefix, expires_at: expiresAt } = row;
  return {
    id: String(row["id"]),
    name: String(row["name"]),
    hash: String(row["hash"]),
    readOnly: row["read_only"] === 1,
    createdAt: Number(row["created_at"]),
    ...(typeof prefix === "string" && { prefix }),
    ...(typeof expiresAt === "number" && { expiresAt }),
  };
}

function answersIn(db: DatabaseSync): AnswerStore {
  const forget = db.prepare("DELETE FROM answers WHERE begun_at <= :before AND lease_until <= :now");
  const find = db.prepare("SELECT * FROM answers WHERE scope = ?");
  const begin = db.prepare(
    "INSERT INTO answers (scope, fingerprint, holder, begun_at, lease_until) VALUES (:scope, :fingerprint, :holder, :now, :until)",
  );
  const takeOver = db.prepare(
    "UPDATE answers SET holder = :holder, lease_until = :until WHERE scope = :scope",
  );
  const lease = db.prepare(
    "UPDATE answers SET lease_until = :until WHERE scope = :scope AND holder = :holder",
  );
  const finish = db.prepare(
    "UPDATE answers SET lease_until = 0, status = :status, content_type = :contentType, body = :body WHERE scope = :scope AND holder = :holder",
  );
  return {
    claim: async ({ scope, fingerprint, holder, now, leaseMs }) =>
      atOnce(db, () => {
        forget.run({ before: now - KEPT_MS, now });
        const row = find.get(scope);
        const until = now + leaseMs;
        if (!row) {
          begin.run({ scope, fingerprint, holder, now, until });
          return { state: "ours" };
        }
        if (row["fingerprint"] !== fingerprint) return { state: "conflict" };
        const answer = answerOf(row);
        if (answer) return { state: "answered", answer };
        if (Number(row["lease_until"]) > now) return { state: "under way" };
        takeOver.run({ scope, holder, until });
        return { state: "ours", since: Number(row["begun_at"]) };
      }),
    renew: async ({ scope, holder, leaseMs }, now) => void lease.run({ scope, holder, until: now + leaseMs }),
    finish: async ({ scope, holder }, { status, contentType, body }) =>
      void finish.run({ scope, holder, status, contentType, body }),
    release: async ({ scope, holder }) => void lease.run({ scope, holder, until: 0 }),
  };
}

function answerOf({ status, content_type: contentType, body }: Row): Answer | undefined {
  if (typeof status !== "number") return undefined;
  return { status, contentType: String(contentType), body: String(body) };
}

function namesIn(db: DatabaseSync): RoomNames {
  const remember = db.prepare(
    "INSERT INTO rooms VALUES (:room, :name, :settings) ON CONFLICT DO UPDATE SET settings = excluded.settings",
  );
  const forget = db.prepare("DELETE FROM rooms WHERE id = ?");
  const find = db.prepare("SELECT id FROM rooms WHERE name = ? ORDER BY id");
  const record = db.prepare("SELECT settings FROM rooms WHERE id = ?");
  return {
    remember: (room) =>
      void remember.run({
        room: room.room,
        name: room.name,
        settings: JSON.stringify(settings.parse(room)),
      }),
    recordOf: (id) => {
      const kept = record.get(id)?.["settings"];
      return typeof kept === "string" ? { room: id, ...settings.parse(JSON.parse(kept)) } : undefined;
    },
    forget: (id) => void forget.run(id),
    idsOf: (name) => find.all(name).map(({ id }) => String(id)),
  };
}
