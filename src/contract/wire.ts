/**
 * How the contract is serialized over REST: fields in snake_case and `Seconds` as `_s`, and nothing else differs. What
 * stands inside `metadata` is the user's and stays as it is.
 */

/** Fields whose value is never renamed. */
const OPAQUE = "metadata";
/** A longer name is no field of the contract, and is not worth the time and memory of renaming. */
const LONGEST_FIELD = 64;
/** More names than all fields of the contract. */
const MOST_REMEMBERED = 1_000;

/**
 * The name of a field over REST.
 *
 * @example wireName("ttlSeconds") // "ttl_s"
 */
export const wireName = remembered((field) =>
  field.replace(/Seconds$/, "S").replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
);

/**
 * The name of a REST field in TypeScript and YAML.
 *
 * @example fieldName("ttl_s") // "ttlSeconds"
 */
export const fieldName = remembered((wire) =>
  wire.replace(/_s$/, "_seconds").replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
);

/** A renaming whose answers are kept: a list of rooms has the same fields in each. Others may send any number of names. */
function remembered(rename: (name: string) => string): (name: string) => string {
  const known = new Map<string, string>();
  return (name) => {
    if (name.length > LONGEST_FIELD) return name;
    const found = known.get(name);
    if (found !== undefined) return found;
    const renamed = rename(name);
    if (known.size < MOST_REMEMBERED) known.set(name, renamed);
    return renamed;
  };
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
  const fields: [string, unknown][] = [];
  for (const [key, entry] of Object.entries(value))
    if (entry !== undefined) fields.push([name(key), key === OPAQUE ? entry : renamed(entry, name)]);
  return Object.fromEntries(fields);
}
