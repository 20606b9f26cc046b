/** How a room composite is laid out; each also with a light or dark background. */
export const LAYOUTS = ["grid", "speaker", "single-speaker"].flatMap((name) => [
  name,
  `${name}-light`,
  `${name}-dark`,
]);
/** The layout of a recording that names none. */
export const DEFAULT_LAYOUT = "grid";

/** Every status of a recording. https://docs.livekit.io/home/egress/overview/ */
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

/**
 * A recording that the vendor has forgotten, from how it was seen last: it keeps ended ones for a while, LiveKit for
 * about a day, so that one which was still going on has ended since.
 */
export function forgotten<T extends { status: RecordingStatus; error?: string | undefined }>(last: T): T {
  if (isEnded(last.status)) return last;
  return { ...last, status: "complete", error: "the vendor has forgotten it: how it ended was not seen" };
}
