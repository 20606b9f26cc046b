/**
 * How the contract is serialized over REST: fields in snake_case and `Seconds` as `_s`, and nothing else differs. What
 * stands inside `metadata` is the user's and stays as it is.
 */

/** Fields whose value is never renamed. */
const OPAQUE = "metadata";
/** A longer name is no field of the contract, and is not worth the time and memory of renaming. */
const LONGEST_FIELD = 64;

/**
 * The name of a field over REST.
 *
 * @example wireName("ttlSeconds") // "ttl_s"
 */
export function wireName(field: string): string {
  if (field.length > LONGEST_FIELD) return field;
  return field.replace(/Seconds$/, "S").replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * The name of a REST field in TypeScript and YAML.
 *
 * @example fieldName("ttl_s") // "ttlSeconds"
 */
export function fieldName(wire: string): string {
  if (wire.length > LONGEST_FIELD) return wire;
  return wire.replace(/_s$/, "_seconds").replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** A record or an input with the field names of REST, at any depth; what is undefined is left out. */
export function toWire(value: unknown): unknown {
  return renamed(value, wireName);
}

/** What REST has brought, as TypeScript spells it, at any depth. It is still unknown data: parse it. */
export function fromWire(value: unknown): unknown {
  return renamed(value, fieldName);
}

function renamed(value: unknown, name: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((entry) => renamed(entry, name));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, entry]) => entry !== undefined)
      .map(([key, entry]) => [name(key), key === OPAQUE ? entry : renamed(entry, name)]),
  );
}
