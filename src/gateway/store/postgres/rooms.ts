import { sql } from "kysely";
import type { RoomStore } from "../store";
import { parseSettings, settingsText } from "../stored-room";
import type { PostgresConnection } from "./connection";

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
