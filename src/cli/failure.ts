import type { ExitCode } from "./exit-codes";

/** A failure of a command without an error of the contract, with its exit code. */
export class Failure extends Error {
  constructor(
    /** Stable, for scripts: LOCKED, TOO_MANY_DELETES, NO_STACK, PULUMI, INTERRUPTED. */
    readonly code: string,
    message: string,
    readonly exit: ExitCode,
  ) {
    super(message);
  }
}
