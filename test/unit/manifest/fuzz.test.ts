import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { RtcError } from "../../../src/contract/index.ts";
import { parseManifest } from "../../../src/manifest/parse.ts";
import { HEAD } from "./fixture.ts";

const GOOD = `${HEAD}rooms:
  standup: { maxParticipants: 12, metadata: { team: core, list: [1, null] } }
  hall:
    emptyTimeoutSeconds: 600
    metadata: &m { a: "b" }
  other: { metadata: *m } # a comment
recordings:
  standup: { room: standup, audioOnly: true, outputUri: "s3://acme/" }
  hall: { room: hall, metadata: *m }
`;
const SYNTAX = [
  "\n",
  "  ",
  "- ",
  ": ",
  "? ",
  "{",
  "}",
  "[",
  "]",
  "&a ",
  "*a ",
  "!!set ",
  "!t ",
  "|\n",
  "'",
  '"',
  "#",
  "<<",
  "%",
  "---",
  "~",
  ",",
  "\t",
  "\0",
  "\u2028",
  "😀",
  "__proto__",
];

/** Anything but an RtcError is a defect. */
function survives(text: string): void {
  try {
    const { rooms, recordings } = parseManifest(text, "rtc.yaml");
    for (const { room } of Object.values(recordings)) expect(Object.keys(rooms)).toContain(room);
  } catch (error) {
    if (!RtcError.isInstance(error)) throw error;
    expect(error.code).toBe("INVALID_ARGUMENT");
    expect(error.message).toMatch(/^rtc\.yaml is not valid:\n {2}rtc\.yaml:\d+:\d+: /);
  }
}

describe("whatever a manifest holds, it is read or rejected", () => {
  it("any text", () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), survives), { numRuns: 200 });
  });

  it("a good manifest with pieces of YAML anywhere in it", () => {
    const edits = fc.array(fc.tuple(fc.nat(GOOD.length), fc.nat(8), fc.constantFrom(...SYNTAX)), {
      maxLength: 4,
    });
    const edited = edits.map((all) =>
      all.reduce((text, [at, cut, piece]) => text.slice(0, at) + piece + text.slice(at + cut), GOOD),
    );
    fc.assert(fc.property(edited, survives), { numRuns: 500 });
  });

  it("any JSON in place of the rooms, of a room and of its metadata", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 1, 2), (value, depth) => {
        const nested = [value, { a: value }, { a: { metadata: value } }][depth];
        survives(stringify({ apiVersion: "rtc/v1", project: "acme", rooms: nested }));
      }),
      { numRuns: 200 },
    );
  });

  it("any JSON in place of the recordings, of a recording, of its room and of its address", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 1, 2, 3), (value, depth) => {
        const recording = [{ room: value }, { room: "a", outputUri: value }][depth - 2];
        const recordings = depth === 0 ? value : { b: depth === 1 ? value : recording };
        survives(stringify({ apiVersion: "rtc/v1", project: "acme", rooms: { a: {} }, recordings }));
      }),
      { numRuns: 200 },
    );
  });

  it("metadata comes through as it is", () => {
    const objects = fc.dictionary(
      fc.string({ minLength: 1 }).filter((key) => !/^(__proto__|\$owner)$/.test(key)),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(objects, (metadata) => {
        const text = JSON.stringify({ apiVersion: "rtc/v1", project: "acme", rooms: { a: { metadata } } });
        fc.pre(!text.includes("${")); // a reference, which does not come through as it is
        let read: unknown;
        try {
          read = parseManifest(text, "rtc.yaml").rooms["a"]?.metadata;
        } catch (error) {
          // Keys that a manifest rejects, deeper down.
          expect(String(error)).toMatch(/a key must not (be (empty|__proto__)|have control)/);
          return;
        }
        expect(read).toEqual(JSON.parse(JSON.stringify(metadata)));
      }),
      { numRuns: 200 },
    );
  });
});
