import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import PQueue from "p-queue";
import { RtcError } from "../../contract/errors";
import { monotonicClock } from "../../support/clock";

/** A row of SQLite. */
export type Row = Record<string, SQLOutputValue>;

/** How long a call waits for another process, e.g. `rtc gateway keys create`, that has the store locked. */
export const LOCK_WAIT_MS = 2_000;
/** The interval of its tries. */
const RETRY_MS = 20;

/** https://www.sqlite.org/rescode.html */
const BUSY = 5;
const LOCKED = 6;
const FULL = 13;
const CONSTRAINT = 19;
const NO_DATABASE = 26;

/**
 * The connection to a store's file. No call blocks the event loop for another process: while the store is locked, a call
 * waits and tries again. Its error has the reason, and is retryable.
 */
export class Connection {
  readonly #db: DatabaseSync;
  /** One at a time: while the store is locked, only the first one tries. */
  readonly #writes = new PQueue({ concurrency: 1 });

  /** @param db without a busy timeout, which would block */
  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  prepare(sql: string): StatementSync {
    return this.#db.prepare(sql);
  }

  /** Runs a read, which a writer does not block. @throws UNAVAILABLE with the reason */
  read<T>(run: () => T): Promise<T> {
    return runUnlocked("read", afterMs(LOCK_WAIT_MS), run);
  }

  /** Runs a write in a transaction, while no other process writes. @throws UNAVAILABLE with the reason */
  write<T>(run: () => T): Promise<T> {
    const until = afterMs(LOCK_WAIT_MS);
    return this.#writes.add(() => runUnlocked("written", until, () => runTransaction(this.#db, run)));
  }

  close(): void {
    this.#db.close();
  }
}

/** Retries while the store is locked, until the deadline. */
async function runUnlocked<T>(what: string, until: number, run: () => T): Promise<T> {
  for (;;) {
    try {
      return run();
    } catch (error) {
      const isOver = !isLocked(error) || monotonicClock.now() >= until;
      if (isOver) throw storeError(`cannot be ${what}`, error);
    }
    await monotonicClock.sleep(RETRY_MS);
  }
}

function afterMs(milliseconds: number): number {
  return monotonicClock.now() + milliseconds;
}

/** Runs a transaction. */
export function runTransaction<T>(db: DatabaseSync, run: () => T): T {
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = run();
    db.exec("COMMIT");
    return result;
  } catch (error) {
    try {
      db.exec("ROLLBACK");
    } catch {
      // On a full disk SQLite has rolled back by itself; the first error matters.
    }
    throw error;
  }
}

/** An error of SQLite as UNAVAILABLE, with the reason; permanent errors stay as they are. */
export function storeError(what: string, error: unknown): unknown {
  const code = sqliteCodeOf(error);
  if (code === undefined || code === CONSTRAINT || code === NO_DATABASE || !(error instanceof Error))
    return error;
  const reason = isLocked(error)
    ? `another process has had it locked for ${LOCK_WAIT_MS / 1_000} s`
    : error.message;
  const remedy = code === FULL ? ": free space where it is" : "";
  return new RtcError("UNAVAILABLE", `the store ${what}: ${reason}${remedy}`, {
    ...(isLocked(error) && { retryAfterSeconds: 1 }),
  });
}

function isLocked(error: unknown): boolean {
  const code = sqliteCodeOf(error);
  return code === BUSY || code === LOCKED;
}

/** The primary result code of an error of SQLite; undefined for any other. */
function sqliteCodeOf(error: unknown): number | undefined {
  const isOurs = error instanceof Error && "errcode" in error && typeof error.errcode === "number";
  return isOurs ? Number(error.errcode) & 0xff : undefined;
}
