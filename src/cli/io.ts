import pc from "picocolors";
import { messageOf, RtcError } from "../contract/errors";
import { oneLine, printable } from "../contract/printable";
import { EXIT, type ExitCode, exitCodeOf } from "./exit-codes";
import { Failure } from "./failure";

/**
 * Where a command writes: data to stdout, all else to stderr. No text of others reaches the terminal as anything but text;
 * what may hold a line break of theirs passes {@link oneLine} before it becomes a part of a text of several lines.
 */
export interface Io {
  /** The command's result: exactly as JSON with `--json`, else as the text. */
  result(data: unknown, text: () => string): void;
  /** The result as JSON, in a line of its own where many follow each other. */
  data(data: unknown, line?: boolean): void;
  /** Progress and remarks of one line, which no script reads. */
  note(text: string): void;
  /** A piece of the engine's progress, with its line ends and its colours. */
  stream(text: string): void;
  warn(text: string): void;
}

/** An {@link Io} on this process's own streams. */
export function processIo(json: boolean): Io {
  const data = (value: unknown, line = false) =>
    void process.stdout.write(`${line ? JSON.stringify(value) : JSON.stringify(value, null, 2)}\n`);
  return {
    data,
    result: (value, text) => (json ? data(value) : void process.stdout.write(`${printable(text())}\n`)),
    note: (text) => void process.stderr.write(`${oneLine(text)}\n`),
    stream: (text) => void process.stderr.write(coloursAlone(text)),
    warn: (text) => void process.stderr.write(`${coloured(pc.yellow, "warning:")} ${printable(text)}\n`),
  };
}

/** Whether progress is for a terminal that shows colours. */
export function isColoured(): boolean {
  return process.stderr.isTTY === true && !process.env["NO_COLOR"];
}

/** Tells an error as a person reads it, and with which code to exit. A script finds the code first. */
export function told(error: unknown, json: boolean): ExitCode {
  if (error instanceof Failure) {
    failed({ code: error.code, message: error.message }, printable(error.message), json);
    return error.exit;
  }
  if (!RtcError.isInstance(error)) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${coloured(pc.red, "INTERNAL:")} ${printable(message)}\n`);
    return EXIT.failed;
  }
  const { code, message, vendor, operation, issues, retryable, retryAfterSeconds } = error;
  const details = { code, message, vendor, operation, issues, retryable, retryAfterSeconds };
  failed(details, messageOf(error), json);
  return exitCodeOf(code);
}

function failed(
  error: Partial<RtcError> | { code: string; message: string },
  text: string,
  json: boolean,
): void {
  process.stderr.write(
    json ? `${JSON.stringify({ error }, null, 2)}\n` : `${coloured(pc.red, `${error.code}:`)} ${text}\n`,
  );
}

/** The engine's colours stay; whatever else a terminal would obey comes from a program or a vendor. */
function coloursAlone(text: string): string {
  return text
    .split(COLOUR)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join("");
}

/** A sequence that sets the colour or the weight of letters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what such a sequence begins with
const COLOUR = /(\u001b\[[\d;]*m)/;

/** Progress goes to stderr, so that is the terminal that counts. */
function coloured(colour: (text: string) => string, text: string): string {
  return isColoured() ? colour(text) : text;
}
