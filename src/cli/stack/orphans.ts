import { listRoomsBy } from "../../client/bulk-rooms";
import type { RtcClient } from "../../client/types";
import { isEnded, isOfStack, type Recording, type Room, RtcError } from "../../contract";

/** The live resources that carry a stack's ownership tag. */
export interface Tagged {
  rooms: Room[];
  /** Recordings of those rooms that have not ended. */
  recordings: Recording[];
}

/**
 * Lists the resources that carry a stack's ownership tag, of every vendor that can list.
 *
 * @param known ids of this stack's rooms without a tag
 */
export async function listTagged(
  client: RtcClient,
  tag: string,
  known: ReadonlySet<string> = new Set(),
): Promise<Tagged> {
  const rooms = (await listRoomsBy(client, { prefix: "" })).filter(
    ({ owner, room }) => isOfStack(owner, tag) || (owner === null && known.has(room)),
  );
  const ids = new Set(rooms.map(({ room }) => room));
  return { rooms, recordings: (await listRunning(client)).filter(({ room }) => ids.has(room)) };
}

/** Lists the recordings that have not ended; none where no server can record. */
export async function listRunning(client: RtcClient): Promise<Recording[]> {
  try {
    const { items } = await client.recording.list({ active: true });
    return items.filter(({ status }) => !isEnded(status));
  } catch (error) {
    if (RtcError.isInstance(error) && (error.code === "NOT_CONFIGURED" || error.code === "UNSUPPORTED"))
      return [];
    throw error;
  }
}

/** The result of a removal. */
export interface Removal {
  removed: string[];
  failed: { id: string; code: string; message: string }[];
}

/** Stops recordings, then deletes rooms and disconnects their participants. A failure stops no other. */
export async function removeOrphans(
  client: RtcClient,
  recordings: string[],
  rooms: string[],
): Promise<Removal> {
  const removal: Removal = { removed: [], failed: [] };
  const removing = async (id: string, remove: () => Promise<unknown>) => {
    try {
      await remove();
      removal.removed.push(id);
    } catch (error) {
      if (!RtcError.isInstance(error)) throw error;
      removal.failed.push({ id, code: error.code, message: error.message });
    }
  };
  for (const id of recordings) await removing(id, () => client.recording.stop(id));
  for (const id of rooms) await removing(id, () => client.room.delete(id));
  return removal;
}
