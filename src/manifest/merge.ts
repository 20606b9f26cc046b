import { MOST_ISSUES, type Problem, suggestion } from "../contract";

/** Keys whose values are replaced as a whole. */
const WHOLE: ReadonlySet<string> = new Set(["metadata"]);

/**
 * Merges an overlay into a base: objects are merged key by key, and the overlay takes precedence; anything else, and
 * `metadata`, is replaced as a whole; `null` removes a key of the base.
 */
export function merge(base: unknown, overlay: unknown): unknown {
  if (!isObject(base) || !isObject(overlay)) return overlay;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(overlay)) {
    if (value === null) delete merged[key];
    else merged[key] = key in base && !WHOLE.has(key) && base[key] !== null ? merge(base[key], value) : value;
  }
  return merged;
}

/** The nulls of an overlay that remove nothing, probably because of a misspelt name. */
export function unusedNulls(base: unknown, overlay: unknown, path: string[] = []): Problem[] {
  if (!isObject(overlay)) return [];
  const known = isObject(base) ? base : {};
  return Object.entries(overlay).flatMap(([key, value], index): Problem[] => {
    if (value === null) {
      if (Object.hasOwn(known, key)) return [];
      // A suggestion compares with every name: only the problems that are listed have one.
      const meant = index < MOST_ISSUES ? suggestion(key, Object.keys(known)) : "";
      const message = `is not in the manifest below, so there is nothing to remove${meant}`;
      return [{ path: [...path, key], message, unknownKey: true }];
    }
    return WHOLE.has(key) ? [] : unusedNulls(known[key], value, [...path, key]);
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
