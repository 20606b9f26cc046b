/** Controls, what changes the direction of writing or is not visible, and separators of lines and paragraphs. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * A text of others (a vendor, a participant, a manifest) that is about to be shown: on one line, with every character
 * visible that a terminal would obey instead of show.
 *
 * @example oneLine("a\nb\u001b[2J") // "a\\u{a}b\\u{1b}[2J"
 */
export function oneLine(text: string): string {
  return text.replaceAll(UNPRINTABLE, escaped).trim();
}

/** The same for a text whose line breaks are ours. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (one) => (one === "\n" ? one : escaped(one)));
}

/** JSON of others in which no character controls a terminal: the same value, with escapes. Its line breaks are ours. */
export function escapedJson(json: string): string {
  return json.replaceAll(UNPRINTABLE, (one) =>
    one === "\n"
      ? one
      : [...one]
          .flatMap(unitsOf)
          .map((unit) => `\\u${unit}`)
          .join(""),
  );
}

/** The code units of a character, in four hexadecimal digits. */
function unitsOf(character: string): string[] {
  return Array.from({ length: character.length }, (_, at) =>
    character.charCodeAt(at).toString(16).padStart(4, "0"),
  );
}

function escaped(one: string): string {
  return `\\u{${one.codePointAt(0)?.toString(16)}}`;
}
