import { type ErrorCode, meaningOf } from "../contract/error-codes";

/** What a command's exit code says; all others are Pulumi's own. */
export const EXIT = {
  done: 0,
  /** Something that no other code names. */
  failed: 1,
  /** The command line, the manifest or the configuration is wrong: nothing was touched. */
  usage: 2,
  /** A vendor, or Pulumi's backend, refused the credentials. */
  authentication: 3,
  /** At least one resource failed; the others were carried on with. */
  resource: 4,
  /** There is no such stack; Pulumi's own code for it. */
  noStack: 6,
  /** There are changes or there is drift, and the command was asked to tell. */
  changes: 7,
  /** SIGINT or SIGTERM has stopped it; Pulumi's own code for it. */
  interrupted: 8,
} as const;

/** An exit code. */
export type ExitCode = number;

/** The exit code for an error of ours. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  return EXIT[meaningOf(code).exit];
}
