import { stripVTControlCharacters } from "node:util";
import type { Io } from "../io";

/** A line of an exception's stack, or of the program that a failed resource has ended. */
const STACK = /^\s+at .+[:)]\d*|failed to register$/;
/** The first line of a message below the name of its resource. */
const MESSAGE = /^ {4}(error|warning|info|debug): /;

/**
 * Writes the engine's progress line by line, without stacks, and without errors: it prints each up to four times, and the
 * command's own result once, on the row of its resource.
 *
 * @param isInterrupted whether the command ends without such a result, so that errors stay
 */
export function filterNoise(stream: Io["stream"], isInterrupted: () => boolean): (text: string) => void {
  let rest = "";
  let isInDiagnostics = false;
  let isInError = false;
  /** Headings that are written with the first line below them. */
  let headings: string[] = [];
  const write = (line: string) => {
    for (const one of [...headings, line]) stream(`${one}\n`);
    headings = [];
  };
  const show = (line: string) => {
    const plain = stripVTControlCharacters(line);
    if (STACK.test(plain)) return;
    if (isInterrupted()) return write(line);
    if (isInDiagnostics && /^\S/.test(plain)) {
      isInDiagnostics = false;
      headings = [];
    }
    if (plain === "Diagnostics:") {
      isInDiagnostics = true;
      headings = [line];
    } else if (!isInDiagnostics) write(withoutError(line));
    else if (/^ {2}\S/.test(plain)) headings = [...headings.slice(0, 1), line];
    else if (plain !== "") {
      const [, severity] = MESSAGE.exec(plain) ?? [];
      isInError = severity === undefined ? isInError : severity === "error";
      if (!isInError) write(line);
    }
  };
  return (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) show(line);
  };
}

/** A row of progress without the error at its end, nor what leads to it: `; error: …` or ` running error: …`. */
function withoutError(row: string): string {
  const at = row.indexOf("error: ");
  const before = at === -1 ? "" : stripVTControlCharacters(row.slice(0, at)).trimEnd();
  const lead = [";", " running"].find((one) => before.endsWith(one));
  return lead === undefined ? row : row.slice(0, row.lastIndexOf(lead, at));
}
