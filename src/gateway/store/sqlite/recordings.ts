import { isEnded, type Recording, recordingRecord } from "../../../contract";
import type { RecordingStore } from "../store";
import type { Connection, Row } from "./connection";

/** How long a recording is kept after it was seen last: a vendor forgets it after a day. */
const KEPT_MS = 30 * 24 * 3_600_000;
/** A sight of what has not changed is written down when the last one is older: a list must not write all that it shows. */
const SIGHT_MS = 3_600_000;

/** How a recording was just seen. */
interface Sight {
  id: string;
  state: string;
  now: number;
  isOver: boolean;
}

/** The recordings of a store. */
export function recordingsIn(db: Connection): RecordingStore {
  const forget = db.prepare("DELETE FROM recordings WHERE seen_at <= ?");
  const add = db.prepare(
    "INSERT INTO recordings VALUES (:id, :request, :startedBy, :metadata, :state, :now) ON CONFLICT DO NOTHING",
  );
  const find = db.prepare("SELECT * FROM recordings WHERE id = ?");
  const ofRequest = db.prepare("SELECT * FROM recordings WHERE request = ? ORDER BY rowid");
  const change = db.prepare("UPDATE recordings SET state = :state, seen_at = :now WHERE id = :id");
  const isNews = ({ seen_at: seenAt, state }: Row, sight: Sight) =>
    state !== sight.state || sight.now - Number(seenAt) >= SIGHT_MS;
  const note = ({ id, state, now, isOver }: Sight) => {
    const row = find.get(id);
    // An answer that was given before the end may come in after it.
    if (row && (isOver || !isEnded(recordingOf(row).status))) change.run({ id, state, now });
  };
  return {
    claim: ({ recording, request, startedBy }, now) =>
      db.write(() => {
        forget.run(now - KEPT_MS);
        const { metadata = null, ...state } = recording;
        const id = recording.recording;
        const known = metadata && JSON.stringify(metadata);
        add.run({ id, request, startedBy, metadata: known, state: JSON.stringify(state), now });
        return find.get(id)?.["request"] === request;
      }),
    startedFor: (request) =>
      db.read(() => {
        const row = ofRequest.get(request);
        return row && recordingOf(row);
      }),
    find: (id) =>
      db.read(() => {
        const row = find.get(id);
        return row && recordingOf(row);
      }),
    see: async (recordings, now) => {
      const known = await db.read(() =>
        recordings.map((recording) => ({ recording, row: find.get(recording.recording) })),
      );
      const news = known.flatMap(({ recording, row }) => {
        const { recording: id, status } = recording;
        const sight = { id, state: JSON.stringify(recording), now, isOver: isEnded(status) };
        return row && isNews(row, sight) ? [sight] : [];
      });
      try {
        if (news.length > 0) await db.write(() => news.forEach(note));
      } catch {
        // Who only looks is answered also where nothing can be written, which readiness tells.
      }
      return known.map(({ recording, row }) => (row ? { ...recording, ...metadataOf(row) } : recording));
    },
  };
}

function recordingOf(row: Row): Recording {
  return { ...recordingRecord.parse(JSON.parse(String(row["state"]))), ...metadataOf(row) };
}

function metadataOf({ metadata }: Row): Pick<Recording, "metadata"> {
  return typeof metadata === "string"
    ? recordingRecord.pick({ metadata: true }).parse({ metadata: JSON.parse(metadata) })
    : {};
}
