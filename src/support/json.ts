import { excessInText } from "../contract/bounds";

/** Parses an answer; undefined for invalid JSON, and for one nested deeper than any documented answer. */
export function parseJson(text: string): unknown {
  if (excessInText(text, Number.POSITIVE_INFINITY) !== undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
