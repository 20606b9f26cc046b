import fc from "fast-check";
import { expect } from "vitest";

/* What an input may cost: twice as much of it costs about twice as much. */

/** `npm run test:full` searches for minutes. */
const isLong = process.env["RTC_FUZZ"] === "long";
/** How long each property searches. */
const MILLISECONDS = isLong ? 120_000 : 1_000;
/** The time that a test with a property has. */
export const TIMEOUT = { timeout: MILLISECONDS + 60_000 };
/** Less is noise: of the compiler, of the collection of memory, of the server that answers. */
const FLOOR_MS = 40;

/** What is repeated: beginnings of secrets and addresses, what separates, quotes, nests or escapes, and letters. */
const TOKENS = [
  ..."aAz09_-.:/@%?#&=+*,;~ \t\n\r\0\"'`\\{}[]()<>|$!é",
  ...[
    "eyJ",
    "rtc_",
    "sig=",
    "://",
    "${",
    "$${",
    `\${env:A}`,
    "{time}",
    "%2E",
    "\\u0061",
    "aA",
    "a_b",
    "\u{1f600}",
  ],
  ...[
    "[1e999],",
    '{"a":',
    '"a":1,',
    "[[",
    "]]",
    "- ",
    "&a ",
    "*a ",
    "? ",
    "!t ",
    "Bearer ",
    "__proto__",
    "$owner",
    "\u00a7",
    "a\u00a7: {}\n",
    "&a\u00a7 1, *a\u00a7, ",
  ],
];

/** Stands for a number that is another each time. */
const COUNTER = "\u00a7";

const few = (least: number, most: number) =>
  fc
    .array(fc.constantFrom(...TOKENS), { minLength: least, maxLength: most })
    .map((tokens) => tokens.join(""));

/** A text of any length: something, something else again and again, and something at its end. */
const growing = fc.record({ begin: few(0, 2), again: few(1, 3), end: few(0, 2) });
/** What has once been too much, which every place is tried with first. */
const KNOWN = [
  "eyJ",
  `{"a":A:`,
  "$owner{",
  "[1e999],",
  "/",
  "&a\u00a7 1, *a\u00a7, ",
  "  a\u00a7: { room: b\u00a7 }\n",
].map((again) => ({ begin: "", again, end: "" }));
type Growing = { begin: string; again: string; end: string };

function ofLength({ begin, again, end }: Growing, length: number): string {
  // What counts up is never the same again, as names, anchors and fields are not.
  const repeated = Array.from({ length: Math.ceil(length / again.length) }, (_, index) =>
    again.replaceAll(COUNTER, String(index)),
  );
  return `${begin}${repeated.join("")}${end}`.slice(0, begin.length + length + end.length);
}

async function millisecondsOf(run: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/**
 * Searches for a text of which twice as much costs more than three times as much.
 *
 * @param places where the text goes
 * @param most its length there
 * @param run sends it, and throws where the answer is a defect
 */
export async function growsLinearly<Place>(
  places: readonly Place[],
  most: number,
  run: (place: Place, text: string) => unknown,
): Promise<void> {
  const known = places.flatMap((place) => KNOWN.map((text): [Place, Growing] => [place, text]));
  const any = fc.tuple(fc.constantFrom(...places), growing);
  const until = performance.now() + MILLISECONDS;
  // Not by a runner of fast-check's: one that is out of time hides the failure of the run that it interrupts.
  for (let next = known; performance.now() < until; next = fc.sample(any, 50))
    for (const [place, text] of next) {
      const cost = (length: number) => millisecondsOf(() => run(place, ofLength(text, length)));
      if (performance.now() < until)
        await isLinear(cost, most, `${JSON.stringify(text)} at place ${places.indexOf(place)}`);
    }
}

async function isLinear(
  cost: (length: number) => Promise<number>,
  most: number,
  what: string,
): Promise<void> {
  // Less first, so that what has no bound is found before it takes minutes.
  for (const length of [most / 16, most / 4, most]) {
    const whole = await cost(length);
    if (whole <= FLOOR_MS) continue;
    const half = Math.min(await cost(length / 2), await cost(length / 2));
    const allowed = Math.max(FLOOR_MS, 3 * half);
    let found = whole;
    // The least of several, since a collection of memory or the compiler may come in between; what is true stays above.
    for (let tries = 0; found > allowed && tries < 5; tries++) found = Math.min(found, await cost(length));
    expect(found, `${what}: ${length} characters, and ${half} ms for half of them`).toBeLessThanOrEqual(
      allowed,
    );
  }
}
