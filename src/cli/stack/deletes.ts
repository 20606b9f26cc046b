import { EXIT } from "../exit-codes";
import { Failure } from "../failure";
import type { Step } from "./engine-events";

/** The size from which a stack has a default limit of deletes. */
const GUARDED_FROM = 10;
/** The default limit as a share of its resources. */
const SHARE = 0.3;
const NAMED = 10;

/** The limit of deletes. */
export interface DeletesAllowed {
  /** The limit, in a stack of any size. */
  maxDeletes?: number | undefined;
  /** No limit. */
  force?: boolean | undefined;
}

/** The limit of deletes of a stack; undefined: none. */
export function mostDeletes(resources: number, { maxDeletes, force }: DeletesAllowed): number | undefined {
  if (force) return undefined;
  if (maxDeletes !== undefined) return maxDeletes;
  return resources < GUARDED_FROM ? undefined : Math.floor(resources * SHARE);
}

/**
 * Rejects a preview with more deletes than the limit.
 *
 * @throws TOO_MANY_DELETES with the names, and how to allow it
 */
export function guardDeletes(steps: readonly Step[], resources: number, most: number | undefined): void {
  const message = tooManyDeletes(steps, resources, most);
  if (message !== undefined)
    throw new Failure("TOO_MANY_DELETES", `${message}. Nothing was touched`, EXIT.usage);
}

/** Why a preview with more deletes than the limit is rejected. */
export function tooManyDeletes(
  steps: readonly Step[],
  resources: number,
  most: number | undefined,
): string | undefined {
  const deleted = steps.filter(({ op }) => op === "delete").map(({ kind, name }) => `${kind} ${name}`);
  if (most === undefined || deleted.length <= most) return undefined;
  const more = deleted.length - NAMED;
  const names = deleted.slice(0, NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
  return `this would delete ${deleted.length} of the stack's ${resources} rooms and recordings, and the limit is ${most}: ${names}. To delete them, add --max-deletes ${deleted.length}, or --force`;
}
