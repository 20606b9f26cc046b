import { printable } from "../../contract/printable";

/** The upper left corner; the rest of a line, or of the screen, is cleared behind what is written. */
const HOME = "\u001b[H";
const CLEAR_LINE = "\u001b[K";
const CLEAR_BELOW = "\u001b[J";
const CLEAR_ALL = "\u001b[2J";
/** A line that is longer than the terminal is wide is cut, so that each has one row. */
const CUT = "\u001b[?7l";
const WRAP = "\u001b[?7h";

/** Shows a text that changes: in place on a terminal, else as one block after the other. */
export interface Display {
  /** Shows a text of lines, if it differs from the one that is shown. */
  show(text: string): void;
  /** Leaves the terminal as it was found, with the last text on it. */
  close(): void;
}

/** A {@link Display} on a stream. Lines that the terminal has no rows for are counted in its last one. */
export function displayOn(
  stream: Pick<NodeJS.WriteStream, "write"> & { isTTY?: boolean; rows?: number },
): Display {
  let shown: string | undefined;
  return {
    show: (text) => {
      if (text === shown) return;
      const isFirst = shown === undefined;
      shown = text;
      const lines = printable(text).split("\n");
      if (!stream.isTTY) return void stream.write(`${isFirst ? "" : "\n"}${lines.join("\n")}\n`);
      const fitting = rowsFor(lines, (stream.rows || 24) - 1);
      const body = fitting.map((line) => `${line}${CLEAR_LINE}\n`).join("");
      stream.write(`${isFirst ? CLEAR_ALL : ""}${CUT}${HOME}${body}${CLEAR_BELOW}${WRAP}`);
    },
    close: () => {
      if (stream.isTTY) stream.write(WRAP);
    },
  };
}

function rowsFor(lines: readonly string[], rows: number): string[] {
  if (lines.length <= rows) return [...lines];
  const most = Math.max(0, rows - 1);
  return [...lines.slice(0, most), `(${lines.length - most} more lines)`];
}
