import { DEFAULT_LAYOUT, forgotten, isEnded, type Recording, same } from "../../contract";
import { type RecordingState, recordingInputsOf } from "./recording-state";
import { clean } from "./state";

/** Left out and the default are the same. */
export function sameInput(key: string, a: unknown, b: unknown): boolean {
  const defaults: Record<string, unknown> = {
    layout: DEFAULT_LAYOUT,
    audioOnly: false,
    restartPolicy: "never",
    forceDestroy: false,
  };
  return same(a ?? defaults[key], b ?? defaults[key]);
}

/** Why a change of an input makes a new recording. */
export function reason(key: string): string {
  if (key === "room") return "it records another room, or its room is made anew";
  if (key === "roomSid") return "its room was made anew, and the old recording died with the old one";
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

/** What the vendor tells of a recording, over what state knows. */
export function ofLive(state: RecordingState, live: Recording): Partial<RecordingState> {
  const { status, startedAt, endedAt, durationSeconds, error } = live;
  const files = [
    ...(state.files ?? []).filter(({ recording }) => recording !== state.recording),
    ...(live.files ?? []),
  ];
  return {
    status,
    startedAt,
    endedAt,
    durationSeconds,
    error,
    files: files.length === 0 ? undefined : files,
  };
}

/** One that had not ended, as it is seen now; undefined: the vendor has forgotten it. */
export function asSeen(state: RecordingState, live: Recording | undefined): RecordingState {
  return live ? { ...state, ...ofLive(state, live) } : forgotten(state);
}

/** The answer of a read. */
export function readAs(id: string, state: RecordingState) {
  const props = clean(state);
  return { id, props, inputs: recordingInputsOf(props) };
}
