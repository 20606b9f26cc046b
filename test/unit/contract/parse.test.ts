import { describe, expect, it } from "vitest";
import { z } from "zod";
import { formatPath, nearest, parse, problemsIn } from "../../../src/contract/index.ts";

const room = z.strictObject({ name: z.string(), maxParticipants: z.int().optional() });
const schema = z.strictObject({
  rooms: z.record(z.string(), room.nullable()),
  tags: z.array(z.string()).optional(),
});

describe("problems of an input", () => {
  it("are reported all at once, each with its path", () => {
    const value = { rooms: { a: { name: 1 }, b: { nam: "x" } }, tags: ["x", 2] };
    const paths = problemsIn(schema, value).map(({ path }) => formatPath(path));
    expect(paths.sort()).toEqual(["rooms.a.name", "rooms.b.nam", "rooms.b.name", "tags[1]"]);
  });

  it("name the key that was meant, at any depth, and every unknown key by itself", () => {
    const found = problemsIn(schema, { rooms: { a: { name: "x", maxParticipant: 1, zzzzzz: 2 } }, tag: [] });
    expect(found.map(({ path, message, unknownKey }) => [formatPath(path), message, unknownKey])).toEqual([
      ["rooms.a.maxParticipant", "is not known; did you mean maxParticipants?", true],
      ["rooms.a.zzzzzz", "is not known", true],
      ["tag", "is not known; did you mean tags?", true],
    ]);
  });

  it("never hold a value", () => {
    const secret = "hunter2";
    for (const value of [
      secret,
      [secret],
      { rooms: secret },
      { rooms: { a: secret } },
      { tags: { secret } },
    ]) {
      expect(JSON.stringify(problemsIn(schema, value))).not.toContain(secret);
    }
  });

  it("end a parse with INVALID_ARGUMENT", () => {
    expect(() => parse(schema, {}, "the manifest")).toThrow("the manifest is not valid:\n  rooms: ");
    expect(parse(schema, { rooms: {} }, "the manifest")).toEqual({ rooms: {} });
  });
});

describe("the nearest known name", () => {
  it.each([
    ["maxParticipant", "maxParticipants"],
    ["MAXPARTICIPANTS", "maxParticipants"],
    ["max_participants", "maxParticipants"],
    ["max-participants", "maxParticipants"],
    ["Max_Participant", "maxParticipants"],
    ["max_part", "maxParticipants"],
    ["empty_timeout", "emptyTimeoutSeconds"],
    ["emptyTimeout", "emptyTimeoutSeconds"],
    ["empty", undefined],
    ["nmae", "name"],
    ["x", undefined],
    ["", undefined],
  ])("of %j is %j", (name, expected) => {
    expect(nearest(name, ["name", "maxParticipants", "emptyTimeoutSeconds"])).toBe(expected);
  });

  it("is none where nothing is known", () => {
    expect(nearest("name", [])).toBeUndefined();
  });
});
