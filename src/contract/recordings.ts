import type { JsonObject } from "./inputs";

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
  /** The generation of the room that is, or was, recorded. */
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
  /** What it was started with, where a gateway keeps that: no vendor does. */
  metadata?: JsonObject;
  /** From a gateway only: the vendor no longer knows it, so this is how the gateway saw it last. True or absent. */
  unverified?: boolean;
}

/**
 * A recording that the vendor has forgotten, from how it was seen last: it keeps ended ones for a while, LiveKit for
 * about a day, so that one which was still going on has ended since.
 */
export function forgotten<T extends Pick<Recording, "status" | "error">>(last: T): T {
  if (isEnded(last.status)) return last;
  return { ...last, status: "complete", error: "the vendor has forgotten it: how it ended was not seen" };
}
