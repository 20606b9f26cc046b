import type { Generated, Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { RtcError } from "../../../contract/errors";

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
