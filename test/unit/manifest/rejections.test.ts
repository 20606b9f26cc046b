import { describe, expect, it } from "vitest";
import { parseManifest } from "../../../src/manifest/parse.ts";
import { HEAD, problemsOf, rejectionOf } from "./fixture.ts";

describe("a manifest with a mistake", () => {
  it("shows every one at once, in order, with file, line, column, the line itself and a caret", () => {
    const text = `${HEAD}rooms:
  standup:
    maxParticipant: 5
    metadata: text
  hall: { emptyTimeoutSeconds: 1.5 }
roms: {}
`;
    expect(rejectionOf(text).message).toBe(
      `rtc.yaml is not valid:
  rtc.yaml:5:5: rooms.standup.maxParticipant: is not known; did you mean maxParticipants?
        maxParticipant…
        ^
  rtc.yaml:6:15: rooms.standup.metadata: must be an object of JSON values
        metadata: …
                  ^
  rtc.yaml:7:32: rooms.hall.emptyTimeoutSeconds: must be a whole number from 1 to 4294967294
      hall: { emptyTimeoutSeconds: 1.5 }
                                   ^
  rtc.yaml:8:1: roms: is not known; did you mean rooms?
    roms…
    ^`,
    );
  });

  it.each([
    ["nothing", "", "1:1: must be an object with apiVersion, project and rooms"],
    ["a list", "- a\n", "1:1: must be an object with apiVersion, project and rooms"],
    ["another version", "apiVersion: rtc/v2\nproject: acme\n", "1:13: apiVersion: must be rtc/v1"],
    ["no project", "apiVersion: rtc/v1\n", "1:1: project: must be the name of the Pulumi project"],
    [
      "an empty project",
      'apiVersion: rtc/v1\nproject: ""\n',
      "2:10: project: must be 1 to 100 letters, digits, dots, hyphens and underscores, as Pulumi requires",
    ],
    ["rooms that are a list", `${HEAD}rooms: [a]\n`, "3:8: rooms: must be an object of rooms by name"],
    ["a room that is a text", `${HEAD}rooms:\n  a: b\n`, "4:6: rooms.a: must be an object"],
    ["defaults", `${HEAD}defaults: { maxParticipants: 5 }\n`, "3:13: defaults.maxParticipants: is not known"],
    [
      "a merge",
      `${HEAD}rooms:\n  a: { <<: { adopt: true } }\n`,
      "4:8: rooms.a.<<: is a merge key, which YAML 1.2 no longer has: put what they share under defaults",
    ],
    [
      "a number that is a text",
      `${HEAD}rooms:\n  a: { maxParticipants: '5' }\n`,
      "4:25: rooms.a.maxParticipants: must be a whole number from 1 to 4294967295",
    ],
    [
      "metadata that is no JSON",
      `${HEAD}rooms:\n  a: { metadata: { x: [.inf] } }\n`,
      "4:24: rooms.a.metadata.x[0]: must be a JSON value",
    ],
    [
      "the owner's key",
      `${HEAD}rooms:\n  a: { metadata: { $owner: me } }\n`,
      "4:18: rooms.a.metadata: the key $owner is reserved",
    ],
    [
      "metadata that is nested too deeply",
      `${HEAD}rooms:\n  a: { metadata: ${"{ x: ".repeat(100)}1${" }".repeat(100)} }\n`,
      "4:343: must not be nested deeper than 64 levels",
    ],
    ["a mistake behind an alias", `${HEAD}rooms:\n  a: &a\n  b: *c\n`, "5:6: rooms.b: there is no anchor &c"],
    ["a room without a name", `${HEAD}rooms:\n  "": {}\n`, "4:3: rooms: a key must not be empty"],
    [
      "a room that is called nothing",
      `${HEAD}rooms:\n  ~: {}\n`,
      "4:3: rooms.~: is YAML's word for no value: put it in quotes to use it as a name",
    ],
    ["a key that is an object", `${HEAD}rooms:\n  ? { a: b }\n  : {}\n`, "4:5: rooms: a key must be a text"],
    [
      "a key that stands for an object",
      `${HEAD}rooms:\n  a: &a {}\n  *a : {}\n`,
      "5:3: rooms: a key must be a text",
    ],
    [
      "a key that stands for one that JavaScript would lose",
      `${HEAD}rooms:\n  a: { metadata: { x: &p __proto__, *p : 1 } }\n`,
      "4:37: rooms.a.metadata: a key must not be __proto__",
    ],
    [
      "a key that JavaScript would lose",
      `${HEAD}rooms:\n  __proto__: {}\n`,
      "4:3: rooms: a key must not be __proto__",
    ],
    ["an unknown tag", `${HEAD}rooms:\n  a: { name: !secret b }\n`, "4:14: Unresolved tag: !secret"],
    ["two documents", `${HEAD}---\n${HEAD}`, "3:1: a manifest is one document"],
    ["a tab", `${HEAD}rooms:\n\ta: {}\n`, "4:1: Tabs are not allowed as indentation"],
    ["Windows' line ends", `${HEAD}rooms:\r\n  a: { x: 0 }\r\n`, "4:8: rooms.a.x: is not known"],
  ])("is rejected with its place: %s", (_name, text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  it("is rejected for keys that stand there twice, beside everything else", () => {
    const text = `${HEAD}rooms:\n  a: {}\n  b: { adopt: 1 }\n  a: {}\nproject: other\n`;
    expect(problemsOf(text)).toEqual([
      "5:15: rooms.b.adopt: must be true or false",
      "6:3: rooms.a: this key is a duplicate",
      "7:1: project: this key is a duplicate",
    ]);
  });

  it("that is behind an alias is shown where it is reported, or where it is repeated", () => {
    const text = `${HEAD}rooms:\n  a: &a { adopt: 1 }\n  b: *a\n`;
    expect(problemsOf(text)).toEqual([
      "4:18: rooms.a.adopt: must be true or false",
      "5:6: rooms.b.adopt: must be true or false",
    ]);
  });

  it("far to the right is shown with what is around it", () => {
    const many = Array.from({ length: 100 }, (_, n) => `room-${n}: {}`).join(", ");
    const text = `{ apiVersion: rtc/v1, project: acme, rooms: { ${many}, bad: { adopt: 1 }, ${many.replaceAll("room", "hall")} } }`;
    const [, place, source = "", caret = ""] = rejectionOf(text).message.split("\n");
    expect(place).toContain("rooms.bad.adopt: must be true or false");
    expect(source.length).toBeLessThan(200);
    expect(source.slice(caret.indexOf("^"))).toMatch(/^1 \}, hall-0/);
  });
});

describe("a manifest that means harm", () => {
  it("is rejected where it is too long, before it is read", () => {
    const started = performance.now();
    const { message } = rejectionOf(`${HEAD}rooms: {}\n${"# padding\n".repeat(1_000_000)}`);
    expect(message).toContain("is longer than 4000000 bytes");
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it("is rejected where its brackets or aliases would cost seconds, before they are read", () => {
    const started = performance.now();
    expect(rejectionOf(`${HEAD}rooms: ${"[".repeat(2_000_000)}`).message).toMatch(
      /:3:\d+: must not be nested/,
    );
    expect(rejectionOf(`${HEAD}rooms: ${"[],".repeat(600_000)}`).message).toContain("has more than 250000");
    const anchors = Array.from({ length: 1_001 }, (_, n) => `&a${n} ${n}, *a${n}`).join(", ");
    const aliases = `${HEAD}rooms: { hall: { metadata: { a: [${anchors}] } } }\n`;
    expect(rejectionOf(aliases).message).toContain("has more than 1000 aliases");
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it("is rejected where its series make more rooms than a stack can hold, before they are made", () => {
    const series = Array.from({ length: 300 }, (_, n) => `  s${n}: { count: 10000 }\n`).join("");
    const recorded = `recordings:\n  all: { room: s0 }\n`;
    expect(problemsOf(`${HEAD}rooms:\n${series}${recorded}`)).toEqual([
      "4:3: rooms: declares 3010000 rooms and recordings, and a manifest may declare 20000: split it, one stack each",
    ]);
  });

  it("is rejected where it is made of references that are none, however many", () => {
    const { message } = rejectionOf(`${HEAD}rooms: { a: { metadata: { b: "${"${".repeat(500_000)}" } } }\n`);
    expect(message).toContain("is no reference");
  });

  it.each([
    ["a name", 'rooms: { "a\\uD83D": {} }', "names a resource"],
    [
      "metadata",
      'rooms: { a: { metadata: { note: "a\\uD83D" } } }',
      "rooms.a.metadata.note: must be whole characters",
    ],
    ["a key of metadata", 'rooms: { a: { metadata: { "\\uD83D": 1 } } }', "a key must be whole characters"],
  ])("is rejected where %s has half a character", (_where, rooms, message) => {
    const [problem, ...others] = problemsOf(`${HEAD}${rooms}\n`);
    expect(others).toEqual([]);
    expect(problem).toContain(message);
  });

  it("is rejected where it names a resource with a control character", () => {
    expect(problemsOf(`${HEAD}rooms: { "a\\nFAKE": {}, "b\\e[2J": {} }\n`)).toEqual([
      "3:21: rooms.a\\u{a}FAKE: must not have control or invisible characters: it names a resource",
      "3:35: rooms.b\\u{1b}[2J: must not have control or invisible characters: it names a resource",
    ]);
  });

  it.each([
    ["is invisible", "a\u200bb", "a\\u{200b}b"],
    ["reverses the text", "a\u202eb", "a\\u{202e}b"],
  ])("is rejected where it names a resource with a character that %s", (_what, name, shown) => {
    expect(problemsOf(`${HEAD}rooms:\n  "${name}": {}\n`)).toEqual([
      `4:10: rooms.${shown}: must not have control or invisible characters: it names a resource`,
    ]);
  });

  it("may name a resource in a script that is spelled with joiners", () => {
    const name = "می\u200cخواهم";
    expect(Object.keys(parseManifest(`${HEAD}rooms:\n  "${name}": {}\n`, "rtc.yaml").rooms)).toEqual([name]);
  });

  it("is rejected where its metadata is more than a stack can carry, before the rooms are made", () => {
    const metadata = `{ a: "${"x".repeat(50_000)}" }`;
    expect(
      problemsOf(`${HEAD}defaults:\n  rooms: { metadata: ${metadata} }\nrooms: { a: { count: 2500 } }\n`),
    ).toEqual([
      "5:8: rooms: declares 125020000 characters of metadata, and a manifest may declare 100000000: split it, one stack each",
    ]);
  });

  it("is rejected where its aliases multiply", () => {
    const level = (name: string, of: string) => `${name}: &${name} [${Array(9).fill(`*${of}`).join(", ")}]\n`;
    const bomb = `a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n${level("b", "a")}${level("c", "b")}${level("d", "c")}${level("e", "d")}`;
    expect(problemsOf(`${HEAD}${bomb}`)).toEqual([
      "1:1: is nested too deeply, or has more aliases than a manifest needs",
    ]);
  });

  it.each([
    ["lists", `${"[".repeat(20_000)}${"]".repeat(20_000)}`],
    ["objects", `${"{a: ".repeat(5_000)}1${"}".repeat(5_000)}`],
    ["lists that are never closed", "[".repeat(50_000)],
    ["itself", "&a { b: *a }"],
  ])("is rejected where it nests without end: %s", (_name, value) => {
    expect(problemsOf(`${HEAD}rooms:\n  a: { metadata: ${value} }\n`).length).toBeGreaterThan(0);
  });
});
