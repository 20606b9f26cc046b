import { describe, expect, test } from "vitest";
import { ownershipTag, type Recording } from "../../../src/contract/index.ts";
import { exportOf, leftOut, recording, room } from "./export-fixture.ts";

describe("What cannot be adopted is named with the reason", () => {
  test("a room that a stack has already, this one's apart from another's", () => {
    const mine = ownershipTag({ project: "acme", stack: "dev", urn: "x" });
    const rooms = [room("mine", { owner: mine }), room("theirs", { owner: "0123-4567" })];
    const out = leftOut({ rooms }, { tag: mine.slice(0, 12) });
    expect(out).toMatchObject([
      { id: "livekit:mine", reason: expect.stringContaining("this stack's ownership tag") },
      { id: "livekit:theirs", reason: expect.stringContaining("would take it from that stack") },
    ]);
    expect(exportOf({ rooms }).text).toMatch(
      /\n# Left out:\n# - livekit:mine: it carries the ownership tag of a stack.*\n# - livekit:theirs: .*\n$/,
    );
  });

  test("a room that two regions lead to, once", () => {
    const rooms = [room("hall"), room("hall", { region: "eu" })];
    const out = [{ id: "livekit@eu:hall", reason: "it is the same room as livekit:hall" }];
    expect(leftOut({ rooms })).toEqual(out);
  });

  test("a room whose metadata is too long to be tagged, or whose name is", () => {
    const rooms = [room("big", { metadata: { a: "x".repeat(60_000) } }), room("é".repeat(129))];
    expect(leftOut({ rooms })).toMatchObject([
      { id: "livekit:big", reason: expect.stringContaining("metadata must not be longer than 60000 bytes") },
      { reason: expect.stringContaining("name must not be longer than 256 bytes") },
    ]);
  });

  test("no name gets out of its comment", () => {
    const { text } = exportOf({ rooms: [room("a\nrooms: {b: {}}\u2028\r", { owner: "a-b" })] });
    expect(text).toContain("# - livekit:a\\u{a}rooms: {b: {}}\\u{2028}\\u{d}: it carries");
  });

  test("more than a manifest may hold is rejected as a whole", () => {
    const metadata = { a: "x".repeat(59_000) };
    const rooms = Array.from({ length: 70 }, (_, index) => room(`r${index}`, { metadata }));
    expect(() => exportOf({ rooms })).toThrow("export them in parts, with --prefix or --vendor");
  });
});

describe("A running recording", () => {
  const rooms = [room("hall"), room("a b")];

  test("is declared as it runs, by the name of its room", () => {
    const speaker = { layout: "speaker", audioOnly: false, outputUri: "s3://acme/a.mp4" };
    const recordings = [
      recording("livekit:EG_1", "hall"),
      recording("livekit:EG_2", "hall", speaker),
      recording("livekit:EG_3", "a b", { status: "starting" }),
      recording("livekit:EG_4", "elsewhere"),
    ];
    const { manifest, text, leftOut: out } = exportOf({ rooms, recordings });
    expect(manifest.recordings).toEqual({
      hall: { room: "hall", audioOnly: true, outputUri: "out/hall/" },
      "hall-2": { room: "hall", layout: "speaker", outputUri: "s3://acme/a.mp4" },
      "a-b": { room: "a-b", audioOnly: true, outputUri: "out/a b/" },
    });
    expect(text).toContain("  # livekit:EG_2, which continues\n  hall-2:\n");
    expect(out).toEqual([]);
  });

  test.each([
    ["it is ending", { status: "ending" }],
    ["it goes where no outputUri can say", { outputUri: undefined }],
    ["outputUri ends in .webm", { outputUri: "a.webm" }],
    ["layout must be one of", { layout: "https://example.com/mine" }],
    ["it is of an earlier room of that name", { roomSid: "RM_old" }],
  ] as const)("is left out where %s", (reason, more) => {
    const { outputUri: _, ...bare } = recording("livekit:EG_1", "hall");
    const recordings = ["outputUri" in more ? { ...bare, ...more } : recording("livekit:EG_1", "hall", more)];
    expect(leftOut({ rooms, recordings: recordings as Recording[] })).toEqual([
      { id: "livekit:EG_1", reason: expect.stringContaining(reason) },
    ]);
  });

  test("is left out where its room gets no ownership tag, by which it would be found again, or is left out itself", () => {
    const recordings = [recording("livekit:EG_1", "hall")];
    const untagged = { id: "livekit:EG_1", reason: expect.stringContaining("a second one would be started") };
    expect(leftOut({ rooms: [room("hall", { metadata: null })], recordings })).toEqual([untagged]);
    expect(leftOut({ rooms, recordings }, { adoptionTags: false })).toEqual([untagged]);
    const taken = { rooms: [room("hall", { owner: "a-b" })], recordings };
    expect(leftOut(taken)).toMatchObject([{}, { reason: "its room is left out" }]);
  });

  test("is declared once where another is just like it", () => {
    const recordings = [recording("livekit:EG_1", "hall"), recording("livekit:EG_2", "hall")];
    expect(leftOut({ rooms, recordings })).toMatchObject([{ id: "livekit:EG_2" }]);
  });

  test("to an Azure account that is not reported has a comment that asks for it", () => {
    const outputUri = "azblob://files@{account_name}/a.ogg";
    const { text } = exportOf({ rooms, recordings: [recording("livekit:EG_1", "hall", { outputUri })] });
    expect(text).toMatch(/outputUri: azblob:.*# the storage account is not reported: add it/);
  });
});
