import { excessInText } from "../contract/bounds";

/** What a server answered, as JSON; undefined for what is none, or nested deeper than any answer that is documented. */
export function parseJson(text: string): unknown {
  if (excessInText(text, Number.POSITIVE_INFINITY) !== undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
