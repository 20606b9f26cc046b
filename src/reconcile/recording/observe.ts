import type { RtcClient } from "../../client/types";
import {
  type Capability,
  isEnded,
  orUndefined,
  parseRoomId,
  type Recording,
  type Room,
  same,
} from "../../contract";
import { participantsIn } from "../context";
import type { Observed } from "../decision";
import { capabilityGap, ifAdvertised } from "../gaps";
import { UNKNOWN } from "../unknown";
import type { RecordingContext } from "./context";
import { isRestartWanted, refreshedState } from "./decide";
import type { RecordingState } from "./state";

/** Why recordings of a vendor cannot be observed. */
export function observationGap(client: RtcClient, vendor: string): Promise<string | undefined> {
  return capabilityGap(client, "rtc.recording.get", vendor);
}

/** Why the layout of a recording of a room does not change in place: also where only a setting is missing for that. */
export async function layoutGap(
  client: RtcClient,
  { room, vendor }: { room: string; vendor: string },
): Promise<string | undefined> {
  const gap = await capabilityGap(client, "rtc.recording.update", vendor);
  if (gap !== undefined || client.gateway !== undefined) return gap;
  const region = parseRoomId(room, client.vendors())?.region ?? null;
  const judge = (capability: Capability) => {
    const { candidates } = client.explainRoute({ needs: [capability], vendor, region });
    return candidates.find((candidate) => candidate.vendor === vendor);
  };
  const update = judge("rtc.recording.update");
  return judge("rtc.recording.stop")?.fits && !update?.fits ? update?.reason : undefined;
}

/** A recording of the state. */
export async function observeRecording(
  client: RtcClient,
  { recording }: Pick<RecordingState, "recording">,
): Promise<Observed<Recording>> {
  const found = await ifAdvertised(client.recording.find(recording), null);
  if (found === null)
    return { is: "unobservable", reason: "the gateway does not advertise rtc.recording.get" };
  return found === undefined ? { is: "absent" } : { is: "known", value: found };
}

/** A recording of the state for a refresh; its room only where a restart may be needed. */
export async function observeForRefresh(
  client: RtcClient,
  state: RecordingState,
): Promise<{ recording: Observed<Recording>; roomExists: boolean }> {
  const recording = isEnded(state.status)
    ? ({ is: "unobservable", reason: "it has ended" } as const)
    : await observeIfAdvertised(client, state);
  const mayRestart =
    (isEnded(state.status) || recording.is !== "unobservable") &&
    isRestartWanted(refreshedState(state, recording));
  return { recording, roomExists: mayRestart && (await canBeRecorded(client, state)) };
}

/** Whether there is a room to record: where the vendor records occupied rooms only, one with participants in it. */
async function canBeRecorded(client: RtcClient, { room: id, vendor }: RecordingState): Promise<boolean> {
  const room = await client.room.find(id, { shared: true });
  if (room === undefined || !client.traits(vendor).recordsOnlyOccupied) return room !== undefined;
  return (await participantsIn(client, id)) > 0;
}

async function observeIfAdvertised(client: RtcClient, state: RecordingState): Promise<Observed<Recording>> {
  const reason = await observationGap(client, state.vendor);
  if (reason !== undefined) return { is: "unobservable", reason };
  const found = await client.recording.find(state.recording, { shared: true });
  return found === undefined ? { is: "absent" } : { is: "known", value: found };
}

/** What prevents a change in place: the layout cannot be changed, or the room was recreated. */
export async function observeForChange(
  client: RtcClient,
  state: RecordingState,
  { changesLayout, roomSid }: { changesLayout: boolean; roomSid: unknown },
): Promise<{ layoutGap: string | undefined; isRoomRecreated: boolean }> {
  const asks = changesLayout && !state.audioOnly && !isEnded(state.status);
  const gap = asks ? await layoutGap(client, state) : undefined;
  return { layoutGap: gap, isRoomRecreated: await isRoomRecreated(client, state, roomSid) };
}

/**
 * Whether the room has been recreated since. The declared sid comes from the room's own state, which may be older than
 * the recording, so the live room decides. A gateway may not report its sid.
 */
async function isRoomRecreated(client: RtcClient, state: RecordingState, roomSid: unknown): Promise<boolean> {
  if (roomSid === undefined || roomSid === UNKNOWN || same(state.roomSid, roomSid)) return false;
  const room = await client.room.find(state.room);
  return room !== undefined && room.sid !== null && room.sid !== state.roomSid;
}

/** A recording that is about to be ended. Participants are counted only where it may be running. */
export async function observeForRemoval(
  client: RtcClient,
  state: RecordingState,
  isForced: boolean,
): Promise<{ recording: Observed<Recording>; participants: number }> {
  if (isEnded(state.status)) return { recording: { is: "absent" }, participants: 0 };
  const recording = await observeRecording(client, state);
  // An unobservable recording counts as running.
  const isActive =
    recording.is === "unobservable" || (recording.is === "known" && recording.value.status === "active");
  return { recording, participants: isActive && !isForced ? await participantsAtRisk(client, state) : 0 };
}

/**
 * How many participants are in the recorded room. A recording whose room was recreated has ended with the old room, even
 * where a gateway does not report that.
 */
async function participantsAtRisk(client: RtcClient, { room: id, roomSid }: RecordingState): Promise<number> {
  const room = await orUndefined(client.room.get(id));
  if (room?.sid && roomSid !== undefined && room.sid !== roomSid) return 0;
  return room?.numParticipants ?? 0;
}

/** The room that is to be recorded. */
export function observeRoom(client: RtcClient, room: string): Promise<Room | undefined> {
  return client.room.find(room);
}

/** The recordings of a room that have not ended; unobservable where a gateway does not list them, which is reported once. */
export async function observeRunning(
  { client, declarations, report }: RecordingContext,
  room: string,
  urn: string,
): Promise<Observed<Recording[]>> {
  const listed = await ifAdvertised(client.recording.list({ room, active: true }), undefined);
  if (listed) return { is: "known", value: listed.items };
  const reason =
    "recordings that a killed run has orphaned cannot be found: the gateway does not advertise rtc.recording.list";
  if (declarations.isFirstReport(reason)) report("info", reason, urn);
  return { is: "unobservable", reason };
}
