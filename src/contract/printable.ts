/** Controls, what changes the direction of writing or is not visible, and separators of lines and paragraphs. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
/** The same except for the two joiners, which some languages spell with. */
const CONTROL = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/**
 * Whether a text has a character that a terminal would obey, or that hides or reverses others. Pulumi shows the names of
 * resources and the keys of objects as they are, so neither may have one.
 */
export function hasControl(text: string): boolean {
  return CONTROL.test(text);
}

/**
 * Whether a text has half of a surrogate pair, which JSON can write and UTF-8 cannot: Pulumi's engine does not take it
 * ("invalid UTF-8"), and only after the resource was created.
 */
export function hasHalfCharacter(text: string): boolean {
  return !text.isWellFormed();
}

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
