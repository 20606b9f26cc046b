import { type Selectable, sql } from "kysely";
import { RtcError } from "../../../contract/errors";
import { monotonicClock } from "../../../support/clock";
import type { KeyStore, StoredKey } from "../store";
import type { PostgresConnection } from "./connection";
import type { Tables } from "./migrations";

/** How long a key is accepted while the database is away, from when it was read last. */
const OUTAGE_MS = 5 * 60_000;

/**
 * The keys of a store. A key that was read within five minutes is still valid while the database is away, when no key
 * can be revoked either: join tokens are still issued.
 */
export function keysIn(db: PostgresConnection): KeyStore {
  const lastRead = new Map<string, { key: StoredKey; at: number }>();
  const remember = (id: string, key: StoredKey | undefined) => {
    if (key) lastRead.set(id, { key, at: monotonicClock.now() });
    else lastRead.delete(id);
    return key;
  };
  return {
    add: ({ id, name, hash, readOnly, prefix = null, output = null, createdAt, expiresAt = null }) =>
      db.write(async (trx) => {
        const row = { id, name, hash, read_only: readOnly, prefix, output };
        const added = await trx
          .insertInto("rtc_keys")
          .values({ ...row, created_at: createdAt, expires_at: expiresAt })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        return added.numInsertedOrUpdatedRows === 1n;
      }),
    find: async (id) => {
      try {
        const row = await db.read((read) =>
          read.selectFrom("rtc_keys").selectAll().where("id", "=", id).executeTakeFirst(),
        );
        return remember(id, row && keyOf(row));
      } catch (error) {
        const last = lastRead.get(id);
        const isAway = RtcError.isInstance(error) && error.code === "UNAVAILABLE";
        if (isAway && last && monotonicClock.now() - last.at < OUTAGE_MS) return last.key;
        throw error;
      }
    },
    list: () =>
      db.read(async (read) =>
        (await read.selectFrom("rtc_keys").selectAll().orderBy(sql`name collate "C"`).execute()).map(keyOf),
      ),
    remove: (key) =>
      db.write(async (trx) => {
        const removed = await trx
          .deleteFrom("rtc_keys")
          .where((row) => row.or([row("id", "=", key), row("name", "=", key)]))
          .executeTakeFirst();
        return removed.numDeletedRows > 0n;
      }),
  };
}

function keyOf(row: Selectable<Tables["rtc_keys"]>): StoredKey {
  const { id, name, hash, prefix, output, expires_at: expiresAt } = row;
  return {
    ...{ id, name, hash, readOnly: row.read_only, createdAt: row.created_at },
    ...(prefix !== null && { prefix }),
    ...(output !== null && { output }),
    ...(expiresAt !== null && { expiresAt }),
  };
}
