import pc from "picocolors";
import { messageOf, RtcError } from "../contract/errors";
import { escapedJson, oneLine, printable } from "../contract/printable";
import { EXIT, type ExitCode, exitCodeOf, Failure } from "./exit-codes";

/**
 * The output of a command: data to stdout, all else to stderr. Control characters in text of others are escaped. Text that
 * may contain a line break passes {@link oneLine} before it becomes a part of several lines.
 */
export interface Io {
  /** The command's result: as JSON with `--json`, else as text. */
  result(data: unknown, text: () => string): void;
  /** The result as JSON, in one line where several follow each other. */
  data(data: unknown, line?: boolean): void;
  /** Lines for another program, on stdout. */
  lines(lines: readonly string[]): void;
  /** Progress and remarks of one line. */
  note(text: string): void;
  /** A chunk of the engine's progress, with its line ends and colours. */
  stream(text: string): void;
  warn(text: string): void;
}

/** An {@link Io} on this process's own streams. */
export function processIo(json: boolean): Io {
  const data = (value: unknown, line = false) =>
    void process.stdout.write(`${escapedJson(JSON.stringify(value, null, line ? undefined : 2))}\n`);
  return {
    data,
    result: (value, text) => (json ? data(value) : void process.stdout.write(`${printable(text())}\n`)),
    lines: (lines) => {
      for (const line of lines) process.stdout.write(`${oneLine(line)}\n`);
    },
    note: (text) => void process.stderr.write(`${oneLine(text)}\n`),
    stream: (text) => void process.stderr.write(escapeControls(text)),
    warn: (text) => void process.stderr.write(`${coloured(pc.yellow, "warning:")} ${oneLine(text)}\n`),
  };
}

/**
 * Lets the command go on when its output can no longer be written. Where the output is no longer read, as behind `| head`, the rest is
 * dropped: a run that has begun comes to its end, and its exit code counts. Output that was lost otherwise, as on a full disk,
 * makes a successful command exit with {@link EXIT.failed}.
 *
 * Without this the error is an uncaught one, and Node, or the SDK during a run of the engine, writes it to the same stream.
 */
export function surviveLostOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", ({ code }: NodeJS.ErrnoException) => {
      if (code === "EPIPE") return;
      process.once("exit", () => {
        process.exitCode ||= EXIT.failed;
      });
    });
  }
}

/** Whether progress is for a terminal that shows colours. */
export function isColoured(): boolean {
  return process.stderr.isTTY === true && !process.env["NO_COLOR"];
}

/** Writes an error to stderr, and returns its exit code. */
export function reportError(error: unknown, json: boolean): ExitCode {
  if (error instanceof Failure) {
    writeError({ code: error.code, message: error.message }, printable(error.message), json);
    return error.exit;
  }
  if (!RtcError.isInstance(error)) {
    const message = error instanceof Error ? error.message : String(error);
    writeError({ code: "INTERNAL", message }, printable(message), json);
    return EXIT.failed;
  }
  const { code, message, vendor, operation, issues, retryable, retryAfterSeconds } = error;
  const details = { code, message, vendor, operation, issues, retryable, retryAfterSeconds };
  writeError(details, messageOf(error), json);
  return exitCodeOf(code);
}

function writeError(
  error: Partial<RtcError> | { code: string; message: string },
  text: string,
  json: boolean,
): void {
  process.stderr.write(
    json
      ? `${escapedJson(JSON.stringify({ error }, null, 2))}\n`
      : `${coloured(pc.red, `${error.code}:`)} ${text}\n`,
  );
}

/** Escapes control characters of a program or a vendor, and keeps the engine's colours. */
function escapeControls(text: string): string {
  return text
    .split(COLOUR)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join("");
}

/** A sequence that sets the colour or the weight of letters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what such a sequence begins with
const COLOUR = /(\u001b\[[\d;]*m)/;

/** Colours text for stderr, where progress goes. */
function coloured(colour: (text: string) => string, text: string): string {
  return isColoured() ? colour(text) : text;
}
