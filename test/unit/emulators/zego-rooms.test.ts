import { describe, expect, it } from "vitest";
import { zegoWith } from "./fixture.ts";

const room = (id: string): [string, string] => ["RoomId", id];
const rooms = (...ids: string[]) => ids.map((id): [string, string] => ["RoomId[]", id]);
const users = (...ids: string[]) => ids.map((id): [string, string] => ["UserId[]", id]);
interface Page {
  Marker: string;
  UserList: { UserId: string; UserName: string; UserRole: number }[];
}

describe("DescribeUserNum", () => {
  it("counts the participants of up to ten rooms, admins among them; none in a room that does not exist", async () => {
    const { zego, act } = await zegoWith();
    zego.join("hall", "alice");
    zego.join("hall", "recorder", { role: "admin" });
    expect(await act("DescribeUserNum", rooms("hall", "nowhere"))).toEqual({
      status: 200,
      code: 0,
      data: {
        UserCountList: [
          { RoomId: "hall", UserCount: 2, AdminUserCount: 1 },
          { RoomId: "nowhere", UserCount: 0, AdminUserCount: 0 },
        ],
      },
    });
    expect(await act("DescribeUserNum", rooms(..."abcdefghij"))).toMatchObject({ code: 0 });
  });

  it.each([
    ["no room", []],
    ["eleven rooms", rooms(..."abcdefghijk")],
    ["a room without brackets", [room("hall")]],
  ])("rejects %s", async (_, parameters) => {
    const { act } = await zegoWith();
    expect(await act("DescribeUserNum", parameters)).toMatchObject({ status: 200, code: 2 });
  });
});

describe("DescribeUserList", () => {
  it("has the participants of a room with names and roles, by when they logged in", async () => {
    const { zego, clock, act } = await zegoWith();
    zego.join("hall", "zoe", { userName: "Zoe Z.", role: "host" });
    clock.turn(1_000);
    zego.join("hall", "bob");
    const zoe = { UserId: "zoe", UserName: "Zoe Z.", UserRole: 1 };
    const bob = { UserId: "bob", UserName: "bob", UserRole: 2 };
    const list = { Marker: "", UserList: [zoe, bob] };
    expect(await act("DescribeUserList", [room("hall")])).toMatchObject({ code: 0, data: list });
    clock.turn(1_000);
    const descending = { Marker: "", UserList: [bob, zoe] };
    expect((await act("DescribeUserList", [room("hall"), ["Mode", "1"]])).data).toEqual(descending);
    expect((await act("DescribeUserList", [room("nowhere")])).data).toEqual({ Marker: "", UserList: [] });
  });

  it.each(["0", "1"])(
    "comes in pages of 200 at most, each with the marker of the next (mode %s)",
    async (mode) => {
      const { zego, clock, act } = await zegoWith();
      for (let number = 1; number <= 450; number++) {
        zego.join("hall", `user-${number}`);
        if (number % 2 === 0) clock.turn(1); // so that some logged in at the same time
      }
      const sizes: number[] = [];
      const found = new Set<string>();
      for (let marker: string | undefined; marker !== ""; clock.turn(1_000)) {
        const { data } = await act("DescribeUserList", [
          room("hall"),
          ["Mode", mode],
          ["Marker", marker ?? ""],
        ]);
        const page = data as Page;
        sizes.push(page.UserList.length);
        for (const { UserId } of page.UserList) found.add(UserId);
        marker = page.Marker;
      }
      expect(sizes).toEqual([200, 200, 50]);
      expect(found.size).toBe(450);
    },
  );

  it("has no marker when a page was just enough", async () => {
    const { zego, act } = await zegoWith();
    zego.join("hall", "alice");
    zego.join("hall", "bob");
    const { data } = await act("DescribeUserList", [room("hall"), ["Limit", "2"]]);
    expect(data).toMatchObject({ Marker: "", UserList: [{ UserId: "alice" }, { UserId: "bob" }] });
  });

  it("goes on where a page ended when its last user has left since", async () => {
    const { zego, clock, act } = await zegoWith();
    for (const id of ["alice", "bob", "carol"]) {
      zego.join("hall", id);
      clock.turn(5);
    }
    const first = await act("DescribeUserList", [room("hall"), ["Limit", "2"]]);
    const { Marker } = first.data as Page;
    zego.leave("hall", "bob");
    clock.turn(1_000);
    const second = await act("DescribeUserList", [room("hall"), ["Limit", "2"], ["Marker", Marker]]);
    expect(second.data).toMatchObject({ Marker: "", UserList: [{ UserId: "carol" }] });
  });

  it.each([
    ["a limit beyond 200", ["Limit", "201"]],
    ["a limit below 0", ["Limit", "-1"]],
    ["a mode that there is not", ["Mode", "2"]],
    ["a marker that it has not given", ["Marker", "2"]],
    ["a room twice", ["RoomId", "hall"]],
    ["a parameter that there is not", ["PageSize", "10"]],
  ] as [string, [string, string]][])("rejects %s", async (_, wrong) => {
    const { act } = await zegoWith();
    expect(await act("DescribeUserList", [room("hall"), wrong])).toMatchObject({ code: 2 });
  });
});

describe("DescribeUsers", () => {
  it("reports who is in a room, since when, in milliseconds", async () => {
    const { zego, clock, act } = await zegoWith();
    zego.join("hall", "alice", { role: "host" });
    const list = [
      { UserId: "alice", Status: 1, LoginTime: clock.now(), UserRole: 1 },
      { UserId: "bob", Status: 0, LoginTime: 0, UserRole: 0 },
    ];
    const { code, data } = await act("DescribeUsers", [room("hall"), ...users("alice", "bob")]);
    expect({ code, data }).toEqual({ code: 0, data: { UserStatusList: list } });
  });

  it("has no empty room, and accepts ten users at most", async () => {
    const { act } = await zegoWith();
    expect(await act("DescribeUsers", [room("nowhere"), ...users("alice")])).toMatchObject({ code: 50001 });
    expect(await act("DescribeUsers", [room("nowhere"), ...users(..."abcdefghijk")])).toMatchObject({
      code: 2,
    });
  });
});
