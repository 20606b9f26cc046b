import { type FormEvent, useCallback, useEffect, useMemo, useState } from "react";
import { type Access, forgetAccess, keepAccess, readAccess } from "./access";
import { Activity } from "./activity";
import { Gateway, type Problem, problemOf } from "./gateway";
import { usePolling } from "./polling";
import { Recordings } from "./recordings";
import { Rooms, readRooms } from "./rooms";
import { type Joined, Session } from "./session";
import { Failure, Foreign } from "./text";
import { Vendors } from "./vendors";

/** Milliseconds between two reads of the rooms. */
const PAUSE_MS = 2_000;

/** The whole page: it asks for a key, and then shows what is behind it. */
export function Page() {
  const [access, setAccess] = useState(readAccess);
  const [rejection, setRejection] = useState<Problem>();
  const forget = useCallback((why?: Problem) => {
    forgetAccess();
    setAccess(undefined);
    setRejection(why);
  }, []);
  if (access === undefined)
    return <KeyForm rejection={rejection} onKey={(key) => setAccess(keepAccess({ key, rooms: [] }))} />;
  return <Overview access={access} onForget={forget} />;
}

function KeyForm({
  rejection,
  onKey,
}: {
  /** Why the key before is no longer used. */
  rejection: Problem | undefined;
  onKey: (key: string) => void;
}) {
  const [problem, setProblem] = useState(rejection);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const key = String(new FormData(event.currentTarget).get("key") ?? "").trim();
    try {
      await new Gateway(key).check();
      onKey(key);
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  return (
    <main className="entry">
      <h1>rtc gateway</h1>
      <form onSubmit={(event) => void submit(event)}>
        <label htmlFor="key">Key</label>
        <input id="key" name="key" type="password" autoComplete="off" spellCheck={false} required />
        <button type="submit">Open</button>
        <Failure problem={problem} />
        <p>
          A key of <code>rtc gateway keys create</code>. It stays in this tab until you close it.
        </p>
      </form>
      <p>
        <a href="docs">Reference</a>
      </p>
    </main>
  );
}

function Overview({ access, onForget }: { access: Access; onForget: (why?: Problem) => void }) {
  const gateway = useMemo(() => new Gateway(access.key), [access.key]);
  const read = useCallback(() => readRooms(gateway, access.rooms), [gateway, access.rooms]);
  const { value, problem } = usePolling(read, PAUSE_MS);
  const [sessions, setSessions] = useState<Joined[]>([]);
  const [endings, setEndings] = useState<string[]>([]);
  useEffect(() => {
    if (problem?.code === "UNAUTHENTICATED") onForget(problem);
  }, [problem, onForget]);

  const leave = (joined: Joined, ending: string | undefined) => {
    setSessions((all) => all.filter((one) => one !== joined));
    if (ending !== undefined) setEndings((all) => [...all, ending]);
  };
  return (
    <>
      <header className="top">
        <h1>
          {access.stack === undefined ? (
            "rtc gateway"
          ) : (
            <>
              Rooms of <Foreign text={access.stack} />
            </>
          )}
        </h1>
        <nav>
          <a href="docs">Reference</a>
          <button type="button" className="quiet" onClick={() => onForget()}>
            Forget the key
          </button>
        </nav>
      </header>
      <main>
        <Failure problem={problem} />
        {endings.map((ending) => (
          <p key={ending} className="failure" role="alert">
            {ending}{" "}
            <button
              type="button"
              className="quiet"
              onClick={() => setEndings((all) => all.filter((one) => one !== ending))}
            >
              Close
            </button>
          </p>
        ))}
        {sessions.map((joined) => (
          <Session key={joined.id} joined={joined} onLeft={(ending) => leave(joined, ending)} />
        ))}
        <Rooms
          gateway={gateway}
          shown={value}
          onJoined={(joined) => setSessions((all) => [...all, joined])}
        />
        <Recordings recordings={value?.recordings} />
        <Vendors gateway={gateway} />
        <Activity gateway={gateway} />
      </main>
    </>
  );
}
