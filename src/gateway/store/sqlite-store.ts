import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { RtcError } from "../../contract";
import { Connection, LOCK_WAIT_MS, type Row, runTransaction, storeError } from "./sqlite-connection";
import type { AnswerStore, Claim, KeyStore, RecordingStore, RoomStore, Store, StoredKey } from "./store";
import {
  ANSWER_LIFETIME_MS,
  type AnswerRow,
  claimOf,
  isLater,
  newsIn,
  type Observation,
  observed,
  parseSettings,
  RECORDING_LIFETIME_MS,
  type RecordingRow,
  recordingOf,
  settingsText,
  startOf,
} from "./stored";

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

/** The answers of a store. */
export function answersIn(db: Connection): AnswerStore {
  const expire = db.prepare("DELETE FROM answers WHERE begun_at <= :before AND lease_until <= :now");
  const find = db.prepare("SELECT * FROM answers WHERE scope = ?");
  const begin = db.prepare(
    "INSERT INTO answers (scope, fingerprint, holder, begun_at, lease_until) VALUES (:scope, :fingerprint, :holder, :now, :until)",
  );
  const takeLease = db.prepare(
    "UPDATE answers SET holder = :holder, lease_until = :until WHERE scope = :scope",
  );
  const lease = db.prepare(
    "UPDATE answers SET lease_until = :until WHERE scope = :scope AND holder = :holder",
  );
  const finish = db.prepare(
    "UPDATE answers SET lease_until = 0, status = :status, content_type = :contentType, body = :body WHERE scope = :scope AND holder = :holder",
  );
  return {
    claim: (claimant) =>
      db.write((): Claim => {
        const { scope, fingerprint, leaseOwner: holder, now, leaseMs } = claimant;
        const until = now + leaseMs;
        expire.run({ before: now - ANSWER_LIFETIME_MS, now });
        const row = find.get(scope);
        if (!row) {
          begin.run({ scope, fingerprint, holder, now, until });
          return { state: "ours" };
        }
        const claim = claimOf(rowOf(row), claimant);
        if (claim.state === "ours") takeLease.run({ scope, holder, until });
        return claim;
      }),
    renew: ({ scope, leaseOwner: holder, leaseMs }, now) =>
      db.write(() => void lease.run({ scope, holder, until: now + leaseMs })),
    finish: ({ scope, leaseOwner: holder }, { status, contentType, body }) =>
      db.write(() => void finish.run({ scope, holder, status, contentType, body })),
    release: ({ scope, leaseOwner: holder }) => db.write(() => void lease.run({ scope, holder, until: 0 })),
  };
}

function rowOf(row: Row): AnswerRow {
  const { status, content_type: type, body } = row;
  return {
    fingerprint: String(row["fingerprint"]),
    begun_at: Number(row["begun_at"]),
    lease_until: Number(row["lease_until"]),
    status: typeof status === "number" ? status : null,
    content_type: typeof type === "string" ? type : null,
    body: typeof body === "string" ? body : null,
  };
}

/** The keys of a store. */
export function keysIn(db: Connection): KeyStore {
  const add = db.prepare(
    "INSERT INTO keys VALUES (:id, :name, :hash, :readOnly, :prefix, :createdAt, :expiresAt, :output) ON CONFLICT DO NOTHING",
  );
  const find = db.prepare("SELECT * FROM keys WHERE id = ?");
  const list = db.prepare("SELECT * FROM keys ORDER BY name");
  const remove = db.prepare("DELETE FROM keys WHERE id = :key OR name = :key");
  return {
    add: ({ readOnly, prefix = null, expiresAt = null, output = null, ...key }) =>
      db.write(
        () => add.run({ ...key, readOnly: readOnly ? 1 : 0, prefix, expiresAt, output }).changes === 1,
      ),
    find: (id) =>
      db.read(() => {
        const row = find.get(id);
        return row && keyOf(row);
      }),
    list: () => db.read(() => list.all().map(keyOf)),
    remove: (key) => db.write(() => Number(remove.run({ key }).changes) > 0),
  };
}

function keyOf(row: Row): StoredKey {
  const { prefix, expires_at: expiresAt, output } = row;
  return {
    id: String(row["id"]),
    name: String(row["name"]),
    hash: String(row["hash"]),
    readOnly: row["read_only"] === 1,
    createdAt: Number(row["created_at"]),
    ...(typeof prefix === "string" && { prefix }),
    ...(typeof output === "string" && { output }),
    ...(typeof expiresAt === "number" && { expiresAt }),
  };
}

/** The recordings of a store. */
export function recordingsIn(db: Connection): RecordingStore {
  const expire = db.prepare("DELETE FROM recordings WHERE seen_at <= ?");
  const add = db.prepare(
    "INSERT INTO recordings VALUES (:id, :request, :startedBy, :metadata, :state, :now, NULL) ON CONFLICT DO NOTHING",
  );
  const find = db.prepare("SELECT * FROM recordings WHERE id = ?");
  const ofRequest = db.prepare("SELECT * FROM recordings WHERE request = ? ORDER BY rowid");
  const change = db.prepare("UPDATE recordings SET state = :state, seen_at = :now WHERE id = :id");
  const relayout = db.prepare("UPDATE recordings SET layout = :layout WHERE id = :id");
  const rowOf = (id: string) => {
    const row = find.get(id);
    return row && recordingRow(row);
  };
  const note = (latest: Observation) => {
    const { id, state, now } = latest;
    const row = rowOf(id);
    if (row && isLater(latest, row)) change.run({ id, state, now });
  };
  return {
    claim: ({ recording, request, startedBy }, now) =>
      db.write(() => {
        expire.run(now - RECORDING_LIFETIME_MS);
        const id = recording.recording;
        add.run({ id, request, startedBy, ...startOf(recording), now });
        return find.get(id)?.["request"] === request;
      }),
    findByRequest: (request) =>
      db.read(() => {
        const row = ofRequest.get(request);
        return row && recordingOf(recordingRow(row));
      }),
    setLayout: (id, layout) => db.write(() => void relayout.run({ id, layout })),
    find: (id) =>
      db.read(() => {
        const row = rowOf(id);
        return row && recordingOf(row);
      }),
    observe: async (recordings, now) => {
      const known = await db.read(() =>
        recordings.map((recording) => ({ recording, row: rowOf(recording.recording) })),
      );
      const news = known.flatMap(({ recording, row }) => newsIn(recording, row, now) ?? []);
      try {
        if (news.length > 0) await db.write(() => news.forEach(note));
      } catch {
        // A read succeeds even where the store cannot be written, which readiness reports.
      }
      return known.map(({ recording, row }) => observed(recording, row));
    },
  };
}

function recordingRow(row: Row): RecordingRow {
  const { metadata, layout } = row;
  return {
    id: String(row["id"]),
    request: String(row["request"]),
    metadata: typeof metadata === "string" ? metadata : null,
    state: String(row["state"]),
    seen_at: Number(row["seen_at"]),
    layout: typeof layout === "string" ? layout : null,
  };
}

/** The rooms of a store. */
export function roomsIn(db: Connection): RoomStore {
  const save = db.prepare(
    "INSERT INTO rooms VALUES (:room, :name, :settings) ON CONFLICT DO UPDATE SET settings = excluded.settings",
  );
  const remove = db.prepare("DELETE FROM rooms WHERE id = ?");
  const find = db.prepare("SELECT id FROM rooms WHERE name = ? ORDER BY id");
  const record = db.prepare("SELECT settings FROM rooms WHERE id = ?");
  return {
    save: (room) => {
      const row = { room: room.room, name: room.name, settings: settingsText(room) };
      return db.write(() => void save.run(row));
    },
    recordOf: (id) =>
      db.read(() => {
        const stored = record.get(id)?.["settings"];
        return typeof stored === "string" ? parseSettings(id, stored) : undefined;
      }),
    remove: async (id) => {
      // Most rooms have no record: their deletion must not wait for a locked or full store.
      if (await db.read(() => record.get(id))) await db.write(() => void remove.run(id));
    },
    idsOf: (name) => db.read(() => find.all(name).map(({ id }) => String(id))),
  };
}
