import { describe, expect, it } from "vitest";
import { zegoWith } from "./fixture.ts";

const room = (id: string): [string, string] => ["RoomId", id];
const users = (...ids: string[]) => ids.map((id): [string, string] => ["UserId[]", id]);

describe("KickoutUser", () => {
  it("kicks those who are there, reports success for those who are not, and lets all come back", async () => {
    const { zego, act } = await zegoWith();
    const alice = zego.join("hall", "alice");
    zego.join("hall", "bob");
    const parameters = [room("hall"), ...users("alice", "carol"), ["CustomReason", "enough & out"]] as [
      string,
      string,
    ][];
    expect(await act("KickoutUser", parameters)).toEqual({ status: 200, code: 0, data: undefined });
    expect(alice.present).toBe(false);
    expect(zego.participants("hall")).toEqual(["bob"]);
    expect(zego.join("hall", "alice").present).toBe(true);
  });

  it("destroys the room with its last user", async () => {
    const { zego, act } = await zegoWith();
    zego.join("hall", "alice");
    await act("KickoutUser", [room("hall"), ...users("alice")]);
    expect(await act("KickoutUser", [room("hall"), ...users("alice")])).toMatchObject({ code: 104 });
  });

  it.each([
    ["six users", users(..."abcdef"), 50011],
    ["no user", [], 2],
    ["a user id that is too long", users("a".repeat(65)), 3],
    ["a user id with a slash", users("a/b"), 2],
    [
      "a reason of more than 256 bytes",
      [...users("a"), ["CustomReason", "é".repeat(129)]] as [string, string][],
      3,
    ],
  ])("rejects %s", async (_, parameters, code) => {
    const { zego, act } = await zegoWith();
    zego.join("hall", "a");
    expect(await act("KickoutUser", [room("hall"), ...parameters])).toMatchObject({ code });
    expect(zego.participants("hall")).toEqual(["a"]);
  });
});

describe("CloseRoom", () => {
  it("kicks every participant; the room is gone until one joins again", async () => {
    const { zego, clock, act } = await zegoWith();
    zego.join("hall", "alice");
    zego.join("hall", "recorder", { role: "admin" });
    const parameters = [room("hall"), ["CustomReason", "over"], ["RoomCloseCallback", "true"]] as [
      string,
      string,
    ][];
    expect(await act("CloseRoom", parameters)).toMatchObject({ code: 0 });
    expect(zego.participants("hall")).toEqual([]);
    clock.turn(1_000);
    expect(await act("CloseRoom", [room("hall")])).toMatchObject({ code: 5024 });
    expect(zego.join("hall", "alice").present).toBe(true);
  });

  it.each([
    ["no room", [], 2],
    ["a room id that is too long", [room("a".repeat(128))], 3],
    ["a callback that is no boolean", [room("hall"), ["RoomCloseCallback", "1"]] as [string, string][], 2],
  ])("rejects %s", async (_, parameters, code) => {
    const { act } = await zegoWith();
    expect(await act("CloseRoom", parameters)).toMatchObject({ code });
  });
});
