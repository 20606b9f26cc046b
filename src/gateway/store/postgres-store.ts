import { sql } from "kysely";
import { RtcError } from "../../contract";
import { answersIn } from "./postgres/answers";
import { PostgresConnection, postgresError } from "./postgres/connection";
import { keysIn } from "./postgres/keys";
import { migrate } from "./postgres/migrations";
import { quotasIn } from "./postgres/quotas";
import { recordingsIn } from "./postgres/recordings";
import { roomsIn } from "./postgres/rooms";
import type { Store } from "./store";

/**
 * Opens the store in a PostgreSQL database (15 or newer), and creates its tables, which begin with `rtc_`. Any number of
 * gateways may share it. https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
 *
 * @throws INVALID_ARGUMENT where it is that of a newer version; UNAVAILABLE where the database cannot be reached
 */
export async function openPostgresStore(address: string): Promise<Store> {
  const connection = new PostgresConnection(address);
  try {
    await migrate(connection.db);
  } catch (error) {
    await connection.close();
    const failure = postgresError("cannot be opened", error);
    if (RtcError.isInstance(failure)) throw failure;
    const message = error instanceof Error ? error.message : String(error);
    throw new RtcError("INVALID_ARGUMENT", `the store cannot be opened: ${message}`);
  }
  return {
    keys: keysIn(connection),
    answers: answersIn(connection),
    names: roomsIn(connection),
    recordings: recordingsIn(connection),
    quotas: quotasIn(connection),
    check: () =>
      connection.write(async (trx) => {
        const written_at = sql<number>`extract(epoch from statement_timestamp()) * 1000`;
        await trx
          .insertInto("rtc_probes")
          .values({ id: 1, written_at })
          .onConflict((conflict) => conflict.column("id").doUpdateSet({ written_at }))
          .execute();
      }),
    close: () => connection.close(),
  };
}
