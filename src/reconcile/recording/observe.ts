import type { RtcClient } from "../../client/types";
import {
  type Capability,
  isEnded,
  orUndefined,
  parseRoomId,
  type Recording,
  type Room,
  RtcError,
  same,
} from "../../contract";
import type { Observed } from "../decision";
import { capabilityGap, ifAdvertised } from "../gaps";
import { participantsIn } from "../lifecycle";
import { UNKNOWN } from "../state";
import { isRestartWanted, refreshedState } from "./decide";
import type { RecordingContext, RecordingState } from "./state";

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

/** How long a start waits for an immediate failure. */
const START_MS = 2_000;
const START_PROGRESS_MS = 3_000;
/** How often a recording is polled. */
const POLL_MS = 500;
/** How long a delete waits for the file to be finished. */
const FINISH_MS = 10 * 60_000;
const PROGRESS_EVERY_MS = 10_000;
/** How long it waits until an end that the answer to the stop has reported is observable. */
const OBSERVABLE_MS = 10_000;

type Waiting = Pick<RecordingContext, "client" | "clock" | "report">;

/** Reports that something still goes on, every few seconds until it ends. */
export async function reportProgress(
  { clock, report }: Waiting,
  what: string,
  urn: string,
  work: Promise<unknown>,
): Promise<void> {
  const ended = work.then(
    () => true,
    () => true,
  );
  for (let waited = 0; !(await Promise.race([ended, clock.sleep(START_PROGRESS_MS).then(() => false)])); ) {
    waited += START_PROGRESS_MS;
    report("progress", `${what}, ${waited / 1000} s`, urn);
  }
}

/** The recording once it is active, or has not failed for a moment: in an empty room it stays `starting`. */
export async function waitUntilStarted({ client, clock }: Waiting, started: Recording): Promise<Recording> {
  const until = clock.now() + START_MS;
  let live = started;
  while (live.status === "starting" && clock.now() < until) {
    await clock.sleep(POLL_MS);
    // The vendor has accepted it: a failed read must not orphan it.
    live = (await client.recording.find(started.recording).catch(() => undefined)) ?? live;
  }
  if (live.status === "failed" || live.status === "aborted") {
    throw new RtcError(
      "VENDOR_ERROR",
      `recording ${live.recording} of room ${live.room} ${live.status} at once: ${live.error ?? "the vendor gives no reason"}`,
    );
  }
  return live;
}

/** A stopped recording, once its file is finished; undefined where it has expired at the vendor before. */
export async function waitUntilEnded(
  context: RecordingContext,
  state: RecordingState,
  stopped: Recording,
  urn: string | undefined,
): Promise<Recording | undefined> {
  if (isEnded(stopped.status)) return waitUntilObserved(context, state, stopped);
  const { clock, report } = context;
  const began = clock.now();
  let live: Recording | undefined = stopped;
  for (let reported = began; live && !isEnded(live.status); live = await lastKnown(context, state)) {
    const waited = clock.now() - began;
    if (waited > FINISH_MS) {
      throw new RtcError(
        "DEADLINE_EXCEEDED",
        `recording ${state.recording} is ${live.status} and its file was not finished within 10 minutes; it stays in the state, so destroy again later`,
      );
    }
    if (clock.now() - reported >= PROGRESS_EVERY_MS) {
      reported = clock.now();
      report("progress", `finishing ${state.recording}, ${Math.round(waited / 1000)} s`, urn);
    }
    await clock.sleep(POLL_MS);
  }
  return live;
}

/**
 * A recording whose end the answer to the stop has reported, once the end is observable: until then a recreated resource
 * would adopt it. Where it is not observable, that answer is the result.
 */
async function waitUntilObserved(
  context: RecordingContext,
  state: RecordingState,
  ended: Recording,
): Promise<Recording> {
  const { clock } = context;
  for (const began = clock.now(); clock.now() - began <= OBSERVABLE_MS; await clock.sleep(POLL_MS)) {
    const live = await lastKnown(context, state).catch(() => undefined);
    if (!live) return ended;
    if (isEnded(live.status)) return live;
  }
  return ended;
}

/** A recording as it is observed; an unobservable one counts as running. */
async function lastKnown(
  { client }: RecordingContext,
  { recording, room }: RecordingState,
): Promise<Recording | undefined> {
  const found = await observeRecording(client, { recording });
  if (found.is === "unobservable") return { recording, room, status: "active" };
  return found.is === "known" ? found.value : undefined;
}
