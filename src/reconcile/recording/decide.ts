import { DEFAULT_LAYOUT, expired, isEnded, isLike, type Recording, type Room, same } from "../../contract";
import { type Decision, decide, type Observed, occupiedFailure } from "../decision";
import type { Properties } from "../lifecycle";
import { UNKNOWN } from "../state";
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
      // Without a declared vendor, the recording stays where the gateway has placed it.
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
    (key) =>
      !IN_PLACE.includes(key) || (key === "layout" && layoutGap !== undefined && !declared["audioOnly"]),
  );
  if (isRoomRecreated) replaces.push("roomSid");
  if (replaces.length > 0) {
    // Where the engine asks early, the URN is not known yet, and outputs of the room are unknown.
    const known = replaces.filter((key) => key === "room" || declared[key] !== UNKNOWN);
    const what = isDeclared ? "replaced" : `recording ${id} is replaced`;
    const since = known.map(replacement).join(" and ") || `${replaces.join(" and ")} is not known yet`;
    const reason = `${what}, since ${since}${layoutGap ? ` (${layoutGap})` : ""}`;
    return decide("replace", { replaces, reasons: [reason] });
  }
  if (changed.length === 0 && state.restartDue) {
    const reason = `it has ended (${state.status}), and restartPolicy is ${state.restartPolicy}: it is restarted`;
    return decide("restart", { reasons: [reason] });
  }
  // The vendor is now explicit, which the state must record.
  const isNowExplicit = state.routed === true && declared["vendor"] !== undefined;
  return decide(changed.length > 0 || isNowExplicit ? "update" : "none");
}

/** Why a change of an input replaces the recording. */
function replacement(key: string): string {
  if (key === "room") return "it records another room, or its room is recreated";
  if (key === "roomSid") return "its room was recreated, and the recording ended with the old room";
  return `${key} cannot be changed in place`;
}

/** Whether the policy asks for a restart: `onFailure` after an end that neither its room nor a stop explains. */
export function isRestartWanted({
  status,
  endedEarly,
  restartPolicy = "never",
}: Pick<RecordingState, "status" | "endedEarly" | "restartPolicy">): boolean {
  const hasFailed = status === "failed" || status === "limit_reached" || endedEarly === true;
  return isEnded(status) && (restartPolicy === "always" || (restartPolicy === "onFailure" && hasFailed));
}

/** What the vendor reports of a recording, over what the state has. */
export function withLive(state: RecordingState, live: Recording): RecordingState {
  const { status, startedAt, endedAt, durationSeconds, error, endedEarly } = live;
  const files = [
    ...(state.files ?? []).filter(({ recording }) => recording !== state.recording),
    ...(live.files ?? []),
  ];
  return {
    ...state,
    ...{ status, startedAt, endedAt, durationSeconds, error, endedEarly },
    files: files.length === 0 ? undefined : files,
  };
}

/** The current state of a recording: an ended one stays as it is, and one that has expired at the vendor has ended. */
export function refreshedState(state: RecordingState, recording: Observed<Recording>): RecordingState {
  if (isEnded(state.status) || recording.is === "unobservable") return state;
  return recording.is === "known" ? withLive(state, recording.value) : expired(state);
}

/** Whether a refresh has nothing to observe: the recording has ended, and no policy restarts it. */
export function isHistory({ status, restartPolicy }: RecordingState): boolean {
  return isEnded(status) && !restartPolicy;
}

/** The refreshed state of a recording: it is never gone. */
export function decideRefresh({
  state,
  observation: { recording, roomExists },
}: {
  /** Without the results of an earlier refresh. */
  state: RecordingState;
  observation: { recording: Observed<Recording>; roomExists: boolean };
}): Decision<"keep" | "update"> & { state: RecordingState } {
  if (recording.is === "unobservable" && !isEnded(state.status)) {
    const message = `recordings stay in the state as they were started, unverified: ${recording.reason}`;
    return { ...decide("keep", { reasons: [message] }), state: { ...state, unverified: true } };
  }
  const now = refreshedState(state, recording);
  const warnings =
    now.error === undefined || now.error === state.error
      ? []
      : [`recording ${now.recording} of room ${now.room} is ${now.status}: ${now.error}`];
  const needsRestart = isRestartWanted(now) && roomExists;
  return { ...decide("update", { warnings }), state: needsRestart ? { ...now, restartDue: true } : now };
}

/** Whether a declared recording is started, or adopted from a killed run: a matching one of the same managed room. */
export function decideStart({
  id,
  declared: { room: roomId, layout = DEFAULT_LAYOUT, audioOnly = false, outputUri },
  room,
  running,
  followsLayout,
  claimantOf,
}: {
  id: string;
  declared: RecordingInputs;
  room: Room | undefined;
  /** The running recordings of the room; absent where another owner has the room. */
  running: Observed<Recording[]>;
  /** Whether a layout changes in place. The vendor may then report the one that the recording was started with. */
  followsLayout: boolean;
  /** Which resource manages a recording. */
  claimantOf: (recording: Recording) => string | undefined;
}): Decision<"start" | "adopt"> & { adopts?: Recording } {
  if (!room) {
    const message = `room ${roomId} does not exist, so it cannot be recorded: it has closed (with a timeout, the next join recreates it), or was never created`;
    return decide("start", { failures: [{ code: "NOT_FOUND", message }] });
  }
  if (running.is !== "known") return decide("start");
  const own = running.value.filter(
    (one) => one.roomSid === room.sid && one.status !== "ending" && (claimantOf(one) ?? id) === id,
  );
  const adopts =
    own.find((one) => isLike(one, { layout, audioOnly, outputUri })) ??
    (followsLayout
      ? own.find((one) => isLike({ ...one, layout }, { layout, audioOnly, outputUri }))
      : undefined);
  return adopts ? { ...decide("adopt"), adopts } : decide("start");
}

/** How an update applies a changed declaration to a recording of the state. */
export function decideUpdate({
  state,
  declared,
  isDeclared,
  roomExists,
}: {
  /** With the results of a refresh. */
  state: RecordingState;
  declared: RecordingInputs;
  isDeclared: boolean;
  roomExists: boolean;
}): Decision<"restart" | "relayout" | "redeclare"> {
  const isWanted = isRestartWanted({ ...state, restartPolicy: declared.restartPolicy });
  const isNewlyWanted = isWanted && !isRestartWanted(state) && roomExists;
  if (isDeclared && ((state.restartDue && isWanted) || isNewlyWanted)) return decide("restart");
  const changesLayout =
    !declared.audioOnly && (declared.layout ?? DEFAULT_LAYOUT) !== (state.layout ?? DEFAULT_LAYOUT);
  return decide(!isEnded(state.status) && changesLayout ? "relayout" : "redeclare");
}

/** Whether a recording of the state is stopped, only leaves the state, or continues under another resource. */
export function decideRemoval({
  id,
  state,
  claimant = id,
  observation: { recording, participants },
  isForced,
}: {
  id: string;
  state: RecordingState;
  /** The resource that manages the recording. */
  claimant?: string | undefined;
  observation: { recording: Observed<Recording>; participants: number };
  isForced: boolean;
}): Decision<"stop" | "forget" | "handOver"> {
  if (claimant !== id) {
    const reason = `recording ${state.recording} continues: ${claimant} manages it now`;
    return decide("handOver", { reasons: [reason] });
  }
  const hasEnded =
    isEnded(state.status) ||
    recording.is === "absent" ||
    (recording.is === "known" && isEnded(recording.value.status));
  if (hasEnded) return decide("forget");
  const failures =
    participants > 0 && !isForced ? [occupiedFailure(state.room, participants, "recording")] : [];
  return decide("stop", { failures });
}
