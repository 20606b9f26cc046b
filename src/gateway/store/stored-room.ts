import { roomRecord, storedSettings } from "../../contract";
import type { RoomRecord } from "./store";

/** The settings of a room's record; an older store has no owners. */
const settings = storedSettings.extend({ owner: roomRecord.shape.owner.default(null) });

/** What a store keeps of a room beside its id and name. */
export function settingsText(room: RoomRecord): string {
  return JSON.stringify(settings.parse(room));
}

/** Reads {@link settingsText}. */
export function parseSettings(id: string, text: string): RoomRecord {
  return { room: id, ...settings.parse(JSON.parse(text)) };
}
