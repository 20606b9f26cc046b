import { describe, expect, test } from "vitest";
import { driftOf } from "../../../src/reconcile/drift.ts";

const ROOM = { schemaVersion: 1, room: "memory:hall", sid: "RM_1" };
const RECORDING = { schemaVersion: 1, recording: "memory:EG_1", status: "active" };

/** The drift between a state and what a read answers, the inputs of both beside them. */
const drift = (before: object, after: object | undefined, declared: object = {}, live: object = declared) =>
  driftOf(
    { inputs: { __provider: "shim", ...declared }, outputs: { ...before } },
    after === undefined ? null : { id: "hall", props: { ...after }, inputs: { ...live } },
  );

describe("The drift of a resource is", () => {
  test("none, where all is as it was", () => {
    expect(drift(ROOM, ROOM)).toBeUndefined();
    expect(drift(RECORDING, RECORDING)).toBeUndefined();
  });

  test("changed, with each field as it was declared and as it is", () => {
    expect(drift(ROOM, ROOM, { metadata: { a: 1 } }, { metadata: { a: 2 } })).toEqual({
      class: "changed",
      fields: [{ field: "metadata", declared: { a: 1 }, live: { a: 2 } }],
    });
    expect(drift(ROOM, ROOM, { maxParticipants: 5 }, {})?.fields).toEqual([
      { field: "maxParticipants", declared: 5 },
    ]);
  });

  test("still changed, where an earlier refresh has put the live value into the state", () => {
    const drifted = { ...ROOM, maxParticipants: 5, drifted: { maxParticipants: { declared: 12 } } };
    expect(drift(drifted, drifted, { maxParticipants: 5 })).toEqual({
      class: "changed",
      fields: [{ field: "maxParticipants", declared: 12, live: 5 }],
    });
  });

  test("deleted", () => {
    expect(drift(ROOM, undefined)).toEqual({ class: "deleted", fields: [] });
  });

  test("recreated, unless the room closes by itself and comes back with the next join", () => {
    expect(drift(ROOM, { ...ROOM, sid: "RM_2" })).toEqual({
      class: "recreated",
      fields: [{ field: "sid", declared: "RM_1", live: "RM_2" }],
    });
    const dormant = { ...ROOM, emptyTimeoutSeconds: 600 };
    expect(drift(dormant, { ...dormant, sid: "RM_2" })).toBeUndefined();
  });

  test("ended, for a recording that ran; once the state has its end, none, unless a restart is required", () => {
    const ended = { ...RECORDING, status: "complete" };
    expect(drift(RECORDING, ended)).toEqual({
      class: "ended",
      fields: [{ field: "status", declared: "active", live: "complete" }],
    });
    expect(drift(ended, ended)).toBeUndefined();
    expect(drift(ended, { ...ended, restartDue: true })?.class).toBe("ended");
  });
});
