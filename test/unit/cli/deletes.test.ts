import { describe, expect, test } from "vitest";
import type { Step } from "../../../src/cli/stack/engine-events.ts";
import { guardDeletes, mostDeletes, protectedRemovals } from "../../../src/cli/stack/removals.ts";
import type { Managed } from "../../../src/cli/stack/stack-state.ts";

const step = (op: string, index: number): Step => {
  const name = `room-${index}`;
  return { op, kind: "room", name, urn: name, fields: [], failed: false, messages: [] };
};
const deletes = (count: number) => Array.from({ length: count }, (_, index) => step("delete", index));

describe("How many deletes go unasked", () => {
  test.each([
    [9, {}, undefined],
    [10, {}, 3],
    [100, {}, 30],
    [11, {}, 3],
    [100, { force: true }, undefined],
    [100, { maxDeletes: 0 }, 0],
    [5, { maxDeletes: 2 }, 2],
    [5, { maxDeletes: 2, force: true }, undefined],
  ])("of %i resources with %j: %s", (resources, allowed, most) => {
    expect(mostDeletes(resources, allowed)).toBe(most);
  });

  test("is what a preview may come to; a replacement is no delete", () => {
    const replaced = Array.from({ length: 9 }, (_, index) => step("replace", index));
    expect(() => guardDeletes([...deletes(3), ...replaced], 10, 3)).not.toThrow();
    expect(() => guardDeletes(deletes(10), 10, undefined)).not.toThrow();
    expect(() => guardDeletes(deletes(4), 10, 3)).toThrow(
      /4 of the stack's 10 rooms and recordings.*room room-0, room room-1.*--max-deletes 4, or --force/,
    );
    expect(() => guardDeletes(deletes(40), 100, 30)).toThrow("and 30 more");
  });
});

test("What leaves the manifest stays where it is protected, and so does the room of a protected recording", () => {
  const managed = (kind: Managed["kind"], name: string, more: Partial<Managed> = {}): Managed => ({
    ...{ kind, name, urn: `${kind} ${name}`, id: `livekit:${name}`, resourceId: name, vendor: "livekit" },
    ...{ isProtected: false, isExternal: false, inputs: {}, outputs: {}, ...more },
  });
  const isProtected = true;
  const blocked = protectedRemovals([
    managed("room", "free"),
    managed("room", "kept", { isProtected }),
    managed("room", "recorded"),
    managed("recording", "tape", { isProtected, outputs: { room: "livekit:recorded" } }),
    managed("recording", "other", { outputs: { room: "livekit:free" } }),
  ]);
  const why = [...blocked].map(([urn, { failure }]) => [urn, failure.code, failure.message.split(" is ")[0]]);
  expect(why).toEqual([
    ["room kept", "PROTECTED", "room livekit:kept"],
    ["room recorded", "PROTECTED", "recording livekit:tape"],
    ["recording tape", "PROTECTED", "recording livekit:tape"],
  ]);
});
