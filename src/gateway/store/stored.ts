import { isEnded, type Recording, recordingRecord, roomRecord, storedSettings } from "../../contract";
import type { Answer, Claim, Claimant, RoomRecord } from "./store";

/** How long an answer is stored. */
export const ANSWER_LIFETIME_MS = 24 * 3_600_000;

/**
 * By how much an attempt's time may be behind that of another: it has waited for the other to write, or is at a gateway whose
 * clock is behind.
 */
const SKEW_MS = 60_000;

/** A request with an idempotency key, as a store keeps it. */
export interface AnswerRow {
  fingerprint: string;
  begun_at: number;
  lease_until: number;
  status: number | null;
  content_type: string | null;
  body: string | null;
}

/** What a claim gets where its key was used before. `ours`: it takes the lease of an attempt that has died. */
export function claimOf(row: AnswerRow, { fingerprint, now, leaseMs }: Claimant): Claim {
  if (row.fingerprint !== fingerprint) return { state: "conflict" };
  const answer = answerOf(row);
  if (answer) return { state: "answered", answer };
  const remainingMs = row.lease_until - now;
  // A far longer lease means that the clock was stepped back since, so the lease does not count.
  if (remainingMs > 0 && remainingMs <= leaseMs + SKEW_MS) return { state: "in progress" };
  return { state: "ours", since: row.begun_at };
}

function answerOf({ status, content_type: contentType, body }: AnswerRow): Answer | undefined {
  if (status === null) return undefined;
  return { status, contentType: contentType ?? "", body: body ?? "" };
}

/** How long a recording is stored after its last observation: at a vendor it expires after a day. */
export const RECORDING_LIFETIME_MS = 30 * 24 * 3_600_000;
/** An unchanged observation is stored only when the last one is older, so that a list writes little. */
const INTERVAL_MS = 3_600_000;

/** A recording as a store keeps it. */
export interface RecordingRow {
  id: string;
  request: string;
  /** JSON. */
  metadata: string | null;
  /** JSON of the last observation. */
  state: string;
  seen_at: number;
  layout: string | null;
}

/** An observation that is to be stored. */
export interface Observation {
  id: string;
  state: string;
  now: number;
  isOver: boolean;
}

/** What a store keeps of a recording that has started, beside its id. */
export function startOf({ metadata, ...state }: Recording): Pick<RecordingRow, "metadata" | "state"> {
  return { metadata: metadata ? JSON.stringify(metadata) : null, state: JSON.stringify(state) };
}

/** The recording of a row. */
export function recordingOf(row: RecordingRow): Recording {
  return { ...recordingRecord.parse(JSON.parse(row.state)), ...keptOf(row) };
}

/** A recording as it was observed, with what is stored here because the vendor does not store it. */
export function observed(recording: Recording, row: RecordingRow | undefined): Recording {
  return row ? { ...recording, ...keptOf(row) } : recording;
}

/** What is to be stored of an observation; undefined where it is known. */
export function newsIn(
  recording: Recording,
  row: RecordingRow | undefined,
  now: number,
): Observation | undefined {
  const state = JSON.stringify(recording);
  if (!row || (row.state === state && now - row.seen_at < INTERVAL_MS)) return undefined;
  return { id: recording.recording, state, now, isOver: isEnded(recording.status) };
}

/** Whether an observation takes the place of a row: one from before the end may arrive after it. */
export function isLater({ isOver }: Observation, row: RecordingRow): boolean {
  return isOver || !isEnded(recordingOf(row).status);
}

function keptOf({ metadata, layout }: RecordingRow): Pick<Recording, "metadata" | "layout"> {
  return {
    ...(metadata !== null
      ? recordingRecord.pick({ metadata: true }).parse({ metadata: JSON.parse(metadata) })
      : {}),
    ...(layout !== null ? { layout } : {}),
  };
}

/** The settings of a room's record; an older store has no owners. */
const settings = storedSettings.extend({ owner: roomRecord.shape.owner.default(null) });

/** What a store keeps of a room beside its id and name. */
export function settingsText(room: RoomRecord): string {
  return JSON.stringify(settings.parse(room));
}

/** Reads {@link settingsText}. */
export function parseSettings(id: string, text: string): RoomRecord {
  return { room: id, ...settings.parse(JSON.parse(text)) };
}
