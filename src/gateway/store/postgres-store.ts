import { type Selectable, sql } from "kysely";
import { RtcError } from "../../contract";
import { monotonicClock } from "../../support/clock";
import { migrate, PostgresConnection, postgresError, type Tables } from "./postgres-connection";
import type {
  AnswerStore,
  Claim,
  Claimant,
  KeyStore,
  QuotaStore,
  RecordingStore,
  RoomStore,
  Store,
  StoredKey,
} from "./store";
import {
  ANSWER_LIFETIME_MS,
  claimOf,
  isLater,
  newsIn,
  type Observation,
  observed,
  parseSettings,
  RECORDING_LIFETIME_MS,
  recordingOf,
  settingsText,
  startOf,
} from "./stored";

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

/** The answers of a store. */
export function answersIn(db: PostgresConnection): AnswerStore {
  const update = (
    { scope, leaseOwner }: Claimant,
    to: { lease_until: number; status?: number; content_type?: string; body?: string },
  ) =>
    db.write(async (trx) => {
      const ours = trx.updateTable("rtc_answers").set(to).where("scope", "=", scope);
      await ours.where("holder", "=", leaseOwner).execute();
    });
  return {
    claim: (claimant) =>
      db.write(async (trx): Promise<Claim> => {
        const { scope, fingerprint, leaseOwner: holder, now, leaseMs } = claimant;
        const until = now + leaseMs;
        // Rows that another gateway removes at this moment are left to it.
        await sql`delete from rtc_answers where scope in (
          select scope from rtc_answers where begun_at <= ${now - ANSWER_LIFETIME_MS} and lease_until <= ${now}
          for update skip locked)`.execute(trx);
        const begun = await trx
          .insertInto("rtc_answers")
          .values({ scope, fingerprint, holder, begun_at: now, lease_until: until })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        if (begun.numInsertedOrUpdatedRows === 1n) return { state: "ours" };
        const row = await trx
          .selectFrom("rtc_answers")
          .selectAll()
          .where("scope", "=", scope)
          .forUpdate()
          .executeTakeFirst();
        // It expired between the two statements.
        if (!row) return { state: "in progress" };
        const claim = claimOf(row, claimant);
        if (claim.state === "ours")
          await trx
            .updateTable("rtc_answers")
            .set({ holder, lease_until: until })
            .where("scope", "=", scope)
            .execute();
        return claim;
      }),
    renew: (claimant, now) => update(claimant, { lease_until: now + claimant.leaseMs }),
    finish: (claimant, { status, contentType, body }) =>
      update(claimant, { lease_until: 0, status, content_type: contentType, body }),
    release: (claimant) => update(claimant, { lease_until: 0 }),
  };
}

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

/** The recordings of a store. */
export function recordingsIn(db: PostgresConnection): RecordingStore {
  const store = ({ id, state, now, isOver }: Observation) =>
    db.write(async (trx) => {
      const row = await trx
        .selectFrom("rtc_recordings")
        .selectAll()
        .where("id", "=", id)
        .forUpdate()
        .executeTakeFirst();
      if (row && isLater({ id, state, now, isOver }, row))
        await trx.updateTable("rtc_recordings").set({ state, seen_at: now }).where("id", "=", id).execute();
    });
  return {
    claim: ({ recording, request, startedBy }, now) =>
      db.write(async (trx) => {
        await sql`delete from rtc_recordings where id in (
          select id from rtc_recordings where seen_at <= ${now - RECORDING_LIFETIME_MS}
          for update skip locked)`.execute(trx);
        const id = recording.recording;
        await trx
          .insertInto("rtc_recordings")
          .values({ id, request, started_by: startedBy, ...startOf(recording), seen_at: now, layout: null })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
        const row = await trx
          .selectFrom("rtc_recordings")
          .select("request")
          .where("id", "=", id)
          .executeTakeFirst();
        return row?.request === request;
      }),
    findByRequest: (request) =>
      db.read(async (read) => {
        const row = await read
          .selectFrom("rtc_recordings")
          .selectAll()
          .where("request", "=", request)
          .orderBy("number")
          .executeTakeFirst();
        return row && recordingOf(row);
      }),
    setLayout: (id, layout) =>
      db.write(async (trx) => {
        await trx.updateTable("rtc_recordings").set({ layout }).where("id", "=", id).execute();
      }),
    find: (id) =>
      db.read(async (read) => {
        const row = await read
          .selectFrom("rtc_recordings")
          .selectAll()
          .where("id", "=", id)
          .executeTakeFirst();
        return row && recordingOf(row);
      }),
    observe: async (recordings, now) => {
      if (recordings.length === 0) return [];
      const rows = await db.read((read) =>
        read
          .selectFrom("rtc_recordings")
          .selectAll()
          .where(
            "id",
            "in",
            recordings.map(({ recording }) => recording),
          )
          .execute(),
      );
      const rowOf = new Map(rows.map((row) => [row.id, row]));
      const news = recordings.flatMap(
        (recording) => newsIn(recording, rowOf.get(recording.recording), now) ?? [],
      );
      try {
        for (const one of news) await store(one);
      } catch {
        // A read succeeds even where the store cannot be written, which readiness reports.
      }
      return recordings.map((recording) => observed(recording, rowOf.get(recording.recording)));
    },
  };
}

/** The rooms of a store. */
export function roomsIn(db: PostgresConnection): RoomStore {
  return {
    save: (room) =>
      db.write(async (trx) => {
        const settings = settingsText(room);
        await trx
          .insertInto("rtc_rooms")
          .values({ id: room.room, name: room.name, settings })
          .onConflict((conflict) => conflict.column("id").doUpdateSet({ settings }))
          .execute();
      }),
    recordOf: (id) =>
      db.read(async (read) => {
        const row = await read
          .selectFrom("rtc_rooms")
          .select("settings")
          .where("id", "=", id)
          .executeTakeFirst();
        return row && parseSettings(id, row.settings);
      }),
    remove: (id) =>
      db.write(async (trx) => void (await trx.deleteFrom("rtc_rooms").where("id", "=", id).execute())),
    idsOf: (name) =>
      db.read(async (read) => {
        const rows = await read
          .selectFrom("rtc_rooms")
          .select("id")
          .where("name", "=", name)
          .orderBy(sql`id collate "C"`)
          .execute();
        return rows.map(({ id }) => id);
      }),
  };
}
