import { type ErrorCode, meaningOf } from "../contract/error-codes";

/** The exit codes of commands; all others are Pulumi's. */
export const EXIT = {
  done: 0,
  /** Any other failure. */
  failed: 1,
  /** The command line, the manifest or the configuration is wrong: nothing was touched. */
  usage: 2,
  /** A vendor, or Pulumi's backend, rejected the credentials. */
  authentication: 3,
  /** At least one resource failed; the others were processed. */
  resource: 4,
  /** There is no such stack; Pulumi's own code for it. */
  noStack: 6,
  /** There are changes or drift, which the command reports. */
  changes: 7,
  /** `up` would reject some of what a preview shows. */
  rejected: 10,
  /** Stopped by SIGINT or SIGTERM; Pulumi's own code for it. */
  interrupted: 8,
} as const;

/** An exit code. */
export type ExitCode = number;

/** The exit code for an error of ours. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  return EXIT[meaningOf(code).exit];
}
