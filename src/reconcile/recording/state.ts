import { z } from "zod";
import {
  DEFAULT_LAYOUT,
  type JsonObject,
  outputKey,
  type Recording,
  type RecordingResourceInput,
  recordingResourceInput,
  recordingResourceOutput,
} from "../../contract";
import type { Declarations } from "../declarations";
import type { Context, Properties } from "../lifecycle";
import { clean, hasUnknown, readState } from "../state";

/** As for rooms. */
const SCHEMA_VERSION = 1;

const recordingState = z.object({
  room: z.string(),
  /** The room generation that the egress records. */
  roomSid: z.string().optional(),
  /** The room was given by its id or name, so that its generation is no input. */
  roomByName: z.boolean().optional(),
  layout: z.string().optional(),
  audioOnly: z.boolean().optional(),
  outputUri: z.string(),
  metadata: z.custom<JsonObject>().optional(),
  restartPolicy: z.enum(["never", "onFailure", "always"]).optional(),
  vendor: z.string(),
  forceDestroy: z.boolean().optional(),
  ...recordingResourceOutput.shape,
  /** Set by a refresh only: the recording has ended, its room exists, and its policy asks for a restart. */
  restartDue: z.boolean().optional(),
  /** A gateway has placed it, so that the vendor is no input. */
  routed: z.boolean().optional(),
});

/** The outputs of an RtcRecording. */
export type RecordingState = z.infer<typeof recordingState>;

/**
 * The inputs of an RtcRecording as check leaves them: room id, vendor and output address resolved, but for what only a
 * gateway resolves.
 */
export type RecordingInputs = RecordingResourceInput & { outputUri: string };

/** The names of the inputs. */
export const RECORDING_INPUTS = Object.keys(recordingResourceInput.shape) as (keyof RecordingResourceInput)[];

/** Reads the outputs of the state. */
export function parseRecordingState(id: string, props: Properties): RecordingState {
  return readState(recordingState, SCHEMA_VERSION, id, props);
}

/** Reads the inputs that check has passed. */
export function parseRecordingInputs(props: Properties): RecordingInputs {
  const { outputUri } = recordingState.shape;
  return z.object({ ...recordingResourceInput.shape, outputUri }).parse(clean(props));
}

export function recordingInputsOf(state: Properties): Properties {
  const inputs = Object.fromEntries(RECORDING_INPUTS.map((key) => [key, state[key]]));
  if (state["roomByName"]) inputs["roomSid"] = undefined;
  if (state["routed"]) inputs["vendor"] = undefined;
  return clean(inputs);
}

/** What makes two recordings the same: room, layout (audio has none), audio and output. Undefined while one of them is not known. */
export function recordingKey({ room, layout, audioOnly, outputUri }: Properties): string | undefined {
  if (hasUnknown([room, layout, audioOnly, outputUri])) return undefined;
  if (typeof room !== "string" || typeof outputUri !== "string") return undefined;
  const output = outputKey(outputUri, audioOnly === true);
  const composition = audioOnly === true ? null : (layout ?? DEFAULT_LAYOUT);
  return JSON.stringify([room, composition, audioOnly === true, output]);
}

/** The outputs: the inputs, the status, and every file so far, those of earlier starts first. */
export function recordingOutputs(
  declared: RecordingInputs,
  live: Recording,
  endpoint: string,
  earlier: RecordingState["files"] = [],
): Properties {
  const { recording, status, startedAt, endedAt, durationSeconds, error, endedEarly } = live;
  const files = [...earlier.filter((old) => old.recording !== recording), ...(live.files ?? [])];
  return clean({
    ...declared,
    vendor: declared.vendor ?? recording.split(/[@:]/, 1)[0],
    routed: declared.vendor === undefined ? true : undefined,
    ...(live.roomSid === undefined ? {} : { roomSid: live.roomSid }),
    roomByName: declared.roomSid === undefined ? true : undefined,
    recording,
    status,
    startedAt,
    endedAt,
    durationSeconds,
    files: files.length === 0 ? undefined : files,
    error,
    endedEarly,
    endpoint,
    schemaVersion: SCHEMA_VERSION,
  });
}

/** What the lifecycle of recordings works with. */
export interface RecordingContext extends Context {
  /** The rooms of the same program. */
  rooms: Declarations;
}
