import { distance } from "fastest-levenshtein";
import { z } from "zod";
import { type Issue, invalid } from "./errors";

/** The known name nearest to a misspelt one, if one is near enough to be meant. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const ranked = known.map((candidate) => ({
    candidate,
    steps: distance(name.toLowerCase(), candidate.toLowerCase()),
  }));
  const best = ranked.sort((a, b) => a.steps - b.steps)[0];
  return best && best.steps <= Math.max(2, Math.floor(name.length / 3)) ? best.candidate : undefined;
}

/** A zod path as people write it: `rooms.standup.tags[0]`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? String(key) : `${text}.${String(key)}`;
  }, "");
}

/** The keys that the object schema at a path knows. */
function knownKeys(schema: unknown, path: readonly PropertyKey[]): string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return knownKeys(schema.unwrap(), path);
  const [key, ...rest] = path;
  if (schema instanceof z.ZodRecord && key !== undefined) return knownKeys(schema.valueType, rest);
  if (!(schema instanceof z.ZodObject)) return [];
  return key === undefined ? Object.keys(schema.shape) : knownKeys(schema.shape[String(key)], rest);
}

/** A problem of an input, with its path in parts. */
export interface Problem {
  path: PropertyKey[];
  message: string;
  /** The path names a key that should not be there, rather than a value that is wrong. */
  unknownKey?: boolean;
}

/** The result of a schema; undefined where the value is nested deeper than the stack is. */
function attempt<T extends z.ZodType>(schema: T, value: unknown) {
  try {
    return schema.safeParse(value);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** All problems of a value: unknown keys one by one, with the name that was probably meant. Never a value. */
export function problemsIn(schema: z.ZodType, value: unknown): Problem[] {
  const result = attempt(schema, value);
  if (result === undefined) return [{ path: [], message: "is nested too deeply" }];
  if (result.success) return [];
  return result.error.issues.flatMap((issue): Problem[] => {
    if (issue.code !== "unrecognized_keys") return [{ path: issue.path, message: issue.message }];
    return issue.keys.map((key) => {
      const meant = nearest(key, knownKeys(schema, issue.path));
      const message = `is not known${meant ? `; did you mean ${meant}?` : ""}`;
      return { path: [...issue.path, key], message, unknownKey: true };
    });
  });
}

/** {@link problemsIn} with the paths as people write them. */
export function problems(schema: z.ZodType, value: unknown): Issue[] {
  return problemsIn(schema, value).map(({ path, message }) => ({ path: formatPath(path), message }));
}

/** The parsed value, or an INVALID_ARGUMENT that lists every problem without printing a value. */
export function parse<T extends z.ZodType>(schema: T, value: unknown, what: string): z.infer<T> {
  const result = attempt(schema, value);
  if (result?.success) return result.data;
  throw invalid(what, problems(schema, value));
}
