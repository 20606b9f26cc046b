import { useRef, useState } from "react";
import { MAX_TIMEOUT } from "../src/contract/fields";
import type { Gateway, Participant, Recording, Room } from "./gateway";
import { JoinDialog } from "./join";
import type { Joined } from "./session";
import { Badge, Foreign, Time } from "./text";

/** So many requests run at once: as many as the gateway lets a key have at a vendor. */
const AT_ONCE = 4;

/** A room as it is shown. */
export interface ShownRoom {
  id: string;
  name: string;
  /** Undefined: closed. */
  room?: Room;
  /** A reason in words where they could not be read. */
  participants: Participant[] | string;
  recordings: Recording[];
}

/** What is behind a key, at one time. */
export interface Shown {
  rooms: ShownRoom[];
  recordings: Recording[];
  /** There are rooms that are not shown. */
  more: boolean;
}

/**
 * Reads rooms with their participants and recordings.
 *
 * @param only the ids of the rooms to show, also while they are closed; empty: all that are open
 */
export async function readRooms(gateway: Gateway, only: readonly string[]): Promise<Shown> {
  const [listed, known] = await Promise.all([gateway.rooms(), gateway.recordings()]);
  const isShown = (id: string) => only.length === 0 || only.includes(id);
  const open = listed.items.filter(({ room }) => isShown(room));
  const recordings = known
    .filter(({ room }) => isShown(room))
    .sort((a, b) => ((a.startedAt ?? "~") < (b.startedAt ?? "~") ? 1 : -1));
  const of = (id: string) => recordings.filter(({ room, endedAt }) => room === id && endedAt === undefined);
  const waiting = [...open.entries()];
  const rooms: ShownRoom[] = only
    .filter((id) => !open.some(({ room }) => room === id))
    .map((id) => ({ id, name: id.replace(/^[^:]*:/, ""), participants: [], recordings: of(id) }));
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [, room] = next;
      const participants = await gateway
        .participants(room.room)
        .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
      rooms.push({ id: room.room, name: room.name, room, participants, recordings: of(room.room) });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  rooms.sort((a, b) => (a.id < b.id ? -1 : 1));
  return { rooms, recordings, more: listed.more };
}

/** The rooms, who is in them, and a way into each. */
export function Rooms({
  gateway,
  shown,
  onJoined,
}: {
  gateway: Gateway;
  shown: Shown | undefined;
  onJoined: (joined: Joined) => void;
}) {
  const [asked, setAsked] = useState<ShownRoom>();
  const count = useRef(1);
  return (
    <section aria-labelledby="rooms">
      <h2 id="rooms">Rooms</h2>
      {shown === undefined && <p>Reading …</p>}
      {shown?.rooms.length === 0 && <p>No room is open.</p>}
      <ul className="cards">
        {shown?.rooms.map((room) => (
          <RoomCard key={room.id} shown={room} onAsk={() => setAsked(room)} />
        ))}
      </ul>
      {shown?.more && <p>There are more rooms than this page shows.</p>}
      {asked && (
        <JoinDialog
          gateway={gateway}
          room={asked}
          suggestion={`guest-${count.current}`}
          onClose={() => setAsked(undefined)}
          onJoined={(joined) => {
            count.current += 1;
            setAsked(undefined);
            onJoined(joined);
          }}
        />
      )}
    </section>
  );
}

function RoomCard({ shown, onAsk }: { shown: ShownRoom; onAsk: () => void }) {
  const { id, name, room, participants, recordings } = shown;
  return (
    <li>
      <article aria-label={name}>
        <header>
          <h3>
            <Foreign text={name} />
          </h3>
          <Badge state={room?.state ?? "closed"} />
          {recordings.map(({ recording, status }) => (
            <span key={recording}>
              recording <Badge state={status} />
            </span>
          ))}
        </header>
        <p className="about">
          <Foreign text={id} />
          {room === undefined ? " · opens again with the next join" : about(room)}
        </p>
        <Participants participants={participants} />
        {id.startsWith("livekit") ? (
          <button type="button" onClick={onAsk} aria-label={`Join ${name}`}>
            Join
          </button>
        ) : (
          <p className="about">This page joins rooms of LiveKit only.</p>
        )}
      </article>
    </li>
  );
}

/** The settings of a room that are of interest while it is open. */
function about({ maxParticipants, departureTimeoutSeconds: timeout }: Room): string {
  const most = maxParticipants === null ? "" : ` · at most ${maxParticipants} participants`;
  const closes =
    timeout === null || timeout > MAX_TIMEOUT
      ? ""
      : ` · closes ${timeout} s after the last participant has left`;
  return most + closes;
}

function Participants({ participants }: { participants: Participant[] | string }) {
  if (typeof participants === "string")
    return (
      <p className="failure">
        <Foreign text={participants} />
      </p>
    );
  if (participants.length === 0) return <p className="about">No participants.</p>;
  return (
    <ul className="participants" aria-label="Participants">
      {participants.map(({ identity, displayName, joinedAt }) => (
        <li key={identity}>
          <Foreign text={identity} />
          {displayName !== undefined && displayName !== identity && (
            <>
              {" "}
              (<Foreign text={displayName} />)
            </>
          )}
          {joinedAt !== null && (
            <span className="about">
              {" "}
              since <Time at={joinedAt} />
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
