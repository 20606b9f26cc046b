import { isEnded, orUndefined, type Recording, same } from "../../contract";
import { ifOffered, lacking } from "./gateway";
import type { RecordingContext } from "./recording";
import type { RecordingState } from "./recording-state";
import { UNKNOWN } from "./unknown";

/** What is seen of recordings and their rooms; through a gateway that may be less. */

/** Why recordings cannot be looked at, through a gateway. */
export function unseenAt({ client }: RecordingContext, vendor: string): Promise<string | undefined> {
  return lacking(client, "rtc.recording.get", vendor);
}

/** Why the layout of a recording that has not ended cannot be changed, through a gateway. */
export async function fixedLayout(
  { client }: RecordingContext,
  { status, vendor }: RecordingState,
): Promise<string | undefined> {
  return isEnded(status) ? undefined : lacking(client, "rtc.recording.update", vendor);
}

/** How a recording is now; one that a gateway does not show is taken to be running. */
export function lookAt(
  { client }: RecordingContext,
  { recording, room }: RecordingState,
): Promise<Recording | undefined> {
  const unseen: Recording = { recording, room, status: "active" };
  return ifOffered(client.recording.find(recording), unseen);
}

/**
 * How many people a recording would be cut off from. One whose room was made anew has ended with the old room, also
 * where a gateway does not show that.
 */
export async function recordedPeople(
  { client }: RecordingContext,
  { room: id, roomSid }: RecordingState,
): Promise<number> {
  const room = await orUndefined(client.room.get(id));
  if (room?.sid && roomSid !== undefined && room.sid !== roomSid) return 0;
  return room?.numParticipants ?? 0;
}

/** The recordings of a room that have not ended; undefined where a gateway does not show them. */
export async function running(
  { client, memory, say }: RecordingContext,
  room: string,
  urn: string,
): Promise<Recording[] | undefined> {
  const listed = await ifOffered(client.recording.list({ room, active: true }), undefined);
  if (listed) return listed.items;
  const message =
    "whether a killed run has left a recording of a room is not looked for: the gateway does not offer rtc.recording.list";
  if (memory.isNews(message)) say("info", message, urn);
  return undefined;
}

/**
 * Whether the room has been made anew since. The declared sid is the one of the room's own state, which may be older
 * than the recording, and a room that has closed has nothing to record: so the living room decides. A gateway may not
 * tell its sid.
 */
export async function isOfAnother(
  { client }: RecordingContext,
  state: RecordingState,
  roomSid: unknown,
): Promise<boolean> {
  if (roomSid === undefined || roomSid === UNKNOWN || same(state.roomSid, roomSid)) return false;
  const room = await client.room.find(state.room);
  return room !== undefined && room.sid !== null && room.sid !== state.roomSid;
}
