import { describe, expect, it } from "vitest";
import { AGORA, agoraWith } from "./fixture.ts";

const CHANNELS = `/dev/v1/channel/${AGORA.appId}`;
const USERS = `/dev/v1/channel/user/${AGORA.appId}`;
const STATUS = `/dev/v1/channel/user/property/${AGORA.appId}`;

describe("the channel list", () => {
  it("has the occupied channels, with the number of users", async () => {
    const { agora, get } = await agoraWith();
    agora.join("hall", { uid: 1 });
    agora.join("hall", { uid: 2 });
    agora.join("stage", { uid: 3 });
    const both = [
      { channel_name: "hall", user_count: 2 },
      { channel_name: "stage", user_count: 1 },
    ];
    const { status, body, headers } = await get(CHANNELS);
    expect({ status, body }).toEqual({
      status: 200,
      body: { success: true, data: { channels: both, total_size: 2 } },
    });
    expect(headers.get("x-request-id")).toBeTruthy();
    agora.leave("stage", 3);
    expect((await get(CHANNELS)).body).toMatchObject({ data: { channels: [both[0]], total_size: 1 } });
  });

  it("comes in pages, counted from 0, of 100 unless asked otherwise; a page beyond the end is empty", async () => {
    const { agora, get } = await agoraWith();
    for (let number = 1; number <= 105; number++) agora.join(`channel-${number}`, { uid: number });
    const page = async (query: string) => {
      const { body } = await get(`${CHANNELS}${query}`);
      const { channels, total_size } = (
        body as { data: { channels: { channel_name: string }[]; total_size: number } }
      ).data;
      expect(total_size).toBe(105);
      return channels.map(({ channel_name }) => channel_name);
    };
    expect(await page("")).toHaveLength(100);
    expect(await page("?page_no=1")).toHaveLength(5);
    expect(await page("?page_no=2")).toEqual([]);
    expect(await page("?page_no=52&page_size=2")).toEqual(["channel-105"]);
    expect(await page("?page_size=500")).toHaveLength(105);
  });
});

describe("the user list", () => {
  it("reports that an empty channel does not exist", async () => {
    const { agora, get } = await agoraWith();
    const absent = { success: true, data: { channel_exist: false } };
    expect(await get(`${USERS}/hall`)).toMatchObject({ status: 200, body: absent });
    agora.join("hall", { uid: 1 }).leave();
    expect((await get(`${USERS}/hall`)).body).toEqual(absent);
    expect((await get(`${USERS}/hall/hosts_only`)).body).toEqual(absent);
  });

  it("has every user of a channel of communication", async () => {
    const { agora, get } = await agoraWith();
    agora.join("hall", { uid: 2 ** 32 - 1 });
    agora.join("hall", { uid: 2 }, { role: "host" });
    const data = { channel_exist: true, mode: 1, total: 2, users: [2 ** 32 - 1, 2] };
    expect((await get(`${USERS}/hall`)).body).toEqual({ success: true, data });
    const hosts = { channel_exist: true, mode: 1 };
    expect((await get(`${USERS}/hall/hosts_only`)).body).toEqual({ success: true, data: hosts });
  });

  it("has hosts and audience of a channel of live broadcasting, and hosts alone where those are asked for", async () => {
    const { agora, get } = await agoraWith();
    agora.setMode("hall", 2);
    agora.join("hall", { uid: 1 }, { role: "host" });
    agora.join("hall", { uid: 2 });
    const hosts = { channel_exist: true, mode: 2, broadcasters: [1] };
    const all = { ...hosts, audience: [2], audience_total: 1 };
    expect((await get(`${USERS}/hall`)).body).toEqual({ success: true, data: all });
    expect((await get(`${USERS}/hall/hosts_only`)).body).toEqual({ success: true, data: hosts });
    expect((await get(`${USERS}/hall?hosts_only=`)).body).toEqual({ success: true, data: hosts });
  });

  it("has the first 10000 of an audience, and how many they are", async () => {
    const { agora, get } = await agoraWith({ mode: 2 });
    for (let uid = 1; uid <= 10_001; uid++) agora.join("hall", { uid });
    const { audience, audience_total } = (
      (await get(`${USERS}/hall`)).body as { data: Record<string, number[]> }
    ).data;
    expect([audience?.length, audience?.at(-1), audience_total]).toEqual([10_000, 10_000, 10_001]);
  });

  it("shows a string account as the same integer uid every time", async () => {
    const { agora, get } = await agoraWith();
    const { uid } = agora.join("hall", { account: "alice" });
    expect((await get(`${USERS}/hall`)).body).toMatchObject({ data: { users: [uid] } });
    expect(agora.join("stage", { account: "alice" }).uid).toBe(uid);
    expect(agora.join("stage", { account: "bob" }).uid).not.toBe(uid);
  });

  it.each(["a b", "?x=1", "#1", "100%", "...", "[a],{b}|~"])(
    "finds a channel of the name %j",
    async (name) => {
      const { agora, get } = await agoraWith();
      agora.join(name, { uid: 1 });
      expect((await get(`${USERS}/${encodeURIComponent(name)}`)).body).toMatchObject({
        data: { users: [1] },
      });
    },
  );
});

describe("the user status", () => {
  it("has when a user joined and as what", async () => {
    const { agora, clock, get } = await agoraWith();
    agora.setMode("stage", 2);
    const join = clock.seconds;
    agora.join("hall", { uid: 1 });
    agora.join("stage", { uid: 2 }, { role: "host" });
    agora.join("stage", { uid: 3 });
    clock.turn(60_000);
    const status = async (uid: number, channel: string) =>
      ((await get(`${STATUS}/${uid}/${channel}`)).body as { data: object }).data;
    expect(await status(1, "hall")).toEqual({ in_channel: true, uid: 1, join, role: 1, platform: 7 });
    expect(await status(2, "stage")).toMatchObject({ role: 2 });
    expect(await status(3, "stage")).toMatchObject({ role: 3 });
    expect(await status(1, "stage")).toEqual({ in_channel: false });
    expect(await status(1, "nowhere")).toEqual({ in_channel: false });
  });

  it("accepts integer uids only", async () => {
    const { get } = await agoraWith();
    expect(await get(`${STATUS}/alice/hall`)).toMatchObject({
      status: 400,
      body: { message: "invalid uid" },
    });
  });
});
