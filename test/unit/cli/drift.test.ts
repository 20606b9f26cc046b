import { describe, expect, test } from "vitest";
import { driftIn } from "../../../src/cli/drift.ts";
import { driftMarkdown } from "../../../src/cli/drift-report.ts";
import type { FieldChange, Kind, Step } from "../../../src/cli/steps.ts";
import { waitSeconds } from "../../../src/cli/watch.ts";

const ROOM = { schemaVersion: 1, room: "livekit:hall", sid: "RM_1" };
const RECORDING = { schemaVersion: 1, recording: "livekit:EG_1", status: "active" };

const step = (
  kind: Kind,
  before: object | undefined,
  after: object | undefined,
  ...fields: FieldChange[]
): Step => ({
  ...{ op: "refresh", kind, name: "hall", urn: "urn", fields, failed: false, messages: [] },
  old: before as Step["old"],
  new: after as Step["new"],
});
const seen = (...args: Parameters<typeof step>) => {
  const [found] = driftIn([step(...args)]);
  return found && { class: found.class, fields: found.fields };
};

describe("What a refresh has seen is", () => {
  test("nothing, where all is as it was", () => {
    expect(seen("room", ROOM, ROOM)).toBeUndefined();
    expect(seen("recording", RECORDING, RECORDING)).toBeUndefined();
    // A room that is declared and not made yet.
    expect(seen("room", {}, {})).toBeUndefined();
    expect(driftIn([{ ...step("room", ROOM, undefined), failed: true }])).toEqual([]);
  });

  test("changed, with each field as it was declared and as it is", () => {
    const field = { field: "metadata", from: { a: 1 }, to: { a: 2 } };
    expect(seen("room", ROOM, ROOM, field)).toEqual({
      class: "changed",
      fields: [{ field: "metadata", declared: { a: 1 }, live: { a: 2 } }],
    });
  });

  test("still changed, where an earlier refresh has put the live value into the state", () => {
    const drifted = { ...ROOM, maxParticipants: 5, drifted: { maxParticipants: { declared: 12 } } };
    expect(seen("room", drifted, drifted)).toEqual({
      class: "changed",
      fields: [{ field: "maxParticipants", declared: 12, live: 5 }],
    });
  });

  test("deleted", () => {
    expect(seen("room", ROOM, undefined)).toEqual({ class: "deleted", fields: [] });
  });

  test("recreated, unless the room closes by itself and comes back with the next join", () => {
    expect(seen("room", ROOM, { ...ROOM, sid: "RM_2" })).toEqual({
      class: "recreated",
      fields: [{ field: "sid", declared: "RM_1", live: "RM_2" }],
    });
    const dormant = { ...ROOM, emptyTimeoutSeconds: 600 };
    expect(seen("room", dormant, { ...dormant, sid: "RM_2" })).toBeUndefined();
  });

  test("ended, a recording that ran; once the state knows, it is history, unless another is due", () => {
    const ended = { ...RECORDING, status: "complete" };
    expect(seen("recording", RECORDING, ended)).toEqual({
      class: "ended",
      fields: [{ field: "status", declared: "active", live: "complete" }],
    });
    expect(seen("recording", ended, ended)).toBeUndefined();
    expect(seen("recording", ended, { ...ended, restartDue: true })?.class).toBe("ended");
  });
});

test("A comment on drift counts the classes and escapes what a vendor says", () => {
  const metadata = { field: "metadata", declared: {}, live: { x: "</td> @all `b`" } };
  const resources = [
    {
      kind: "room" as const,
      name: "hall",
      id: "livekit:hall",
      class: "changed" as const,
      fields: [metadata],
      messages: [],
    },
  ];
  const text = driftMarkdown({ project: "acme", stack: "dev", drifted: true, resources, errors: [] });
  expect(text).toContain(
    "| changed | deleted | recreated | ended |\n| --- | --- | --- | --- |\n| 1 | 0 | 0 | 0 |",
  );
  expect(text).toContain('live ``{"x":"</td> @all `b`"}``');
});

test("A watch waits longer with every failure in a row, up to ten minutes, and never less than asked", () => {
  expect([0, 1, 2, 3, 10].map((failures) => waitSeconds(30, failures))).toEqual([30, 60, 120, 240, 600]);
  expect(waitSeconds(3_600, 4)).toBe(3_600);
});
