import pc from "picocolors";
import { RtcError } from "../contract/errors";
import { EXIT, type ExitCode, exitCodeOf } from "./exit-codes";
import { Failure } from "./failure";

/** Where a command writes: data to stdout, all else to stderr. */
export interface Io {
  /** The command's result: as JSON with `--json`, else as the text. */
  result(data: unknown, text: () => string): void;
  /** The result as JSON, in a line of its own where many follow each other. */
  data(data: unknown, line?: boolean): void;
  /** Progress and remarks, which no script reads. */
  note(text: string): void;
  /** A piece of progress that comes with its own line ends. */
  stream(text: string): void;
  warn(text: string): void;
}

/** An {@link Io} on this process's own streams. */
export function processIo(json: boolean): Io {
  const data = (value: unknown, line = false) =>
    void process.stdout.write(`${line ? JSON.stringify(value) : JSON.stringify(value, null, 2)}\n`);
  return {
    data,
    result: (value, text) => (json ? data(value) : void process.stdout.write(`${text()}\n`)),
    note: (text) => void process.stderr.write(`${text}\n`),
    stream: (text) => void process.stderr.write(text),
    warn: (text) => void process.stderr.write(`${coloured(pc.yellow, "warning:")} ${text}\n`),
  };
}

/** Whether progress is for a terminal that shows colours. */
export function isColoured(): boolean {
  return process.stderr.isTTY === true && !process.env["NO_COLOR"];
}

/** Tells an error as a person reads it, and with which code to exit. A script finds the code first. */
export function told(error: unknown, json: boolean): ExitCode {
  if (error instanceof Failure) {
    failed({ code: error.code, message: error.message }, json);
    return error.exit;
  }
  if (!RtcError.isInstance(error)) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${coloured(pc.red, "INTERNAL:")} ${message}\n`);
    return EXIT.failed;
  }
  const { code, message, vendor, operation, issues, retryable, retryAfterSeconds } = error;
  failed({ code, message, vendor, operation, issues, retryable, retryAfterSeconds }, json);
  return exitCodeOf(code);
}

function failed(error: Partial<RtcError> | { code: string; message: string }, json: boolean): void {
  process.stderr.write(
    json
      ? `${JSON.stringify({ error }, null, 2)}\n`
      : `${coloured(pc.red, `${error.code}:`)} ${error.message}\n`,
  );
}

/** Progress goes to stderr, so that is the terminal that counts. */
function coloured(colour: (text: string) => string, text: string): string {
  return isColoured() ? colour(text) : text;
}
