import pc from "picocolors";
import { RtcError } from "../contract/errors";
import { EXIT, type ExitCode, exitCodeOf } from "./exit-codes";

/** Where a command writes: data to stdout, all else to stderr. */
export interface Io {
  /** The command's result: as JSON with `--json`, else as the text. */
  result(data: unknown, text: () => string): void;
  /** Progress and remarks, which no script reads. */
  note(text: string): void;
  warn(text: string): void;
}

/** An {@link Io} on this process's own streams. */
export function processIo(json: boolean): Io {
  return {
    result: (data, text) => void process.stdout.write(`${json ? JSON.stringify(data, null, 2) : text()}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
    warn: (text) => void process.stderr.write(`${coloured(pc.yellow, "warning:")} ${text}\n`),
  };
}

/** Tells an error as a person reads it, and with which code to exit. A script finds the code first. */
export function told(error: unknown, json: boolean): ExitCode {
  if (!RtcError.isInstance(error)) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${coloured(pc.red, "INTERNAL:")} ${message}\n`);
    return EXIT.failed;
  }
  const { code, message, vendor, operation, issues, retryable, retryAfterSeconds } = error;
  if (json) {
    const body = { code, message, vendor, operation, issues, retryable, retryAfterSeconds };
    process.stderr.write(`${JSON.stringify({ error: body }, null, 2)}\n`);
  } else {
    process.stderr.write(`${coloured(pc.red, `${code}:`)} ${message}\n`);
  }
  return exitCodeOf(code);
}

/** Progress goes to stderr, so that is the terminal that counts. */
function coloured(colour: (text: string) => string, text: string): string {
  return process.stderr.isTTY && !process.env["NO_COLOR"] ? colour(text) : text;
}
