import type { Recording } from "./gateway";
import { Badge, Foreign, Time } from "./text";

/** So many are shown. */
const MOST = 20;

/** The recordings that the vendors know, those that run first. */
export function Recordings({ recordings }: { recordings: Recording[] | undefined }) {
  const running = recordings?.filter(({ endedAt }) => endedAt === undefined) ?? [];
  const ended = recordings?.filter(({ endedAt }) => endedAt !== undefined) ?? [];
  return (
    <section aria-labelledby="recordings">
      <h2 id="recordings">Recordings</h2>
      {recordings?.length === 0 && <p>There is no recording.</p>}
      <ul className="rows">
        {[...running, ...ended].slice(0, MOST).map((one) => (
          <RecordingRow key={one.recording} recording={one} />
        ))}
      </ul>
      {recordings && recordings.length > MOST && (
        <p>
          The newest {MOST} of {recordings.length} are shown.
        </p>
      )}
    </section>
  );
}

function RecordingRow({ recording: one }: { recording: Recording }) {
  const { recording, room, status, startedAt, durationSeconds, outputUri, files = [], error } = one;
  return (
    <li aria-label={`Recording of ${room}`}>
      <Badge state={status} /> <Foreign text={room} />
      <span className="about">
        <Foreign text={recording} />
        {startedAt !== undefined && (
          <>
            {" · since "}
            <Time at={startedAt} />
          </>
        )}
        {durationSeconds !== undefined && ` · ${Math.round(durationSeconds)} s`}
        {status === "starting" && " · begins when a participant publishes"}
      </span>
      {files.length === 0 && outputUri !== undefined && (
        <span className="about">
          to <Foreign text={outputUri} />
        </span>
      )}
      {files.map(({ location, sizeBytes }) => (
        <span key={location} className="about">
          <Foreign text={location} />
          {sizeBytes !== undefined && ` · ${Math.ceil(sizeBytes / 1_024)} KiB`}
        </span>
      ))}
      {error !== undefined && (
        <span className="failure">
          <Foreign text={error} />
        </span>
      )}
    </li>
  );
}
