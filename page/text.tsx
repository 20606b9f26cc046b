import { oneLine } from "../src/contract/printable";
import type { Problem } from "./gateway";

/** A text of a vendor, a participant or a user: shown as it is, with every character that is not visible made visible. */
export function Foreign({ text }: { text: string }) {
  return <bdi>{oneLine(text)}</bdi>;
}

/** Why something is not there or not current. */
export function Failure({ problem }: { problem: Problem | undefined }) {
  if (problem === undefined) return null;
  return (
    <p className="failure" role="alert">
      <Foreign text={problem.message} />
    </p>
  );
}

/** A state in a word, in a colour of its kind. */
export function Badge({ state }: { state: string }) {
  const kinds: Record<string, string> = {
    ...{ open: "good", active: "live", complete: "good", ok: "good", starting: "waiting", ending: "waiting" },
    ...{ failed: "bad", aborted: "bad", limit_reached: "bad" },
  };
  return <span className={`badge ${kinds[state] ?? "plain"}`}>{state.replaceAll("_", " ")}</span>;
}

/** A time of day, with the date in a tooltip and for machines. */
export function Time({ at }: { at: string }) {
  const date = new Date(at);
  return (
    <time dateTime={at} title={date.toLocaleString()}>
      {date.toLocaleTimeString()}
    </time>
  );
}
