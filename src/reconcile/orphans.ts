import { listRoomsBy } from "../client/bulk-rooms";
import type { RtcClient } from "../client/types";
import { isEnded, isOfStack, type Recording, type Room, RtcError } from "../contract";
import { type Decision, decide } from "./decision";

/** The live resources of every vendor that can list them. */
export interface Live {
  rooms: Room[];
  /** Recordings that have not ended; none where no server can record. */
  recordings: Recording[];
}

/** The decision on the orphans of a stack: their ids, recordings first. */
export interface OrphansDecision extends Decision<"none" | "delete"> {
  recordings: string[];
  rooms: string[];
}

/** The result of a removal. */
export interface Removal {
  removed: string[];
  failed: { id: string; code: string; message: string }[];
}

/** Lists the live rooms whose names begin with a prefix, and the running recordings. */
export async function observeLive(client: RtcClient, prefix = ""): Promise<Live> {
  const rooms = await listRoomsBy(client, { prefix });
  return { rooms, recordings: await runningRecordings(client) };
}

async function runningRecordings(client: RtcClient): Promise<Recording[]> {
  try {
    const { items } = await client.recording.list({ active: true });
    return items.filter(({ status }) => !isEnded(status));
  } catch (error) {
    if (RtcError.isInstance(error) && (error.code === "NOT_CONFIGURED" || error.code === "UNSUPPORTED"))
      return [];
    throw error;
  }
}

/**
 * Which live resources are a stack's orphans: rooms with its ownership tag that it does not manage, and their recordings.
 *
 * @param tag the part of the ownership tag that the stack's rooms share
 * @param managed ids of the resources in the stack's state
 * @param untagged ids of rooms that were the stack's and carry no tag
 */
export function decideOrphans(
  live: Live,
  { tag, managed, untagged = [] }: { tag: string; managed: readonly string[]; untagged?: readonly string[] },
): OrphansDecision {
  const isManaged = new Set(managed);
  const isUntagged = new Set(untagged);
  const orphaned = live.rooms.filter(
    ({ owner, room }) => isOfStack(owner, tag) || (owner === null && isUntagged.has(room)),
  );
  const rooms = orphaned.map(({ room }) => room).filter((id) => !isManaged.has(id));
  const isOrphan = new Set(rooms);
  const recordings = live.recordings
    .filter(({ room, recording }) => isOrphan.has(room) && !isManaged.has(recording))
    .map(({ recording }) => recording);
  return { ...decide(rooms.length > 0 ? "delete" : "none"), recordings, rooms };
}

/** Stops recordings, then deletes rooms and disconnects their participants. A failure stops no other. */
export async function removeOrphans(
  client: RtcClient,
  { recordings, rooms }: OrphansDecision,
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
