import type { DatabaseSync, SQLOutputValue } from "node:sqlite";

/** A row as SQLite answers it. */
export type Row = Record<string, SQLOutputValue>;

/** Runs it while no other process writes, as a whole or not at all. */
export function atOnce<T>(db: DatabaseSync, run: () => T): T {
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
