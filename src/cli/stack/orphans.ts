import { listRoomsBy } from "../../client/bulk-rooms";
import type { RtcClient } from "../../client/types";
import { isEnded, isOfStack, type Recording, type Room, RtcError } from "../../contract";

/** What is at the vendors and carries a stack's ownership tag. */
export interface Tagged {
  rooms: Room[];
  /** Recordings of those rooms that have not ended. */
  recordings: Recording[];
}

/**
 * Looks at every vendor that can list for what carries a stack's ownership tag.
 *
 * @param known ids of rooms without a tag that are this stack's all the same
 */
export async function taggedOf(
  client: RtcClient,
  tag: string,
  known: ReadonlySet<string> = new Set(),
): Promise<Tagged> {
  const rooms = (await listRoomsBy(client, { prefix: "" })).filter(
    ({ owner, room }) => isOfStack(owner, tag) || (owner === null && known.has(room)),
  );
  const ids = new Set(rooms.map(({ room }) => room));
  return { rooms, recordings: (await running(client)).filter(({ room }) => ids.has(room)) };
}

/** All recordings that have not ended; none where no server can record. */
export async function running(client: RtcClient): Promise<Recording[]> {
  try {
    const { items } = await client.recording.list({ active: true });
    return items.filter(({ status }) => !isEnded(status));
  } catch (error) {
    if (RtcError.isInstance(error) && (error.code === "NOT_CONFIGURED" || error.code === "UNSUPPORTED"))
      return [];
    throw error;
  }
}

/** What was removed, and what was not. */
export interface Swept {
  removed: string[];
  failed: { id: string; code: string; message: string }[];
}

/** Ends recordings, then deletes rooms with everybody in them. A failure stops no other. */
export async function sweepAway(client: RtcClient, recordings: string[], rooms: string[]): Promise<Swept> {
  const swept: Swept = { removed: [], failed: [] };
  const removing = async (id: string, remove: () => Promise<unknown>) => {
    try {
      await remove();
      swept.removed.push(id);
    } catch (error) {
      if (!RtcError.isInstance(error)) throw error;
      swept.failed.push({ id, code: error.code, message: error.message });
    }
  };
  for (const id of recordings) await removing(id, () => client.recording.stop(id));
  for (const id of rooms) await removing(id, () => client.room.delete(id));
  return swept;
}
