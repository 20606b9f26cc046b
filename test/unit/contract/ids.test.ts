import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRoomId, roomId } from "../../../src/contract/index.ts";

const VENDORS = ["livekit", "agora"];

describe("room ids", () => {
  it("have the vendor, the region where there is one, and the name", () => {
    expect(roomId({ vendor: "livekit", region: null, name: "standup" })).toBe("livekit:standup");
    expect(roomId({ vendor: "livekit", region: "eu", name: "standup" })).toBe("livekit@eu:standup");
  });

  it.each([
    ["livekit:standup", { vendor: "livekit", region: null, name: "standup" }],
    ["livekit@eu:standup", { vendor: "livekit", region: "eu", name: "standup" }],
    ["livekit:team:core", { vendor: "livekit", region: null, name: "team:core" }],
    ["livekit:livekit:standup", { vendor: "livekit", region: null, name: "livekit:standup" }],
    ["livekit:a@b", { vendor: "livekit", region: null, name: "a@b" }],
    ["livekit:...", { vendor: "livekit", region: null, name: "..." }],
    ["livekit: two\nlines", { vendor: "livekit", region: null, name: " two\nlines" }],
  ])("%j is read as an id", (text, expected) => {
    expect(parseRoomId(text, VENDORS)).toEqual(expected);
  });

  it.each([
    "standup",
    "...",
    "team:core",
    "zego:standup",
    "livekit:",
    "livekit@:x",
    "livekit@a:",
    ":x",
    "LiveKit:x",
    "",
  ])("%j is a bare name", (text) => {
    expect(parseRoomId(text, VENDORS)).toBeNull();
  });

  it("read back as what they were made from, whatever the name", () => {
    const name = fc.uint8Array({ minLength: 1 }).map((bytes) => Buffer.from(bytes).toString("latin1"));
    const region = fc.option(fc.string({ minLength: 1 }).filter((text) => !/[:@]/.test(text)));
    fc.assert(
      fc.property(fc.constantFrom(...VENDORS), region, name, (vendor, region, name) => {
        expect(parseRoomId(roomId({ vendor, region, name }), VENDORS)).toEqual({ vendor, region, name });
      }),
    );
  });
});
