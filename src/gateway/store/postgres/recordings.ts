import { sql } from "kysely";
import type { RecordingStore } from "../store";
import {
  isLater,
  newsIn,
  type Observation,
  observed,
  RECORDING_LIFETIME_MS,
  recordingOf,
  startOf,
} from "../stored-recording";
import type { PostgresConnection } from "./connection";

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
