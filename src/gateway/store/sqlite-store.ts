import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { RtcError } from "../../contract";
import { answersIn } from "./sqlite/answers";
import { Connection, LOCK_WAIT_MS, runTransaction, storeError } from "./sqlite/connection";
import { keysIn } from "./sqlite/keys";
import { recordingsIn } from "./sqlite/recordings";
import { roomsIn } from "./sqlite/rooms";
import type { Store } from "./store";

/** The size of a check's write: more than a usual answer, so that it fails first. */
const PROBE_BYTES = 16_384;

/** Run once each, in this order; the file's `user_version` counts them. Never change one. */
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
  "CREATE TABLE probes (id INTEGER PRIMARY KEY, filler BLOB NOT NULL) STRICT;",
  "ALTER TABLE recordings ADD COLUMN layout TEXT;",
];

/**
 * Opens the store in a file, and creates the file with access for its owner only. `:memory:` is not persistent. Several
 * processes of one machine may have it open.
 *
 * @throws INVALID_ARGUMENT where it is no store, or that of a newer version; UNAVAILABLE where it is locked, or the disk
 * is full
 */
export function openSqliteStore(file: string): Store {
  let db: DatabaseSync | undefined;
  try {
    if (file !== ":memory:") closeSync(openSync(file, "a", 0o600));
    db = new DatabaseSync(file);
    db.exec(`PRAGMA busy_timeout = ${LOCK_WAIT_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;`);
    migrate(db);
    // From here on the connection waits without blocking.
    db.exec("PRAGMA busy_timeout = 0");
  } catch (error) {
    db?.close();
    const failure = storeError(`${file} cannot be opened`, error);
    if (RtcError.isInstance(failure)) throw failure;
    const message = error instanceof Error ? error.message : String(error);
    throw new RtcError("INVALID_ARGUMENT", `the store ${file} cannot be opened: ${message}`);
  }
  const connection = new Connection(db);
  return {
    keys: keysIn(connection),
    answers: answersIn(connection),
    names: roomsIn(connection),
    recordings: recordingsIn(connection),
    check: checkOf(connection),
    close: () => connection.close(),
  };
}

/**
 * Writes a row as long as a usual answer before it deletes the previous one, which fails on a full disk.
 */
function checkOf(connection: Connection): () => Promise<void> {
  const write = connection.prepare("INSERT INTO probes (filler) VALUES (zeroblob(?))");
  const tidy = connection.prepare("DELETE FROM probes WHERE id < ?");
  return () =>
    connection.write(() => {
      tidy.run(write.run(PROBE_BYTES).lastInsertRowid);
    });
}

function migrate(db: DatabaseSync): void {
  // A current store is not written, so that a gateway can restart on a full disk.
  if (versionOf(db) === MIGRATIONS.length) return;
  runTransaction(db, () => {
    const version = versionOf(db);
    if (version > MIGRATIONS.length)
      throw new RtcError("INVALID_ARGUMENT", "the store is that of a newer version of this package");
    for (const migration of MIGRATIONS.slice(version)) db.exec(migration);
    db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
  });
}

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
}
