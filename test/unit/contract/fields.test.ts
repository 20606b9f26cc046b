import { describe, expect, it } from "vitest";
import { problems, roomInput, roomResourceInput, tokenInput } from "../../../src/contract/index.ts";

const wrong = (schema: Parameters<typeof problems>[0], value: object) =>
  problems(schema, value).map(({ path, message }) => `${path}: ${message}`);

const TOO_DEEP = "metadata: must not be nested deeper than 64 levels";
const nested = (levels: number) => {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
};

describe("a room's inputs", () => {
  it("take metadata of 60,000 bytes as JSON in UTF-8, and not one more", () => {
    const of = (bytes: number) => ({ metadata: { a: "ü".repeat((bytes - 8) / 2) } });
    expect(Buffer.byteLength(JSON.stringify(of(60_000).metadata))).toBe(60_000);
    expect(wrong(roomResourceInput, of(60_000))).toEqual([]);
    expect(wrong(roomResourceInput, of(60_002))).toEqual([
      "metadata: must not be longer than 60000 bytes as JSON",
    ]);
  });

  it("reject metadata that is no JSON, or that cannot be written as such", () => {
    const itself: Record<string, unknown> = {};
    itself["a"] = { itself };
    expect(wrong(roomResourceInput, { metadata: { a: { b: 5n } } })).toEqual([
      "metadata.a.b: must be a JSON value",
    ]);
    expect(wrong(roomResourceInput, { metadata: { a: Number.NaN } })).toEqual([
      "metadata.a: must be a JSON value",
    ]);
    expect(wrong(roomResourceInput, { metadata: { a: new Date() } })).toEqual([
      "metadata.a: must be a JSON value",
    ]);
    expect(wrong(roomResourceInput, { metadata: JSON.parse('{"a":{"__proto__":1},"__proto__":1}') })).toEqual(
      [
        "metadata.a.__proto__: a key must not be __proto__",
        "metadata.__proto__: a key must not be __proto__",
      ],
    );
    expect(
      wrong(roomResourceInput, { metadata: { a: { "\u001b[2J": 1 }, "b\u202e": "\u001b is text" } }),
    ).toEqual([
      "metadata.a.\u001b[2J: a key must not have control or invisible characters",
      "metadata.b\u202e: a key must not have control or invisible characters",
    ]);
    expect(wrong(roomResourceInput, { metadata: itself })).toEqual([TOO_DEEP]);
  });

  it("take metadata of 64 levels and of 10,000 values, and not one more", () => {
    const deep = (levels: number) => ({ metadata: { a: nested(levels - 1) } });
    const wide = (values: number) => ({ metadata: { a: new Array(values - 1).fill(1) } });
    expect(wrong(roomResourceInput, deep(64))).toEqual([]);
    expect(wrong(roomResourceInput, deep(65))).toEqual([TOO_DEEP]);
    expect(wrong(roomResourceInput, deep(20_000))).toEqual([TOO_DEEP]);
    expect(wrong(roomResourceInput, wide(10_000))).toEqual([]);
    expect(wrong(roomResourceInput, wide(10_001))).toEqual([
      "metadata: must not have more than 10000 values",
    ]);
  });

  it("reject the ownership tag's key at the top of the metadata only", () => {
    expect(wrong(roomResourceInput, { metadata: { $owner: 1 } })).toEqual([
      "metadata: the key $owner is reserved",
    ]);
    expect(wrong(roomResourceInput, { metadata: { a: { $owner: 1 } } })).toEqual([]);
  });

  it.each([
    ["maxParticipants", 1, 0],
    ["maxParticipants", 2 ** 32 - 1, 2 ** 32],
    ["emptyTimeoutSeconds", 1, 0],
    ["emptyTimeoutSeconds", 2 ** 32 - 2, 2 ** 32 - 1],
    ["maxParticipants", 5, 5.5],
    ["emptyTimeoutSeconds", 5, Number.NaN],
    ["maxParticipants", 5, "5"],
    ["name", "x".repeat(256), "x".repeat(257)],
    ["name", "ü".repeat(128), "ü".repeat(129)],
    ["name", "...", ""],
    ["name", "\u{1f600}", "\ud83d"],
    ["vendor", "livekit", ""],
    ["forceDestroy", false, "false"],
  ])("%s: %s is right and %s is not", (field, right, notRight) => {
    expect(wrong(roomResourceInput, { [field]: right })).toEqual([]);
    expect(wrong(roomResourceInput, { [field]: notRight })).toEqual([expect.stringContaining(`${field}: `)]);
  });

  it("need a name at the client, and none at a resource, which has one of its own", () => {
    expect(wrong(roomInput, {})).toEqual(["name: is missing"]);
    expect(wrong(roomResourceInput, {})).toEqual([]);
  });
});

describe("a token's inputs", () => {
  it("take a room by id, by name, or as a record, of which only the settings count", () => {
    const record = {
      room: "livekit:hall",
      metadata: { a: [1] },
      maxParticipants: 5,
      numParticipants: 3,
      sid: "RM_1",
    };
    for (const room of ["hall", record, { room: "livekit:hall" }]) {
      expect(wrong(tokenInput, { room, identity: "alice" })).toEqual([]);
    }
    for (const room of [undefined, 7, {}, { room: "hall", maxParticipants: "5" }, [record]]) {
      expect(wrong(tokenInput, { room, identity: "alice" })).toEqual([
        "room: must be a room, its id or its name",
      ]);
    }
  });

  it.each([
    ["ttlSeconds", 1, 0],
    ["ttlSeconds", 86_400, 86_401],
    ["ttlSeconds", 60, 1.5],
    ["ttlSeconds", 60, "2h"],
    ["identity", "ü".repeat(127), "ü".repeat(128)],
    ["identity", "a", ""],
    ["canPublish", false, "false"],
    ["metadata", {}, []],
  ])("%s: %s is right and %s is not", (field, right, notRight) => {
    expect(wrong(tokenInput, { room: "hall", identity: "alice", [field]: right })).toEqual([]);
    expect(wrong(tokenInput, { room: "hall", identity: "alice", [field]: notRight })).toEqual([
      expect.stringContaining(`${field}: `),
    ]);
  });
});
