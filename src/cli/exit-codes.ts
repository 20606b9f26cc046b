import { type ErrorCode, meaningOf } from "../contract/errors";

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

/** A failure of a command without an error of the contract, with its exit code. */
export class Failure extends Error {
  constructor(
    /** Stable, for scripts: LOCKED, TOO_MANY_DELETES, NO_STACK, PULUMI, DECLINED, INTERRUPTED. */
    readonly code: string,
    message: string,
    readonly exit: ExitCode,
  ) {
    super(message);
  }
}

/** A failure because another run has locked the stack. */
export class Locked extends Failure {
  /** ` (created by ann@build (pid 12) at …)`, where the backend reports it. */
  readonly ownedBy: string;

  constructor(
    private readonly owner: string | undefined,
    private readonly unlock: string,
    exit: ExitCode,
    /** How many seconds were waited. */
    waited?: number,
  ) {
    const ownedBy = owner === undefined ? "" : ` (${owner})`;
    const advice =
      waited === undefined
        ? ": wait for it, and run this again, or add --wait 5m"
        : `, also after a wait of ${waited} s: run this again when it has ended, or wait longer`;
    const message = `another run is in progress on this stack${ownedBy}${advice}. If that run was killed, remove its lock with "${unlock}"`;
    super("LOCKED", message, exit);
    this.ownedBy = ownedBy;
  }

  /** The failure of a command that has waited. */
  after(seconds: number): Locked {
    return new Locked(this.owner, this.unlock, this.exit, seconds);
  }
}
