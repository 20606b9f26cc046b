/** A JWT with the run of characters before it: matching from the run's beginning keeps the time linear. */
const JWT = /(?<![\w-])(?=[\w-]+\.)([\w-]*?)eyJ[\w-]+\.[\w-]*\.?[\w-]*/g;
/** The word that a text ends with. */
const LAST_WORD = /(?<![\w.-])[\w.-]+$/;
/** The length to which a text is cut first. */
const LONGEST = 65_536;

/**
 * Redacts given secrets, and anything that resembles a JWT, in a text. Vendors quote tokens in their errors.
 *
 * @param most the length to which the text is cut before it is searched, without a partial secret at its end
 */
export function redact(text: string, secrets: readonly string[], most = LONGEST): string {
  // The longest first: a secret that begins with another one must not keep its end.
  const known = secrets.filter(({ length }) => length >= 4).sort((a, b) => b.length - a.length);
  const shortened = text.length > most ? withoutHalf(text.slice(0, most), known) : text;
  const clean = known.reduce((text, secret) => text.replaceAll(secret, "[redacted]"), shortened);
  // Most texts, such as the lines of a log, have none: to find that out takes a tenth of the search.
  return clean.includes("eyJ") ? clean.replace(JWT, "$1[redacted token]") : clean;
}

/** A cut text without a possible beginning of a secret, a token or a gateway's key at its end. */
function withoutHalf(text: string, secrets: readonly string[]): string {
  const halves = secrets.map((secret) => {
    let length = Math.min(secret.length - 1, text.length);
    while (length > 0 && !text.endsWith(secret.slice(0, length))) length -= 1;
    return length;
  });
  const word = LAST_WORD.exec(text)?.[0] ?? "";
  const begun = word.search(/eyJ|rtc_/);
  const half = Math.max(0, begun === -1 ? 0 : word.length - begun, ...halves);
  return text.slice(0, text.length - half);
}
