import { distance } from "fastest-levenshtein";
import { z } from "zod";
import { excessIn } from "./bounds";
import { type Issue, invalid, MOST_ISSUES, type Problem } from "./errors";

/** A longer name is no misspelling, and is cut in messages. */
const LONGEST_NAME = 128;

/** A shorter name is not taken for the beginning of a known one. */
const SHORTEST_START = 6;

/**
 * The known name nearest to a misspelt one, if one is near enough to be meant: spelt in another case, with hyphens or
 * underscores, or only begun.
 *
 * @example nearest("output_uri", ["room", "outputUri"]) // "outputUri"
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (name.length > LONGEST_NAME) return undefined;
  const written = withoutCase(name);
  const ranked = known.map((candidate) => {
    const whole = withoutCase(candidate);
    const isBegun = written.length >= SHORTEST_START && whole.startsWith(written);
    return { candidate, steps: isBegun && whole !== written ? 1 : distance(written, whole) };
  });
  const best = ranked.sort((a, b) => a.steps - b.steps)[0];
  return best && best.steps <= Math.max(2, Math.floor(written.length / 3)) ? best.candidate : undefined;
}

/** The same text for `max_participants`, `max-participants` and `maxParticipants`. */
function withoutCase(name: string): string {
  return name.replaceAll(/[_-]/g, "").toLowerCase();
}

/** `; did you mean <name>?` for a misspelt name, where it is known which was meant. */
export function suggestion(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  return meant === undefined ? "" : `; did you mean ${meant}?`;
}

/** A zod path as users write it: `rooms.standup.tags[0]`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? shortKey(key) : `${text}.${shortKey(key)}`;
  }, "");
}

/** A key of a path for a message. */
export function shortKey(key: PropertyKey): string {
  const name = String(key);
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name;
}

/** The keys that the object schema at a path has. */
function knownKeys(schema: unknown, path: readonly PropertyKey[]): string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return knownKeys(schema.unwrap(), path);
  const [key, ...rest] = path;
  if (schema instanceof z.ZodRecord && key !== undefined) return knownKeys(schema.valueType, rest);
  if (!(schema instanceof z.ZodObject)) return [];
  return key === undefined ? Object.keys(schema.shape) : knownKeys(schema.shape[String(key)], rest);
}

/** What is wrong with a key that is not known: the name that was probably meant. Not of those that no error lists. */
export function unknownKey(key: string, known: readonly string[], index: number): string {
  return `is not known${index < MOST_ISSUES ? suggestion(key, known) : ""}`;
}

/** All problems that a schema has found: unknown keys one by one, with the name that was probably meant. Never a value. */
export function problemsOf(schema: z.ZodType, { issues }: z.ZodError): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    if (issue.code !== "unrecognized_keys") return [{ path: issue.path, message: issue.message }];
    const known = knownKeys(schema, issue.path);
    return issue.keys.map((key, index) => {
      return { path: [...issue.path, key], message: unknownKey(key, known, index), unknownKey: true };
    });
  });
}

/** The problems of a value. */
export function problemsIn(schema: z.ZodType, value: unknown): Problem[] {
  const result = schema.safeParse(value);
  return result.success ? [] : problemsOf(schema, result.error);
}

/** {@link problemsIn} with the paths as users write them. */
export function problems(schema: z.ZodType, value: unknown): Issue[] {
  return problemsIn(schema, value).map(withPath);
}

function withPath({ path, message }: Problem): Issue {
  return { path: formatPath(path), message };
}

/** The parsed value, or an INVALID_ARGUMENT that lists its problems without printing a value. */
export function parse<T extends z.ZodType>(schema: T, value: unknown, what: string): z.infer<T> {
  const excess = excessIn(value);
  if (excess !== undefined) throw invalid(what, [{ path: "", message: excess }]);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalid(what, problemsOf(schema, result.error).map(withPath));
}
