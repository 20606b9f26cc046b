import { roomsBy } from "../client/many";
import type { RtcClient } from "../client/types";
import { isEnded, ownerMark, type Recording, type Room, RtcError } from "../contract";

/** What is at the vendors and carries a stack's owner mark. */
export interface Remains {
  rooms: Room[];
  /** Recordings of those rooms that have not ended. */
  recordings: Recording[];
}

/** The part of the owner mark that all rooms of a stack share. */
export function stackMark(project: string, stack: string): string {
  return ownerMark({ project, stack, urn: "" }).slice(0, 12);
}

/**
 * Looks at every vendor that can list for what carries a stack's owner mark.
 *
 * @param known ids of rooms without a mark that are this stack's all the same
 */
export async function remainsOf(
  client: RtcClient,
  mark: string,
  known: ReadonlySet<string> = new Set(),
): Promise<Remains> {
  const rooms = (await roomsBy(client, { prefix: "" })).filter(
    ({ owner, room }) => owner?.slice(0, 12) === mark || (owner === null && known.has(room)),
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
