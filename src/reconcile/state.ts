import type { z } from "zod";
import { RtcError } from "../contract";
import type { Properties } from "./lifecycle";

/**
 * Reads outputs of a shape. Rejects a state that a newer package has written: fields may have another meaning, and
 * unknown ones would be lost.
 *
 * Migrations of older shapes, with their `schemaVersion`, belong here. No version has needed one so far.
 *
 * @param newest the schema version that this package writes
 * @throws UNSUPPORTED for a newer one
 */
export function readState<T extends z.ZodType>(
  shape: T,
  newest: number,
  id: string,
  props: Properties,
): z.infer<T> {
  const { schemaVersion } = props;
  if (typeof schemaVersion === "number" && schemaVersion > newest) {
    throw new RtcError(
      "UNSUPPORTED",
      `the state of ${id} was written by a newer version of pulumi-rtc (its schema version is ${schemaVersion}, this one supports up to ${newest}); nothing was touched. Upgrade the package: npm install pulumi-rtc@latest`,
    );
  }
  const state = shape.safeParse(clean(props));
  if (state.success) return state.data;
  const where = state.error.issues.map(({ path }) => path.join(".")).join(", ");
  throw new RtcError(
    "INTERNAL",
    `the state of ${id} is not of a shape that this version of pulumi-rtc supports (${where})`,
  );
}

/** Without undefined and null: the engine's wire format fails on the one and drops the other. */
export function clean<T extends object>(value: T): Properties {
  return Object.fromEntries(
    Object.entries(value).filter(([, entry]) => entry !== undefined && entry !== null),
  );
}

/** What the engine passes in a preview for a value that is not known yet: `pulumi.runtime.unknownValue`. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether a value is, or holds somewhere, one that is not known yet. */
export function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(hasUnknown);
}

/** The properties that are known as a whole. */
export function knownOf(inputs: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(inputs).filter(([, value]) => !hasUnknown(value)));
}
