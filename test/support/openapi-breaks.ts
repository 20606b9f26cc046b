/** A value of a document. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** What may not change at all where it stood: who relies on it would be rejected, or read something else. */
const FIXED = ["type", "format", "default", "in", "name", "operationId", "$ref"];
/** What may only be let out. */
const BOUNDS: Record<string, (before: number, after: number) => boolean> = {
  maximum: (before, after) => after < before,
  maxLength: (before, after) => after < before,
  minimum: (before, after) => after > before,
  minLength: (before, after) => after > before,
};
/** What is for participants. */
const WORDS = ["description", "summary", "title", "info", "tags", "examples"];
/** Components that are answers: what is required there is a promise. In an input it is a demand. */
const isInput = (where: string) =>
  /\/components\/schemas\/(\w+Input|RoomSettings)\b|\/parameters\//.test(where);

/** Where an OpenAPI document breaks what an earlier one promised: nothing is removed, and nothing more is demanded. */
export function breaks(before: Json, after: Json | undefined, where = ""): string[] {
  if (after === undefined) return [`${where} is gone`];
  if (Array.isArray(before))
    return Array.isArray(after) ? listBreaks(before, after, where) : [`${where} is another`];
  if (typeof before !== "object" || before === null) return [];
  if (typeof after !== "object" || after === null || Array.isArray(after)) return [`${where} is another`];
  const kept = Object.entries(before).flatMap(([key, value]) => {
    const at = `${where}/${key}`;
    const isField = where.endsWith("/properties");
    if (!isField && WORDS.includes(key)) return [];
    const now = after[key];
    if (!isField && FIXED.includes(key)) return same(value, now) ? [] : [`${at} is another`];
    const isTighter = isField ? undefined : BOUNDS[key];
    if (isTighter && typeof value === "number")
      return typeof now === "number" && isTighter(value, now) ? [`${at} is tighter`] : [];
    if (!isField && key === "required") return requiredBreaks(value, now, at);
    return breaks(value, now, at);
  });
  // What was not limited or demanded before.
  const added = Object.entries(after).filter(([key]) => !(key in before) && !where.endsWith("/properties"));
  const demands = added.flatMap(([key, value]) => {
    if (key === "required")
      return requiredBreaks(Array.isArray(value) ? [] : false, value, `${where}/required`);
    return key === "enum" || key in BOUNDS || key === "pattern" ? [`${where}/${key} is new`] : [];
  });
  return [...kept, ...demands];
}

/** Of a list the members stay: values by themselves, parameters by their names. */
function listBreaks(before: Json[], after: Json[], where: string): string[] {
  const nameOf = (value: Json): string =>
    typeof value === "object" && value !== null && !Array.isArray(value) && typeof value["name"] === "string"
      ? value["name"]
      : JSON.stringify(value);
  const isEnum = where.endsWith("/enum");
  return before.flatMap((value) => {
    const now = after.find((other) => nameOf(other) === nameOf(value));
    const name = isEnum ? String(value) : nameOf(value);
    return breaks(value, now, `${where}/${name}`);
  });
}

function requiredBreaks(before: Json, after: Json | undefined, where: string): string[] {
  if (typeof before === "boolean" || typeof after === "boolean")
    return before !== true && after === true ? [`${where} is new`] : [];
  const [was, is] = [before, after ?? []].map((list) => (Array.isArray(list) ? list.map(String) : []));
  const gone = (was ?? []).filter((field) => !is?.includes(field));
  const fresh = (is ?? []).filter((field) => !was?.includes(field));
  return (isInput(where) ? fresh : gone).map((field) => `${where}/${field} has changed`);
}

function same(a: Json, b: Json | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
