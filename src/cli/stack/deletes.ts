import { EXIT } from "../exit-codes";
import { Failure } from "../failure";
import type { Step } from "./engine-events";

/** From how many resources on a stack is guarded against losing many. */
const GUARDED_FROM = 10;
/** How much of it may go unasked. */
const SHARE = 0.3;
const NAMED = 10;

/** What may be deleted. */
export interface DeletesAllowed {
  /** At most so many, in a stack of any size. */
  maxDeletes?: number | undefined;
  /** As many as it comes to. */
  force?: boolean | undefined;
}

/** How many deletes of a stack's resources are fine; undefined: any number. */
export function mostDeletes(resources: number, { maxDeletes, force }: DeletesAllowed): number | undefined {
  if (force) return undefined;
  if (maxDeletes !== undefined) return maxDeletes;
  return resources < GUARDED_FROM ? undefined : Math.floor(resources * SHARE);
}

/**
 * Refuses a preview that deletes more than is allowed.
 *
 * @throws TOO_MANY_DELETES with the names, and how to allow it
 */
export function guardDeletes(steps: readonly Step[], resources: number, most: number | undefined): void {
  const deleted = steps.filter(({ op }) => op === "delete").map(({ kind, name }) => `${kind} ${name}`);
  if (most === undefined || deleted.length <= most) return;
  const more = deleted.length - NAMED;
  const names = deleted.slice(0, NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
  throw new Failure(
    "TOO_MANY_DELETES",
    `this would delete ${deleted.length} of the stack's ${resources} rooms and recordings, and at most ${most} may go unasked: ${names}. Nothing was touched. If that is meant, add --max-deletes ${deleted.length}, or --force`,
    EXIT.usage,
  );
}
