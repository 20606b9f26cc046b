import type { ExitCode } from "./exit-codes";

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

  constructor(owner: string | undefined, unlock: string, exit: ExitCode) {
    const ownedBy = owner === undefined ? "" : ` (${owner})`;
    const message = `another run is in progress on this stack${ownedBy}: wait for it, and run this again, or add --wait 5m. If that run was killed, remove its lock with "${unlock}"`;
    super("LOCKED", message, exit);
    this.ownedBy = ownedBy;
  }
}
