import { setTimeout as sleep } from "node:timers/promises";
import { type Generated, Kysely, PostgresDialect, type Transaction } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import pg from "pg";
import { RtcError } from "../../contract/errors";
import { monotonicClock } from "../../support/clock";

/** How long a call waits for the database, as for a locked file. */
export const WAIT_MS = 2_000;
/** How long calls fail at once after one that did not reach the database. */
const PAUSE_MS = 1_000;
/** Connections of one gateway: few, since each call is short, and several gateways share a server that has a hundred. */
const CONNECTIONS = 10;

/** PostgreSQL's type of 64-bit integers, of which the driver makes texts. */
const INT8 = 20;

/**
 * Classes of errors that are a defect of a statement, and no state of the server: data, integrity, syntax.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const DEFECTS = new Set(["22", "23", "42"]);

/** The connections to a database. Each call ends within {@link WAIT_MS}; its error has the reason, and is retryable. */
export class PostgresConnection {
  readonly #pool: pg.Pool;
  readonly #db: Kysely<Tables>;
  /** Why calls fail without a try, and until when. */
  #away: { until: number; error: unknown } | undefined;

  /** @param address `postgres://user:password@host:5432/database`; what it leaves out is read from PGHOST, PGUSER, … */
  constructor(address: string) {
    this.#pool = new pg.Pool({
      connectionString: address,
      max: CONNECTIONS,
      connectionTimeoutMillis: WAIT_MS,
      statement_timeout: WAIT_MS,
      keepAlive: true,
      application_name: "rtc gateway",
      // All numbers here are milliseconds and counts.
      types: {
        getTypeParser: (oid, format) => (oid === INT8 ? Number : pg.types.getTypeParser(oid, format)),
      },
    });
    // A connection that breaks is replaced by the next call: an idle one, and one between two queries of a transaction, whose
    // next query fails. Without a listener either error would end the process.
    this.#pool.on("error", () => {});
    this.#pool.on("connect", (client) => client.on("error", () => {}));
    this.#db = new Kysely({ dialect: new PostgresDialect({ pool: this.#pool }) });
  }

  /** For migrations, which take as long as they take. */
  get db(): Kysely<Tables> {
    return this.#db;
  }

  /** @throws UNAVAILABLE with the reason */
  read<T>(run: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return this.#inTime("read", () => run(this.#db));
  }

  /** In a transaction. @throws UNAVAILABLE with the reason */
  write<T>(run: (db: Transaction<Tables>) => Promise<T>): Promise<T> {
    return this.#inTime("written", () => this.#db.transaction().execute(run));
  }

  close(): Promise<void> {
    return this.#db.destroy();
  }

  /** Not by the driver's time limit for a query, after which the connection still waits for the answer of the last one. */
  async #inTime<T>(what: string, run: () => Promise<T>): Promise<T> {
    if (this.#away && monotonicClock.now() < this.#away.until) throw this.#away.error;
    const late = new AbortController();
    const timeout = sleep(WAIT_MS, undefined, { signal: late.signal }).then(() => {
      throw new Error(`the database did not answer within ${WAIT_MS / 1_000} s`);
    });
    const call = run();
    try {
      const result = await Promise.race([call, timeout]);
      this.#away = undefined;
      return result;
    } catch (cause) {
      const away = isAway(cause);
      const error = postgresError(`cannot be ${away ? "reached" : what}`, cause);
      if (away) this.#away = { until: monotonicClock.now() + PAUSE_MS, error };
      throw error;
    } finally {
      late.abort();
      timeout.catch(() => {});
      call.catch(() => {});
    }
  }
}

/** Whether the server was not reached: it has reported nothing, or that it starts or stops. */
function isAway(error: unknown): boolean {
  if (!(error instanceof Error) || RtcError.isInstance(error)) return false;
  const code = "code" in error ? String(error.code) : "";
  return code.length !== 5 || code.startsWith("57P");
}

/** An error of the driver or the server as UNAVAILABLE, with the reason; what is a defect of ours stays as it is. */
export function postgresError(what: string, error: unknown): unknown {
  if (!(error instanceof Error) || RtcError.isInstance(error)) return error;
  const code = "code" in error ? String(error.code) : "";
  if (code.length === 5 && DEFECTS.has(code.slice(0, 2))) return error;
  return new RtcError("UNAVAILABLE", `the store ${what}: ${reasonOf(error)}`, { retryAfterSeconds: 1 });
}

/** Of several addresses of a host each has its own. */
function reasonOf(error: Error): string {
  const [first] = error instanceof AggregateError ? error.errors : [error];
  return (first instanceof Error && first.message) || error.message || "the connection failed";
}

/** The tables. Times are milliseconds since 1970. */
export interface Tables {
  rtc_keys: {
    id: string;
    name: string;
    hash: string;
    read_only: boolean;
    prefix: string | null;
    output: string | null;
    created_at: number;
    expires_at: number | null;
  };
  rtc_answers: {
    scope: string;
    fingerprint: string;
    holder: string;
    begun_at: number;
    lease_until: number;
    status: number | null;
    content_type: string | null;
    body: string | null;
  };
  rtc_rooms: { id: string; name: string; settings: string };
  rtc_recordings: {
    id: string;
    request: string;
    started_by: string;
    metadata: string | null;
    state: string;
    seen_at: number;
    layout: string | null;
    /** In the order of the starts. */
    number: Generated<number>;
  };
  rtc_quotas: { client: string; full_at: number };
  rtc_probes: { id: number; written_at: number };
}

/** Run once each, in the order of their names. Never change one. */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  "0001-first": {
    async up(db: Kysely<unknown>) {
      const table = (name: string) => db.schema.createTable(name);
      await table("rtc_keys")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("name", "text", (column) => column.notNull().unique())
        .addColumn("hash", "text", (column) => column.notNull())
        .addColumn("read_only", "boolean", (column) => column.notNull())
        .addColumn("prefix", "text")
        .addColumn("output", "text")
        .addColumn("created_at", "int8", (column) => column.notNull())
        .addColumn("expires_at", "int8")
        .execute();
      await table("rtc_answers")
        .addColumn("scope", "text", (column) => column.primaryKey())
        .addColumn("fingerprint", "text", (column) => column.notNull())
        .addColumn("holder", "text", (column) => column.notNull())
        .addColumn("begun_at", "int8", (column) => column.notNull())
        .addColumn("lease_until", "int8", (column) => column.notNull())
        .addColumn("status", "int4")
        .addColumn("content_type", "text")
        .addColumn("body", "text")
        .execute();
      await table("rtc_rooms")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("name", "text", (column) => column.notNull())
        .addColumn("settings", "text", (column) => column.notNull())
        .execute();
      await table("rtc_recordings")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("request", "text", (column) => column.notNull())
        .addColumn("started_by", "text", (column) => column.notNull())
        .addColumn("metadata", "text")
        .addColumn("state", "text", (column) => column.notNull())
        .addColumn("seen_at", "int8", (column) => column.notNull())
        .addColumn("layout", "text")
        .addColumn("number", "int8", (column) => column.generatedAlwaysAsIdentity())
        .execute();
      await table("rtc_quotas")
        .addColumn("client", "text", (column) => column.primaryKey())
        .addColumn("full_at", "float8", (column) => column.notNull())
        .execute();
      await table("rtc_probes")
        .addColumn("id", "int4", (column) => column.primaryKey())
        .addColumn("written_at", "int8", (column) => column.notNull())
        .execute();
      for (const [name, column] of [
        ["rtc_answers", "begun_at"],
        ["rtc_rooms", "name"],
        ["rtc_recordings", "request"],
        ["rtc_recordings", "seen_at"],
        ["rtc_quotas", "full_at"],
      ] as const)
        await db.schema.createIndex(`${name}_by_${column}`).on(name).column(column).execute();
    },
  },
};

/**
 * Brings a database to the newest version, one gateway at a time.
 *
 * @throws INVALID_ARGUMENT where a newer version of this package has been there
 */
export async function migrate(db: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...MIGRATIONS }) },
    migrationTableName: "rtc_migrations",
    migrationLockTableName: "rtc_migrations_lock",
  });
  const done = (await migrator.getMigrations()).length;
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  if (done > 0 && error instanceof Error && /corrupted migrations/.test(error.message))
    throw new RtcError("INVALID_ARGUMENT", "the store is that of a newer version of this package");
  throw error;
}
