import type { z } from "zod";
import { RtcError } from "../contract";
import type { Properties } from "./context";

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
      `the state of ${id} was written by a newer version of pulumi-rtc (its schema version is ${schemaVersion}, this one knows up to ${newest}); nothing was touched. Upgrade the package: npm install pulumi-rtc@latest`,
    );
  }
  const state = shape.safeParse(clean(props));
  if (state.success) return state.data;
  const where = state.error.issues.map(({ path }) => path.join(".")).join(", ");
  throw new RtcError(
    "INTERNAL",
    `the state of ${id} is not of a shape that this version of pulumi-rtc knows (${where})`,
  );
}

/** Without undefined and null: the engine's wire format fails on the one and drops the other. */
export function clean<T extends object>(value: T): Properties {
  return Object.fromEntries(
    Object.entries(value).filter(([, entry]) => entry !== undefined && entry !== null),
  );
}
