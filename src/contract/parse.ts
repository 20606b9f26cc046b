import { distance } from "fastest-levenshtein";
import { z } from "zod";
import { type Issue, invalid, MOST_ISSUES, type Problem } from "./errors";

import { hasControl, hasHalfCharacter } from "./printable";

/** A longer name is no misspelling, and is cut in messages. */
const LONGEST_NAME = 128;

/** A shorter name is not taken for the beginning of a known one. */
const SHORTEST_START = 6;

/**
 * The known name nearest to a misspelt one, if one is near enough to be meant: spelt in another case, with hyphens or
 * underscores, or only begun.
 *
 * @example nearest("empty_timeout", ["name", "emptyTimeoutSeconds"]) // "emptyTimeoutSeconds"
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

/** A zod path as people write it: `rooms.standup.tags[0]`. */
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

/** The keys that the object schema at a path knows. */
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

/** {@link problemsIn} with the paths as people write them. */
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

/**
 * What an input may cost. Everything here is checked in one pass that ends at the first excess, before a schema looks at
 * the input, and is the same in a gateway, in a client and in a manifest.
 */

/** The most levels of nesting of metadata: `{ "a": [1] }` has two. */
export const MOST_LEVELS = 64;
/** The most levels of an input: metadata may stand in a room, which stands in a list, in an envelope, in a body. */
export const MOST_LEVELS_IN_ALL = MOST_LEVELS + 4;
/** The most values in an input: fields of objects and entries of lists, at any level. */
export const MOST_VALUES = 10_000;

/** So many values that are not JSON are listed one by one. */
const MOST_LISTED = 20;

/** The problem of an input that is nested deeper. */
export const TOO_DEEP = `must not be nested deeper than ${MOST_LEVELS} levels`;
const TOO_MANY = `must not have more than ${MOST_VALUES} values`;

/** The problem of a whole number that JavaScript rounds. */
export const ROUNDED = "is a whole number beyond 2^53, which would be rounded: put it in quotes";

/** Whether the text of a number is a whole one that JavaScript rounds: it would not be written back the same. */
export function isRounded(text: string): boolean {
  if (!/^[-+]?\d+$/.test(text)) return false;
  const value = Number(text);
  return !Number.isSafeInteger(value) && String(value) !== text.replace("+", "");
}

/** Whether a JSON text has a whole number that JavaScript rounds. */
export function hasRounded(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') at = endOfString(text, at);
    if (!isDigit(text, at)) continue;
    const begin = at;
    while (isDigit(text, at + 1)) at += 1;
    // A shorter one is exact.
    if (at - begin < 15) continue;
    const isWhole =
      !/[.eE]/.test(text[at + 1] ?? "") && !/[.eE][-+]?$/.test(text.slice(Math.max(0, begin - 2), begin));
    if (isWhole && isRounded(text.slice(begin, at + 1))) return true;
  }
  return false;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

/** Why a JSON text is not worth reading; undefined where it is. It need not be valid. */
export function excessInText(text: string, mostValues = MOST_VALUES): string | undefined {
  let level = 0;
  let values = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text[at]) {
      case '"':
        at = endOfString(text, at);
        break;
      case "{":
      case "[":
        level += 1;
        values += 1;
        if (level > MOST_LEVELS_IN_ALL) return TOO_DEEP;
        break;
      case "}":
      case "]":
        level -= 1;
        break;
      case ",":
        values += 1;
    }
    if (values > mostValues) return TOO_MANY;
  }
  return undefined;
}

/** Where the string that begins at a place ends. */
function endOfString(text: string, begin: number): number {
  let at = begin + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}

/** Why a value is not worth checking; undefined where it is. One that refers to itself is nested too deeply. */
export function excessIn(value: unknown): string | undefined {
  let values = 0;
  const excessAt = (one: unknown, level: number): string | undefined => {
    if (typeof one !== "object" || one === null) return undefined;
    if (level > MOST_LEVELS_IN_ALL) return TOO_DEEP;
    for (const inner of Object.values(one)) {
      values += 1;
      const excess = values > MOST_VALUES ? TOO_MANY : excessAt(inner, level + 1);
      if (excess !== undefined) return excess;
    }
    return undefined;
  };
  return excessAt(value, 1);
}

/** What keeps a value from being JSON that is passed on as it is; of an excess nothing else. */
export function jsonProblems(value: unknown): Problem[] {
  const problems: Problem[] = [];
  let [values, more] = [0, 0];
  // One for all values: ten thousand copies of it would take most of the time.
  const path: PropertyKey[] = [];
  const add = (message: string) => {
    if (problems.length < MOST_LISTED) problems.push({ path: [...path], message });
    else more += 1;
  };
  const excessAt = (one: unknown): string | undefined => {
    if (isScalar(one)) {
      if (typeof one === "string" && hasHalfCharacter(one)) add("must be whole characters");
      return undefined;
    }
    const isList = Array.isArray(one);
    if (!isList && !z.core.util.isPlainObject(one)) {
      add("must be a JSON value");
      return undefined;
    }
    if (path.length >= MOST_LEVELS) return TOO_DEEP;
    const keys = isList ? one.keys() : Object.keys(one);
    for (const key of keys) {
      values += 1;
      path.push(key);
      const wrong = typeof key === "string" ? problemOfKey(key) : undefined;
      if (wrong !== undefined) add(wrong);
      const inner: unknown = (one as Record<PropertyKey, unknown>)[key];
      const excess = values > MOST_VALUES ? TOO_MANY : excessAt(inner);
      if (excess !== undefined) return excess;
      path.pop();
    }
    return undefined;
  };
  const excess = excessAt(value);
  if (excess !== undefined) return [{ path: [], message: excess }];
  return more === 0
    ? problems
    : [...problems, { path: [], message: `has ${more} more values that are not JSON` }];
}

function problemOfKey(key: string): string | undefined {
  if (key === "__proto__") return "a key must not be __proto__";
  if (hasControl(key)) return "a key must not have control or invisible characters";
  return hasHalfCharacter(key) ? "a key must be whole characters" : undefined;
}

function isScalar(value: unknown): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value);
    default:
      return value === null;
  }
}
