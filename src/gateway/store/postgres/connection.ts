import { setTimeout as sleep } from "node:timers/promises";
import { Kysely, PostgresDialect, type Transaction } from "kysely";
import pg from "pg";
import { RtcError } from "../../../contract/errors";
import { monotonicClock } from "../../../support/clock";
import type { Tables } from "./migrations";

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
