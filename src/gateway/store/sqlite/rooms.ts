import { roomRecord } from "../../../contract";
import type { RoomStore } from "../store";
import type { Connection } from "./connection";

/** What is kept of a room's record; an older store has no owners. */
const settings = roomRecord
  .pick({ maxParticipants: true, emptyTimeoutSeconds: true, departureTimeoutSeconds: true, metadata: true })
  .extend({ owner: roomRecord.shape.owner.default(null) });

/** The rooms of a store. */
export function roomsIn(db: Connection): RoomStore {
  const remember = db.prepare(
    "INSERT INTO rooms VALUES (:room, :name, :settings) ON CONFLICT DO UPDATE SET settings = excluded.settings",
  );
  const forget = db.prepare("DELETE FROM rooms WHERE id = ?");
  const find = db.prepare("SELECT id FROM rooms WHERE name = ? ORDER BY id");
  const record = db.prepare("SELECT settings FROM rooms WHERE id = ?");
  return {
    remember: (room) => {
      const row = { room: room.room, name: room.name, settings: JSON.stringify(settings.parse(room)) };
      return db.write(() => void remember.run(row));
    },
    recordOf: (id) =>
      db.read(() => {
        const kept = record.get(id)?.["settings"];
        return typeof kept === "string" ? { room: id, ...settings.parse(JSON.parse(kept)) } : undefined;
      }),
    forget: async (id) => {
      // Most rooms have no record: their deletion is not to wait for a store that is locked or full.
      if (await db.read(() => record.get(id))) await db.write(() => void forget.run(id));
    },
    idsOf: (name) => db.read(() => find.all(name).map(({ id }) => String(id))),
  };
}
