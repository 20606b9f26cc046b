import { type FormEvent, useEffect, useRef, useState } from "react";
import { type Gateway, Problem, problemOf } from "./gateway";
import type { ShownRoom } from "./rooms";
import type { Joined } from "./session";
import { Failure, Foreign } from "./text";

/** Asks who joins a room, and with what. */
export function JoinDialog({
  gateway,
  room: { id, name, room },
  suggestion,
  onClose,
  onJoined,
}: {
  gateway: Gateway;
  room: ShownRoom;
  /** An identity. */
  suggestion: string;
  onClose: () => void;
  onJoined: (joined: Joined) => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [problem, setProblem] = useState<Problem>();
  useEffect(() => dialog.current?.showModal(), []);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const identity = String(given.get("identity"));
    try {
      const { token, serverUrl, warnings = [] } = await gateway.token(room ?? id, identity);
      if (serverUrl === undefined)
        throw new Problem("UNSUPPORTED", "the vendor's token names no server to connect to");
      const media = { audio: given.has("microphone"), video: given.has("camera") };
      onJoined({ id: crypto.randomUUID(), roomName: name, identity, token, serverUrl, warnings, ...media });
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  return (
    <dialog ref={dialog} aria-labelledby="join" onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <h2 id="join">
          Join <Foreign text={name} />
        </h2>
        <label htmlFor="identity">Identity</label>
        <input id="identity" name="identity" defaultValue={suggestion} maxLength={255} required />
        <label className="choice">
          <input type="checkbox" name="camera" /> Camera
        </label>
        <label className="choice">
          <input type="checkbox" name="microphone" /> Microphone
        </label>
        <p className="about">
          A second join with another identity adds a participant. A join with the same identity ends the
          first.
        </p>
        <Failure problem={problem} />
        <div className="buttons">
          <button type="submit">Join</button>
          <button type="button" className="quiet" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
        </div>
      </form>
    </dialog>
  );
}
