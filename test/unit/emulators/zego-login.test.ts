import { describe, expect, it } from "vitest";
import { token04, ZEGO, zegoWith } from "./fixture.ts";

describe("logging in", () => {
  it("with a token lets in whom it names, where it names", async () => {
    const { zego, clock } = await zegoWith();
    const token = tokenOf(clock.seconds);
    expect(zego.join("hall", "alice", { token }).present).toBe(true);
    expect(zego.joinWith(token)).toMatchObject({ room: "hall", userId: "alice", present: true });
  });

  it.each([
    ["was made with another secret", { secret: "0".repeat(32) }, "rejected: token"],
    ["is for another app", { app_id: 5 }, "another app"],
    ["is for another identity", { user_id: "bob" }, "for another identity"],
    ["has expired", { lifetime: 0 }, "expired"],
    ["is for another room", { payload: payload("stage") }, "another room"],
    ["does not let log in", { payload: payload("hall", 0) }, "does not let log in"],
  ])("rejects a token that %s", async (_, changes, why) => {
    const { zego, clock } = await zegoWith();
    const token = tokenOf(clock.seconds, changes);
    expect(() => zego.join("hall", "alice", { token })).toThrow(why);
    expect(zego.participants("hall")).toEqual([]);
  });

  it("with a token that is bound to no room opens every room, as the vendor has it", async () => {
    const { zego, clock } = await zegoWith();
    const token = tokenOf(clock.seconds, { payload: "" });
    expect(zego.join("any", "alice", { token }).present).toBe(true);
    expect(() => zego.joinWith(token)).toThrow("names no room");
  });

  it("elsewhere logs out where one was", async () => {
    const { zego } = await zegoWith();
    const first = zego.join("hall", "alice");
    const second = zego.join("stage", "alice");
    expect([first.present, second.present]).toEqual([false, true]);
    expect(zego.participants("hall")).toEqual([]);
    first.leave();
    expect(second.present).toBe(true);
  });

  it.each([
    ["a".repeat(128), "alice"],
    ["hall/1", "alice"],
    ["hall", "a".repeat(65)],
    ["hall", "alice cooper"],
    ["hall", ""],
  ])("rejects a room %j with a user %j", async (room, user) => {
    const { zego } = await zegoWith();
    expect(() => zego.join(room, user)).toThrow("Zego has no");
  });
});

function payload(room: string, login = 1): string {
  return JSON.stringify({ room_id: room, privilege: { "1": login, "2": 0 }, stream_id_list: null });
}

function tokenOf(
  now: number,
  changes: { lifetime?: number; secret?: string; [field: string]: unknown } = {},
): string {
  const { lifetime = 60, secret, ...fields } = changes;
  const expire = now + lifetime;
  const usual = {
    app_id: ZEGO.appId,
    user_id: "alice",
    nonce: -5,
    ctime: now,
    expire,
    payload: payload("hall"),
  };
  return token04({ ...usual, ...fields }, expire, secret);
}
