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

/** The paths of the nulls of an overlay that remove nothing, probably because of a misspelt name. */
export function unusedNulls(base: unknown, overlay: unknown, path: string[] = []): string[][] {
  if (!isObject(overlay)) return [];
  const known = isObject(base) ? base : {};
  return Object.entries(overlay).flatMap(([key, value]) => {
    if (value === null) return Object.hasOwn(known, key) ? [] : [[...path, key]];
    return WHOLE.has(key) ? [] : unusedNulls(known[key], value, [...path, key]);
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
