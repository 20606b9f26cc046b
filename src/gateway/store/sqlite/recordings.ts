import { isEnded, type Recording, recordingRecord } from "../../../contract";
import type { RecordingStore } from "../store";
import type { Connection, Row } from "./connection";

/** How long a recording is stored after its last observation: at a vendor it expires after a day. */
const LIFETIME_MS = 30 * 24 * 3_600_000;
/** An unchanged observation is stored only when the last one is older, so that a list writes little. */
const INTERVAL_MS = 3_600_000;

/** An observation of a recording. */
interface Observation {
  id: string;
  state: string;
  now: number;
  isOver: boolean;
}

/** The recordings of a store. */
export function recordingsIn(db: Connection): RecordingStore {
  const expire = db.prepare("DELETE FROM recordings WHERE seen_at <= ?");
  const add = db.prepare(
    "INSERT INTO recordings VALUES (:id, :request, :startedBy, :metadata, :state, :now, NULL) ON CONFLICT DO NOTHING",
  );
  const find = db.prepare("SELECT * FROM recordings WHERE id = ?");
  const ofRequest = db.prepare("SELECT * FROM recordings WHERE request = ? ORDER BY rowid");
  const change = db.prepare("UPDATE recordings SET state = :state, seen_at = :now WHERE id = :id");
  const relayout = db.prepare("UPDATE recordings SET layout = :layout WHERE id = :id");
  const isNews = ({ seen_at: seenAt, state }: Row, latest: Observation) =>
    state !== latest.state || latest.now - Number(seenAt) >= INTERVAL_MS;
  const note = ({ id, state, now, isOver }: Observation) => {
    const row = find.get(id);
    // An observation from before the end may arrive after it.
    if (row && (isOver || !isEnded(recordingOf(row).status))) change.run({ id, state, now });
  };
  return {
    claim: ({ recording, request, startedBy }, now) =>
      db.write(() => {
        expire.run(now - LIFETIME_MS);
        const { metadata = null, ...state } = recording;
        const id = recording.recording;
        const known = metadata && JSON.stringify(metadata);
        add.run({ id, request, startedBy, metadata: known, state: JSON.stringify(state), now });
        return find.get(id)?.["request"] === request;
      }),
    findByRequest: (request) =>
      db.read(() => {
        const row = ofRequest.get(request);
        return row && recordingOf(row);
      }),
    setLayout: (id, layout) => db.write(() => void relayout.run({ id, layout })),
    find: (id) =>
      db.read(() => {
        const row = find.get(id);
        return row && recordingOf(row);
      }),
    observe: async (recordings, now) => {
      const known = await db.read(() =>
        recordings.map((recording) => ({ recording, row: find.get(recording.recording) })),
      );
      const news = known.flatMap(({ recording, row }) => {
        const { recording: id, status } = recording;
        const latest = { id, state: JSON.stringify(recording), now, isOver: isEnded(status) };
        return row && isNews(row, latest) ? [latest] : [];
      });
      try {
        if (news.length > 0) await db.write(() => news.forEach(note));
      } catch {
        // A read succeeds even where the store cannot be written, which readiness reports.
      }
      return known.map(({ recording, row }) => (row ? { ...recording, ...keptOf(row) } : recording));
    },
  };
}

function recordingOf(row: Row): Recording {
  return { ...recordingRecord.parse(JSON.parse(String(row["state"]))), ...keptOf(row) };
}

/** What is kept here because the vendor forgets it. */
function keptOf({ metadata, layout }: Row): Pick<Recording, "metadata" | "layout"> {
  return {
    ...(typeof metadata === "string"
      ? recordingRecord.pick({ metadata: true }).parse({ metadata: JSON.parse(metadata) })
      : {}),
    ...(typeof layout === "string" ? { layout } : {}),
  };
}
