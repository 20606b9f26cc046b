import { z } from "zod";
import type { Problem } from "./errors";
import { hasControl, hasHalfCharacter } from "./printable";

/**
 * What an input may cost. Everything here is checked in one pass that ends at the first excess, before a schema checks
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
  // As `12.0` too.
  const whole = /^\+?(-?\d+)(?:\.0*)?$/.exec(text)?.[1];
  if (whole === undefined) return false;
  const value = Number(whole);
  return !Number.isSafeInteger(value) && String(value) !== whole;
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
    const end = at + 1;
    if (text[end] === ".") while (text[at + 1] === "." || text[at + 1] === "0") at += 1;
    const isWhole =
      !/[.\deE]/.test(text[at + 1] ?? "") && !/[.eE][-+]?$/.test(text.slice(Math.max(0, begin - 2), begin));
    if (isWhole && isRounded(text.slice(begin, end))) return true;
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
  return excessAt(value, 1, { values: 0 });
}

function excessAt(value: unknown, level: number, count: { values: number }): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (level > MOST_LEVELS_IN_ALL) return TOO_DEEP;
  for (const inner of Object.values(value)) {
    count.values += 1;
    const excess = count.values > MOST_VALUES ? TOO_MANY : excessAt(inner, level + 1, count);
    if (excess !== undefined) return excess;
  }
  return undefined;
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
