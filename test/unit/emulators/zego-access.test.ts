import { describe, expect, it } from "vitest";
import { signatureOf } from "../../emulators/zego-auth.ts";
import { call, ZEGO, zegoWith } from "./fixture.ts";

const HALL: [string, string][] = [["RoomId[]", "hall"]];

describe("the signature", () => {
  it("is the one of the documents' example", () => {
    const secret = "9193cc662a4c0ec135ec71fb57194b38";
    const expected = "43e5cfcca828314675f91b001390566a";
    expect(signatureOf("12345", "4fd24687296dd9f3", secret, "1615186943")).toBe(expected);
  });

  it.each([
    ["no action", { Action: undefined }, 100000006],
    ["an action that there is not", { Action: "DescribeRoomList" }, 100000007],
    ["an app id that is no number", { AppId: "acme" }, 100000001],
    ["no app id", { AppId: undefined }, 100000001],
    ["no timestamp", { Timestamp: undefined }, 100000002],
    ["a timestamp that is no number", { Timestamp: "now" }, 100000003],
    ["no nonce", { SignatureNonce: undefined }, 100000008],
    ["no signature", { Signature: undefined }, 100000009],
    ["another account's app id", { AppId: "12345" }, 100000010],
    ["no signature version", { SignatureVersion: undefined }, 100000013],
    ["another signature version", { SignatureVersion: "1.0" }, 100000014],
    ["another signature", { Signature: "0".repeat(32) }, 100000005],
    ["a nonce that was not signed", { SignatureNonce: "0".repeat(16) }, 100000005],
  ])("makes a call with %s a %s", async (_, changes, code) => {
    const { act } = await zegoWith();
    expect(await act("DescribeUserNum", HALL, changes)).toMatchObject({ status: 200, code });
  });

  it("made with another secret, in upper case or over a nonce of another form is rejected", async () => {
    const { clock, act } = await zegoWith();
    const [app, now] = [String(ZEGO.appId), String(clock.seconds)];
    const nonce = "0123456789abcdef";
    const wrong = signatureOf(app, nonce, "0".repeat(32), now);
    const upper = signatureOf(app, nonce, ZEGO.serverSecret, now).toUpperCase();
    const long = `${nonce}0`;
    for (const changes of [
      { SignatureNonce: nonce, Signature: wrong },
      { SignatureNonce: nonce, Signature: upper },
      { SignatureNonce: long, Signature: signatureOf(app, long, ZEGO.serverSecret, now) },
    ]) {
      expect(await act("DescribeUserNum", HALL, changes)).toMatchObject({ code: 100000005 });
    }
  });

  it("serves one call only", async () => {
    const { zego, signed } = await zegoWith();
    const path = `/?${signed({ Action: "DescribeUserNum" })}&RoomId[]=hall`;
    expect((await call(zego, path)).body).toMatchObject({ Code: 0 });
    expect((await call(zego, path)).body).toMatchObject({ Code: 100000005 });
  });

  it("may be ten minutes old or early, not more", async () => {
    const { zego, clock, signed } = await zegoWith();
    const path = () => `/?${signed({ Action: "DescribeUserNum" })}&RoomId[]=hall`;
    const [old, older] = [path(), path()];
    clock.turn(600_000);
    expect((await call(zego, old)).body).toMatchObject({ Code: 0 });
    clock.turn(1_000);
    expect((await call(zego, older)).body).toMatchObject({ Code: 100000004 });
    const early = path();
    clock.turn(-601_000);
    expect((await call(zego, early)).body).toMatchObject({ Code: 100000004 });
  });

  it("goes into the query of a GET on the root", async () => {
    const { zego, signed } = await zegoWith();
    const query = signed({ Action: "DescribeUserNum" });
    expect((await call(zego, `/?${query}`, { method: "POST" })).status).toBe(405);
    expect((await call(zego, `/v2?${query}`)).status).toBe(404);
  });
});

describe("the limits", () => {
  const codes = async (times: number, ask: (number: number) => Promise<{ code: number }>) =>
    (await Promise.all(Array.from({ length: times }, (_, number) => ask(number))))
      .map(({ code }) => code)
      .sort();

  it.each([
    ["DescribeUserNum", 10, HALL],
    [
      "DescribeUsers",
      10,
      [
        ["RoomId", "hall"],
        ["UserId[]", "alice"],
      ] as [string, string][],
    ],
    [
      "KickoutUser",
      50,
      [
        ["RoomId", "hall"],
        ["UserId[]", "absent"],
      ] as [string, string][],
    ],
    ["CloseRoom", 1, [["RoomId", "hall"]] as [string, string][]],
  ])("let %s pass %i times a second", async (action, limit, parameters) => {
    const { zego, clock, act } = await zegoWith();
    zego.join("hall", "alice");
    const expected = [...Array(limit).fill(0), 206];
    expect(await codes(limit + 1, () => act(action, parameters))).toEqual(expected);
    clock.turn(999);
    expect(await act(action, parameters)).toMatchObject({ status: 200, code: 206 });
    clock.turn(1);
    zego.join("hall", "alice");
    expect(await act(action, parameters)).toMatchObject({ code: 0 });
  });

  it("let DescribeUserList pass 200 times a second, once for each room", async () => {
    const { clock, act } = await zegoWith();
    const list = (name: string) => act("DescribeUserList", [["RoomId", name]]);
    expect(await list("hall")).toMatchObject({ code: 0 });
    expect(await list("hall")).toMatchObject({ code: 207 });
    clock.turn(1_000);
    const expected = [...Array(200).fill(0), 206];
    expect(await codes(201, (number) => list(`room-${number}`))).toEqual(expected);
  });

  it("can be reported with the code of the older documents", async () => {
    const { zego, act } = await zegoWith();
    zego.limits.codes = { app: 7, room: 7 };
    await act("CloseRoom", [["RoomId", "hall"]]);
    expect(await act("CloseRoom", [["RoomId", "hall"]])).toMatchObject({ code: 7 });
  });
});
