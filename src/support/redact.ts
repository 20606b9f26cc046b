/** A JWT, with what it is glued to before it: the run is looked at once, from its beginning, so that the time is linear. */
const JWT = /(?<![\w-])(?=[\w-]+\.)([\w-]*?)eyJ[\w-]+\.[\w-]*\.?[\w-]*/g;
/** The word that a text ends with. */
const LAST_WORD = /(?<![\w.-])[\w.-]+$/;
/** What is longer is cut before anything else: a hundred problems of an input are shorter. */
const LONGEST = 65_536;

/**
 * Takes given secrets, and anything that looks like a JWT, out of a text. Vendors quote tokens in their errors.
 *
 * @param most so many characters of the text are kept. It is cut before it is searched, and without the half of a secret
 * at its end
 */
export function redact(text: string, secrets: readonly string[], most = LONGEST): string {
  // The longest first: what begins with another secret must not keep its end.
  const known = secrets.filter(({ length }) => length >= 4).sort((a, b) => b.length - a.length);
  const kept = text.length > most ? withoutHalf(text.slice(0, most), known) : text;
  return known
    .reduce((clean, secret) => clean.replaceAll(secret, "[redacted]"), kept)
    .replace(JWT, "$1[redacted token]");
}

/** A text that was cut, without what may be the beginning of a secret, a token or a gateway's key at its end. */
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
