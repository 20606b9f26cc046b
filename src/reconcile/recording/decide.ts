import { DEFAULT_LAYOUT, expired, isEnded, isLike, type Recording, type Room, same } from "../../contract";
import type { Properties } from "../context";
import { type Decision, decided, type Observed } from "../decision";
import { occupied } from "../preconditions";
import { UNKNOWN } from "../unknown";
import { RECORDING_INPUTS, type RecordingInputs, type RecordingState } from "./state";

/** The inputs that change in place; a layout only where the recording can be reached. */
const IN_PLACE: readonly string[] = ["layout", "metadata", "restartPolicy", "forceDestroy"];

const DEFAULTS: Properties = {
  layout: DEFAULT_LAYOUT,
  audioOnly: false,
  restartPolicy: "never",
  forceDestroy: false,
};

/** The inputs in which a declaration differs from the state; left out and the default are the same. */
export function changedInputs(state: RecordingState, declared: Properties): string[] {
  return RECORDING_INPUTS.filter(
    (key) =>
      key !== "roomSid" &&
      !same(state[key] ?? DEFAULTS[key], declared[key] ?? DEFAULTS[key]) &&
      // A vendor that is left to a gateway is where its answer has put the recording.
      (key !== "vendor" || declared[key] !== undefined),
  );
}

/** What a changed declaration does to a recording of the state. */
export function decideChange({
  id,
  state,
  declared,
  observation: { layoutGap, isRoomRecreated },
  isDeclared,
}: {
  id: string;
  state: RecordingState;
  declared: Properties;
  observation: { layoutGap: string | undefined; isRoomRecreated: boolean };
  /** Whether the resource's check has run; the engine asks earlier where the room is about to be replaced. */
  isDeclared: boolean;
}): Decision<"none" | "update" | "replace" | "restart"> {
  const changed = changedInputs(state, declared);
  const replaces: string[] = changed.filter(
    (key) => !IN_PLACE.includes(key) || (key === "layout" && layoutGap !== undefined),
  );
  if (isRoomRecreated) replaces.push("roomSid");
  if (replaces.length > 0) {
    // Where the engine asks early, the row is not known yet; what comes from the room is unknown with it.
    const known = replaces.filter((key) => key === "room" || declared[key] !== UNKNOWN);
    const what = isDeclared ? "replaced" : `recording ${id} is replaced`;
    const since = known.map(replacement).join(" and ") || `${replaces.join(" and ")} is not known yet`;
    const reason = `${what}, since ${since}${layoutGap ? ` (${layoutGap})` : ""}`;
    return decided("replace", { replaces, reasons: [reason] });
  }
  if (changed.length === 0 && state.restartDue) {
    const reason = `it has ended (${state.status}), and restartPolicy is ${state.restartPolicy}: another is started`;
    return decided("restart", { reasons: [reason] });
  }
  // An explicit vendor where a gateway chose it before: the state has yet to learn that.
  const isNowExplicit = state.routed === true && declared["vendor"] !== undefined;
  return decided(changed.length > 0 || isNowExplicit ? "update" : "none");
}

/** Why a change of an input replaces the recording. */
function replacement(key: string): string {
  if (key === "room") return "it records another room, or its room is recreated";
  if (key === "roomSid") return "its room was recreated, and the old recording died with the old one";
  return `${key} cannot be changed in place`;
}

/** Whether the policy asks for another recording. */
export function wantsAnother({
  status,
  restartPolicy = "never",
}: Pick<RecordingState, "status" | "restartPolicy">): boolean {
  return (
    isEnded(status) && (restartPolicy === "always" || (restartPolicy === "onFailure" && status === "failed"))
  );
}

/** What the vendor reports of a recording, over what state knows. */
export function withLive(state: RecordingState, live: Recording): RecordingState {
  const { status, startedAt, endedAt, durationSeconds, error } = live;
  const files = [
    ...(state.files ?? []).filter(({ recording }) => recording !== state.recording),
    ...(live.files ?? []),
  ];
  return {
    ...state,
    ...{ status, startedAt, endedAt, durationSeconds, error },
    files: files.length === 0 ? undefined : files,
  };
}

/** A recording of the state as it is now: an ended one is history, one that the vendor no longer knows has ended. */
export function refreshed(state: RecordingState, recording: Observed<Recording>): RecordingState {
  if (isEnded(state.status) || recording.is === "unobservable") return state;
  return recording.is === "known" ? withLive(state, recording.value) : expired(state);
}

/** Whether a refresh has nothing to observe: what has ended and starts no other is history. */
export function isHistory({ status, restartPolicy }: RecordingState): boolean {
  return isEnded(status) && !restartPolicy;
}

/** What a refresh makes of a recording of the state: it is never gone. */
export function decideRefresh({
  state,
  observation: { recording, roomExists },
}: {
  /** Without what an earlier refresh has found. */
  state: RecordingState;
  observation: { recording: Observed<Recording>; roomExists: boolean };
}): Decision<"keep" | "update"> & { state: RecordingState } {
  if (recording.is === "unobservable" && !isEnded(state.status)) {
    const message = `recordings are kept in the state as they were started, unverified: ${recording.reason}`;
    return { ...decided("keep", { reasons: [message] }), state: { ...state, unverified: true } };
  }
  const now = refreshed(state, recording);
  const warnings =
    now.error === undefined || now.error === state.error
      ? []
      : [`recording ${now.recording} of room ${now.room} is ${now.status}: ${now.error}`];
  const isDue = wantsAnother(now) && roomExists;
  return { ...decided("update", { warnings }), state: isDue ? { ...now, restartDue: true } : now };
}

/** Whether a declared recording is started, or adopted from a run that was killed: of the same room of ours, and like it. */
export function decideStart({
  id,
  declared: { room: roomId, layout = DEFAULT_LAYOUT, audioOnly = false, outputUri },
  room,
  running,
  claimantOf,
}: {
  id: string;
  declared: RecordingInputs;
  room: Room | undefined;
  /** The running recordings of the room; absent where it is not this stack's. */
  running: Observed<Recording[]>;
  /** Which resource has a recording. */
  claimantOf: (recording: string) => string | undefined;
}): Decision<"start" | "adopt"> & { adopts?: Recording } {
  if (!room) {
    const message = `room ${roomId} is not there now, so it cannot be recorded: it has closed (one with emptyTimeoutSeconds comes back with the next join), or was never made`;
    return decided("start", { failures: [{ code: "NOT_FOUND", message }] });
  }
  if (running.is !== "known") return decided("start");
  const adopts = running.value.find(
    (one) =>
      one.roomSid === room.sid &&
      one.status !== "ending" &&
      isLike(one, { layout, audioOnly, outputUri }) &&
      (claimantOf(one.recording) ?? id) === id,
  );
  return adopts ? { ...decided("adopt"), adopts } : decided("start");
}

/** How a recording of the state comes to be as its changed declaration says. */
export function decideUpdate({
  state,
  declared,
  isDeclared,
  roomExists,
}: {
  /** With what a refresh has found. */
  state: RecordingState;
  declared: RecordingInputs;
  isDeclared: boolean;
  roomExists: boolean;
}): Decision<"restart" | "relayout" | "redeclare"> {
  const isWanted = wantsAnother({ ...state, restartPolicy: declared.restartPolicy });
  const isNewlyWanted = isWanted && !wantsAnother(state) && roomExists;
  if (isDeclared && ((state.restartDue && isWanted) || isNewlyWanted)) return decided("restart");
  const changesLayout = (declared.layout ?? DEFAULT_LAYOUT) !== (state.layout ?? DEFAULT_LAYOUT);
  return decided(!isEnded(state.status) && changesLayout ? "relayout" : "redeclare");
}

/** Whether a recording of the state is stopped, only leaves the state, or goes on under another resource. */
export function decideRemoval({
  id,
  state,
  claimant = id,
  observation: { recording, participants },
  isForced,
}: {
  id: string;
  state: RecordingState;
  /** The resource that has the recording. */
  claimant?: string | undefined;
  observation: { recording: Observed<Recording>; participants: number };
  isForced: boolean;
}): Decision<"stop" | "forget" | "handOver"> {
  if (claimant !== id) {
    const reason = `recording ${state.recording} goes on: ${claimant} has it now`;
    return decided("handOver", { reasons: [reason] });
  }
  const hasEnded =
    isEnded(state.status) ||
    recording.is === "absent" ||
    (recording.is === "known" && isEnded(recording.value.status));
  if (hasEnded) return decided("forget");
  const failures = participants > 0 && !isForced ? [occupied(state.room, participants, "recording")] : [];
  return decided("stop", { failures });
}
