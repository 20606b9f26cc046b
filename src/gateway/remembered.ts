import type { Room } from "../contract";
import type { Call } from "./route";

type Asking = Pick<Call<unknown>, "client" | "names">;

/** A room with what its vendor, which keeps no rooms, cannot tell of it and its record does: what it was made with. */
export async function withRecord({ client, names }: Asking, room: Room): Promise<Room> {
  if (client.traits(room.vendor).keepsRooms) return room;
  const record = await names.recordOf(room.room);
  if (!record) return room;
  const { maxParticipants, emptyTimeoutSeconds, departureTimeoutSeconds, metadata } = record;
  return {
    ...room,
    maxParticipants: room.maxParticipants ?? maxParticipants,
    emptyTimeoutSeconds: room.emptyTimeoutSeconds ?? emptyTimeoutSeconds,
    departureTimeoutSeconds: room.departureTimeoutSeconds ?? departureTimeoutSeconds,
    metadata: room.metadata ?? metadata,
  };
}

/** A room that was made or changed, with its record, which is the gateway's to remember where the vendor keeps none. */
export async function remembered(asking: Asking, changed: Room): Promise<Room> {
  const room = await withRecord(asking, changed);
  if (!asking.client.traits(room.vendor).keepsRooms) await asking.names.remember(room);
  return room;
}
