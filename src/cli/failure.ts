import type { ExitCode } from "./exit-codes";

/** Why a command stops, where no error of the contract says it: with its own exit code, and no stack. */
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
