import { z } from "zod";
import { flag, isObject, metadata, text } from "./fields";
import { parseOutputUri } from "./output-uri";

/** How a room composite is laid out; each also with a light or dark background. */
export const LAYOUTS = ["grid", "speaker", "single-speaker"].flatMap((name) => [
  name,
  `${name}-light`,
  `${name}-dark`,
]);
/** The layout of a recording that names none. */
export const DEFAULT_LAYOUT = "grid";

/**
 * `starting`: accepted; a room composite stays so until the first track is published. `aborted`: ended before it
 * began. https://docs.livekit.io/home/egress/overview/
 */
export const STATUSES = [
  "starting",
  "active",
  "ending",
  "complete",
  "failed",
  "aborted",
  "limit_reached",
] as const;
/** LiveKit's own statuses, in the order of its enumeration. */
export type RecordingStatus = (typeof STATUSES)[number];

/** Whether a recording is over. */
export function isEnded(status: RecordingStatus): boolean {
  return status !== "starting" && status !== "active" && status !== "ending";
}

/** A finished file of a recording. */
export interface RecordedFile {
  /** The recording that wrote it: a restart has another id. */
  recording: string;
  /** Where it is, as the recorder tells. */
  location: string;
  sizeBytes?: number;
  durationSeconds?: number;
}

/** A recording as a vendor shows it. */
export interface Recording {
  /** The recording id, e.g. `livekit:EG_7xkQ`. */
  recording: string;
  /** The room id. */
  room: string;
  /** The incarnation of the room that is, or was, recorded. */
  roomSid?: string;
  status: RecordingStatus;
  layout?: string;
  audioOnly?: boolean;
  /** Where it goes, without credentials. */
  outputUri?: string;
  /** Finished files only. */
  files?: RecordedFile[];
  /** RFC 3339, UTC. */
  startedAt?: string;
  endedAt?: string;
  durationSeconds?: number;
  /** Why it failed, or ended before its time. */
  error?: string;
}

const output = text("outputUri", 4_096).superRefine((uri, context) => {
  const problem = parseOutputUri(uri, true);
  if (typeof problem === "string") context.addIssue({ code: "custom", message: problem });
});

const layout = z.enum(LAYOUTS, { error: `must be one of ${LAYOUTS.join(", ")}` });

const settings = {
  /** `grid`, `speaker` or `single-speaker`, each also `-light` and `-dark`. Default `grid`. */
  layout: layout.optional(),
  /** Default false. */
  audioOnly: flag.optional(),
  /** See `parseOutputUri`. Default: `rtc:recordingOutput`. */
  outputUri: output.optional(),
  vendor: text("vendor", 64).optional(),
  /** Kept with the record: no vendor has a place for it. */
  metadata: metadata.optional(),
};

/** An .ogg or .mp3 that is not audio only. It runs beside wrong fields, which tell what is wrong with them themselves. */
function audioFits(
  input: { outputUri?: string | undefined; audioOnly?: boolean | undefined },
  context: z.RefinementCtx,
): void {
  const { outputUri, audioOnly } = input;
  if (typeof outputUri !== "string" || audioOnly) return;
  if (typeof parseOutputUri(outputUri, true) === "string") return;
  const problem = parseOutputUri(outputUri, false);
  if (typeof problem === "string")
    context.addIssue({ code: "custom", path: ["outputUri"], message: problem });
}

/** Input of `recording.start`. */
export const recordingInput = z
  .strictObject({ room: text("room", 512), ...settings })
  .superRefine(audioFits, { when: isObject });
/** Input of {@link RtcClient.recording.start}. */
export type RecordingInput = z.infer<typeof recordingInput>;

const declaration = {
  ...settings,
  /** When to start another after this one has ended: `never` (default), `onFailure`, `always`. */
  restartPolicy: z
    .enum(["never", "onFailure", "always"], { error: "must be never, onFailure or always" })
    .optional(),
  /** Delete or replace it even while people are in the room. Default false. */
  forceDestroy: flag.optional(),
};

/** Inputs of the RtcRecording resource. */
export const recordingResourceInput = z
  .strictObject({ room: text("room", 512), roomSid: text("roomSid", 512).optional(), ...declaration })
  .superRefine(audioFits, { when: isObject });
/** The inputs of RtcRecording, resolved. */
export type RecordingResourceInput = z.infer<typeof recordingResourceInput>;

/** A recording of a manifest: its room is one of the manifest's. */
export const recordingManifestInput = z
  .strictObject({ room: text("room", 256), ...declaration })
  .superRefine(audioFits, { when: isObject });
/** A recording of a manifest, read. */
export type RecordingManifestInput = z.infer<typeof recordingManifestInput>;

/** Input of `recording.update`. */
export const recordingUpdateInput = z.strictObject({ layout });
/** Input of {@link RtcClient.recording.update}. */
export type RecordingUpdateInput = z.infer<typeof recordingUpdateInput>;

/** Input of `recording.list`. */
export const recordingListInput = z.strictObject({
  /** A room id or name; all rooms without it. */
  room: text("room", 512).optional(),
  /** Only what has not ended. Default false. */
  active: flag.default(false),
});
/** Input of {@link RtcClient.recording.list}. */
export type RecordingListInput = z.input<typeof recordingListInput>;
