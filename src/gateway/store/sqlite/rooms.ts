import type { RoomStore } from "../store";
import { parseSettings, settingsText } from "../stored-room";
import type { Connection } from "./connection";

/** The rooms of a store. */
export function roomsIn(db: Connection): RoomStore {
  const save = db.prepare(
    "INSERT INTO rooms VALUES (:room, :name, :settings) ON CONFLICT DO UPDATE SET settings = excluded.settings",
  );
  const remove = db.prepare("DELETE FROM rooms WHERE id = ?");
  const find = db.prepare("SELECT id FROM rooms WHERE name = ? ORDER BY id");
  const record = db.prepare("SELECT settings FROM rooms WHERE id = ?");
  return {
    save: (room) => {
      const row = { room: room.room, name: room.name, settings: settingsText(room) };
      return db.write(() => void save.run(row));
    },
    recordOf: (id) =>
      db.read(() => {
        const stored = record.get(id)?.["settings"];
        return typeof stored === "string" ? parseSettings(id, stored) : undefined;
      }),
    remove: async (id) => {
      // Most rooms have no record: their deletion must not wait for a locked or full store.
      if (await db.read(() => record.get(id))) await db.write(() => void remove.run(id));
    },
    idsOf: (name) => db.read(() => find.all(name).map(({ id }) => String(id))),
  };
}
