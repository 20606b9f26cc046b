import type { RecordingStore } from "../store";
import {
  isLater,
  newsIn,
  type Observation,
  observed,
  RECORDING_LIFETIME_MS,
  type RecordingRow,
  recordingOf,
  startOf,
} from "../stored-recording";
import type { Connection, Row } from "./connection";

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
  const rowOf = (id: string) => {
    const row = find.get(id);
    return row && recordingRow(row);
  };
  const note = (latest: Observation) => {
    const { id, state, now } = latest;
    const row = rowOf(id);
    if (row && isLater(latest, row)) change.run({ id, state, now });
  };
  return {
    claim: ({ recording, request, startedBy }, now) =>
      db.write(() => {
        expire.run(now - RECORDING_LIFETIME_MS);
        const id = recording.recording;
        add.run({ id, request, startedBy, ...startOf(recording), now });
        return find.get(id)?.["request"] === request;
      }),
    findByRequest: (request) =>
      db.read(() => {
        const row = ofRequest.get(request);
        return row && recordingOf(recordingRow(row));
      }),
    setLayout: (id, layout) => db.write(() => void relayout.run({ id, layout })),
    find: (id) =>
      db.read(() => {
        const row = rowOf(id);
        return row && recordingOf(row);
      }),
    observe: async (recordings, now) => {
      const known = await db.read(() =>
        recordings.map((recording) => ({ recording, row: rowOf(recording.recording) })),
      );
      const news = known.flatMap(({ recording, row }) => newsIn(recording, row, now) ?? []);
      try {
        if (news.length > 0) await db.write(() => news.forEach(note));
      } catch {
        // A read succeeds even where the store cannot be written, which readiness reports.
      }
      return known.map(({ recording, row }) => observed(recording, row));
    },
  };
}

function recordingRow(row: Row): RecordingRow {
  const { metadata, layout } = row;
  return {
    id: String(row["id"]),
    request: String(row["request"]),
    metadata: typeof metadata === "string" ? metadata : null,
    state: String(row["state"]),
    seen_at: Number(row["seen_at"]),
    layout: typeof layout === "string" ? layout : null,
  };
}
