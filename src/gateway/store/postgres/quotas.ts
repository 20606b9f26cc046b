import { sql } from "kysely";
import { monotonicClock } from "../../../support/clock";
import type { QuotaStore } from "../store";
import type { PostgresConnection } from "./connection";

/** How often clients with a full quota are removed. */
const SWEEP_MS = 60_000;

/** The quotas of a store, by the clock of the database. */
export function quotasIn(db: PostgresConnection): QuotaStore {
  let sweptAt = 0;
  return {
    take: (client, msEach, msMost) =>
      db.write(async (trx) => {
        const now = sql<number>`extract(epoch from statement_timestamp()) * 1000`;
        const full = sql<number>`greatest(rtc_quotas.full_at, ${now})`;
        const taken = await sql<{ ms: number }>`
          insert into rtc_quotas (client, full_at) values (${client}, ${now} + ${msEach}::float8)
          on conflict (client) do update set full_at = ${full} + ${msEach}::float8
            where ${full} + ${msEach}::float8 <= ${now} + ${msMost}::float8
          returning full_at - ${now} as ms`.execute(trx);
        const [row] = taken.rows;
        if (monotonicClock.now() - sweptAt > SWEEP_MS) {
          sweptAt = monotonicClock.now();
          await sql`delete from rtc_quotas where client in (
            select client from rtc_quotas where full_at < ${now} for update skip locked)`.execute(trx);
        }
        if (row) return { taken: true, msUntilFull: Number(row.ms) };
        const left = await sql<{ ms: number }>`
          select greatest(0, full_at - ${now}) as ms from rtc_quotas where client = ${client}`.execute(trx);
        return { taken: false, msUntilFull: Number(left.rows[0]?.ms ?? msMost) };
      }),
  };
}
