import { formatIssue, messageOf, RtcError } from "../../contract/errors";
import { Failure } from "../exit-codes";
import type { Round } from "../stack/rounds";
import type { Woken } from "../stack/wakes";
import { countsText, errorLines } from "./report";

/** How many of several things a line names. */
const NAMED = 5;

/** A round of a watch, for its line. */
export interface ReportedRound {
  /** When it ended, milliseconds since 1970. */
  at: number;
  seconds: number;
  /** `acme/dev`, or what is known of it. */
  stack: string;
  /** Undefined for a polled round. */
  woken: Woken | undefined;
}

/**
 * A round as one line: time, stack, what differed, what was done, and how long it took.
 *
 * @example
 * // 2026-11-30T21:41:07Z acme/dev: room standup deleted: 1 created, 2 as they were (1.4 s, woken by room_finished)
 */
export function roundLine(about: ReportedRound, { result, differences }: Round): string {
  const what = differences.length === 0 ? "no difference" : listed(differences, ", ");
  const failures = result.errors.length === 0 ? "" : `: ${listed(errorLines(result.errors), "; ")}`;
  return lineOf(about, `${what}: ${countsText(result)}${failures}`);
}

/** A round that ended with an error, as one line with its code. */
export function failedRoundLine(about: ReportedRound, error: unknown, waitedSeconds: number): string {
  const { code, message } = errorOf(error);
  return `${lineOf(about, `failed with ${code}: ${message}`)}; trying again in ${Math.round(waitedSeconds)} s`;
}

/** The code and message of an error, in one line. */
export function errorOf(error: unknown): { code: string; message: string } {
  if (RtcError.isInstance(error)) {
    const issues = error.issues?.map(({ file, line, column, ...issue }) => {
      const where = file === undefined ? "" : `${file}:${line}:${column}: `;
      return where + formatIssue(issue);
    });
    return { code: error.code, message: issues ? listed(issues, "; ") : messageOf(error) };
  }
  const code = error instanceof Failure ? error.code : "INTERNAL";
  const message = error instanceof Error ? error.message : String(error);
  return {
    code,
    message: message
      .split("\n")
      .map((line) => line.trim())
      .join("; "),
  };
}

function lineOf({ at, seconds, stack, woken }: ReportedRound, text: string): string {
  const time = new Date(at).toISOString().replace(/\.\d+/, "");
  const events = woken === undefined ? "" : `, woken by ${[...new Set(woken.values())].join(", ")}`;
  return `${time} ${stack}: ${text} (${seconds.toFixed(1)} s${events})`;
}

function listed(items: readonly string[], separator: string): string {
  const more = items.length - NAMED;
  return items.slice(0, NAMED).join(separator) + (more > 0 ? `${separator}and ${more} more` : "");
}
