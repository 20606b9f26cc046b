import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Json, NEVER } from "../../../src/contract/index.ts";
import { exportOf, room } from "./export-fixture.ts";

describe("A room is declared as it is", () => {
  test("with its limits, its metadata and where it is; what it has by default goes without saying", () => {
    const hall = room("hall", {
      maxParticipants: 12,
      metadata: { team: "core", price: `\${5}` },
      region: "eu",
    });
    expect(exportOf({ rooms: [hall, room("plain")] }).manifest.rooms).toEqual({
      hall: {
        vendor: "livekit",
        region: "eu",
        maxParticipants: 12,
        metadata: { team: "core", price: `\${5}` },
        adopt: true,
      },
      plain: { vendor: "livekit", adopt: true },
    });
  });

  test.each([
    ["stays for good", NEVER, NEVER, undefined, ""],
    ["closes by itself", 300, 300, 300, "emptyTimeoutSeconds: 300\n"],
    [
      "has the server's two timeouts",
      300,
      20,
      300,
      "300 # it stays 300 s until the first participant joins, 20 s after",
    ],
    [
      "waits for good",
      NEVER,
      20,
      20,
      "20 # it stays for good until the first participant joins, 20 s after the last",
    ],
    [
      "is kept by those who joined",
      60,
      NEVER,
      60,
      "60 # it stays 60 s until the first participant joins, for good after",
    ],
    ["closes at once", 0, 0, 1, "1 # it stays 0 s until"],
  ])("also where it %s", (_what, emptyTimeoutSeconds, departureTimeoutSeconds, declared, words) => {
    const { manifest, text } = exportOf({
      rooms: [room("r", { emptyTimeoutSeconds, departureTimeoutSeconds })],
    });
    expect(manifest.rooms["r"]?.emptyTimeoutSeconds).toBe(declared);
    expect(text).toContain(words);
  });

  test.each([
    ["that is no JSON object", null, /its metadata is no JSON object.*leaves no place for an ownership tag/],
    [
      "that resembles a secret",
      { door: { apiKey: "hush-hush" } },
      /stays as it is.*metadata\.door\.apiKey looks/,
    ],
    ["with a key that no manifest has", { "": 1 }, /stays as it is.*a manifest cannot represent it exactly/],
  ])(
    "metadata %s is exported undeclared, which leaves it unchanged, and a comment reports it",
    (_what, metadata, words) => {
      const { manifest, text, remarks } = exportOf({ rooms: [room("hall", { metadata })] });
      expect(manifest.rooms["hall"]).toEqual({ vendor: "livekit", adopt: true });
      expect(text).toMatch(new RegExp(`  # .*${words.source}.*\n  hall:\n`));
      expect(remarks).toMatchObject([{ path: ["rooms", "hall"], message: expect.stringMatching(words) }]);
      expect(text).not.toContain("hush-hush");
    },
  );
});

test("What is at a vendor of on-demand rooms becomes a state-only resource: there is nothing to adopt", () => {
  const timeouts = { emptyTimeoutSeconds: null, departureTimeoutSeconds: null };
  const { manifest, text } = exportOf({
    rooms: [room("hall", { vendor: "agora", metadata: null, ...timeouts })],
    unlisted: [{ vendor: "zego", reason: "it only gets rooms by name" }],
  });
  expect(manifest.rooms).toEqual({ hall: { vendor: "agora" } });
  expect(text).toContain("# rooms of agora are on demand: these were occupied");
  const recorded = room("hall", { vendor: "agora", maxParticipants: 5, sid: null });
  expect(exportOf({ rooms: [recorded], isCreated: () => true }).manifest.rooms, "but by a gateway").toEqual({
    hall: { vendor: "agora", maxParticipants: 5, adopt: true },
  });
  expect(text).toContain("# Rooms at zego are not among them: it only gets rooms by name\n");
});

describe("A resource has a plain name of its own", () => {
  test.each([
    [
      ["Saal 1", "Grüße/Köln", "会議", "__proto__", "-x-"],
      ["Saal-1", "Gru-e-Koln", "room", "proto__", "x"],
    ],
    [
      ["a b", "a/b", "a-b", "a-b-2"],
      ["a-b-3", "a-b-4", "a-b", "a-b-2"],
    ],
    [
      ["123", "null", "constructor", "..."],
      ["123", "null", "constructor", "room"],
    ],
  ])("%j becomes %j", (names, keys) => {
    const { manifest } = exportOf({ rooms: names.map((name) => room(name)) });
    const byName = Object.entries(manifest.rooms).map(([key, { name = key }]) => [name, key]);
    expect(Object.fromEntries(byName)).toEqual(Object.fromEntries(names.map((name, i) => [name, keys[i]])));
  });

  test("also where rooms in several places have the same name", () => {
    const rooms = [
      room("hall"),
      room("hall", { region: "eu", sid: "RM_2" }),
      room("hall", { vendor: "agora", sid: null }),
    ];
    expect(exportOf({ rooms }).manifest.rooms).toMatchObject({
      hall: { vendor: "livekit" },
      "hall-eu": { name: "hall", region: "eu" },
      "hall-agora": { name: "hall", vendor: "agora" },
    });
  });

  test("and whatever rooms are called and carry, the file reads as what was live, comments and all", () => {
    const odd = fc.string({ unit: "binary", minLength: 1, maxLength: 40 });
    const texts = fc.oneof(
      odd,
      fc.constantFrom("a\nrooms: {}", "x\r\n# y", "&a", "*a", "!!js", "~", `\${env:HOME}`),
    );
    const json = fc.jsonValue().map((value) => value as Json);
    const live = fc.uniqueArray(fc.record({ name: texts, metadata: fc.dictionary(texts, json) }), {
      selector: ({ name }) => name,
    });
    fc.assert(
      fc.property(live, fc.boolean(), (all, owned) => {
        const rooms = all.map(({ name, metadata }) => room(name, { metadata, owner: owned ? "a-b" : null }));
        const { manifest, leftOut: out, remarks } = exportOf({ rooms });
        expect(Object.keys(manifest.rooms).length + out.length).toBe(rooms.length);
        for (const [key, { name = key, metadata }] of Object.entries(manifest.rooms)) {
          expect(key).toMatch(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/);
          const one = rooms.find((candidate) => candidate.name === name);
          const isTold = remarks.some(({ path }) => path[1] === key);
          if (!isTold) expect(metadata ?? {}).toEqual(one?.metadata);
        }
      }),
      { numRuns: 30 },
    );
  });
});
