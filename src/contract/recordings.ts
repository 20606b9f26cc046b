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
 * A recording that has expired at the vendor, from its last observation: vendors keep ended recordings for a while
 * (LiveKit for about a day), so that one which was running has ended since.
 */
export function expired<T extends { status: RecordingStatus; error?: string | undefined }>(last: T): T {
  if (isEnded(last.status)) return last;
  return {
    ...last,
    status: "complete",
    error: "it has expired at the vendor: how it ended was not observed",
  };
}
