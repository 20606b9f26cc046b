import { describe, expect, it } from "vitest";
import { fieldName, fromWire, toWire, wireName } from "../../../src/contract/wire.ts";

describe("the spelling over REST", () => {
  it.each([
    ["name", "name"],
    ["maxParticipants", "max_participants"],
    ["emptyTimeoutSeconds", "empty_timeout_s"],
    ["ttlSeconds", "ttl_s"],
    ["durationSeconds", "duration_s"],
    ["canPublishData", "can_publish_data"],
    ["sizeBytes", "size_bytes"],
    ["roomSid", "room_sid"],
    ["nextCursor", "next_cursor"],
  ])("of %s is %s, both ways", (field, wire) => {
    expect([wireName(field), fieldName(wire)]).toEqual([wire, field]);
  });

  it("reaches every depth, but nothing that stands in metadata", () => {
    const metadata = { teamName: "core", a_b: [{ ttlSeconds: 1 }] };
    const page = { items: [{ roomSid: "RM_1", metadata, owner: null }], nextCursor: undefined };
    const wire = { items: [{ room_sid: "RM_1", metadata, owner: null }] };
    expect(toWire(page)).toEqual(wire);
    expect(fromWire(wire)).toEqual({ items: [{ roomSid: "RM_1", metadata, owner: null }] });
  });
});
