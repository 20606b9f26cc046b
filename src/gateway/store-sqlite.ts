import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { RtcError } from "../contract";
import { answersIn } from "./sqlite/answers";
import { keysIn } from "./sqlite/keys";
import { recordingsIn } from "./sqlite/recordings";
import { roomsIn } from "./sqlite/rooms";
import { atOnce } from "./sqlite/transaction";
import type { Store } from "./store";

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
  `CREATE TABLE recordings (
     id TEXT PRIMARY KEY, request TEXT NOT NULL, started_by TEXT NOT NULL, metadata TEXT, state TEXT NOT NULL,
     seen_at INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX recordings_by_request ON recordings (request);
   CREATE INDEX recordings_by_age ON recordings (seen_at);`,
  "ALTER TABLE keys ADD COLUMN output TEXT;",
];

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
    names: roomsIn(open),
    recordings: recordingsIn(open),
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
