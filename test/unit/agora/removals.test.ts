import { describe, expect, it } from "vitest";
import type { VendorAdapter } from "../../../src/contract/index.ts";
import { APP_ID, adapterOnAgora, failure, hall } from "./fixture.ts";

describe("a kick at Agora", () => {
  it("takes out one, who may come back at once, and leaves the others in", async () => {
    const { server, adapter } = await adapterOnAgora();
    server.join("hall", { uid: 7 });
    server.join("hall", { uid: 8 });
    server.join("other", { uid: 7 });
    await adapter.kickParticipant(hall, "7");
    expect(server.participants("hall")).toEqual([8]);
    expect(server.participants("other")).toEqual([7]);
    expect(server.calls.map(({ method, path, body }) => [method, path, JSON.parse(body)])).toEqual([
      [
        "POST",
        "/dev/v1/kicking-rule",
        { appid: APP_ID, cname: "hall", uid: 7, time: 0, privileges: ["join_channel"] },
      ],
    ]);
    expect(server.join("hall", { uid: 7 }).present, "again").toBe(true);
  });

  const absences = [
    "",
    "0",
    "00",
    "01",
    "1e3",
    "0x7",
    "-7",
    "+7",
    "7.0",
    " 7",
    "7 ",
    "7\n",
    "٧",
    "4294967296",
    "99999999999999999999",
    "NaN",
    "alice",
  ];
  it.each(absences)(
    "of %j is rejected before any call, since it could mean every participant",
    async (identity) => {
      const { server, adapter } = await adapterOnAgora();
      server.join("hall", { uid: 7 });
      expect(await failure(adapter.kickParticipant(hall, identity))).toMatchObject({
        code: "UNSUPPORTED",
        message: expect.stringContaining("integer uid"),
      });
      expect(server.calls).toEqual([]);
      expect(server.participants("hall")).toEqual([7]);
    },
  );

  it.each(["", "a/b", ".."])("from a room %j, or its end, is rejected before any call", async (name) => {
    const { server, adapter } = await adapterOnAgora();
    const place = { region: null, name };
    expect(await failure(adapter.kickParticipant(place, "7"))).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(await failure(adapter.deleteRoom(place))).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(server.calls).toEqual([]);
  });

  it("whose answer is lost is repeated, and bans no participant", async () => {
    const { server, adapter } = await adapterOnAgora();
    server.join("hall", { uid: 7 });
    server.faults.plan({ kind: "lost" }, { times: 1 });
    await adapter.kickParticipant(hall, "7");
    expect(server.participants("hall")).toEqual([]);
    expect(server.calls).toHaveLength(2);
    expect(server.join("hall", { uid: 7 }).present).toBe(true);
  });
});

describe("the forced end of an Agora room", () => {
  it("removes every participant, who may join again at once", async () => {
    const { server, adapter } = await adapterOnAgora();
    server.join("hall", { uid: 7 });
    server.join("hall", { account: "alice" });
    server.join("other", { uid: 7 });
    await adapter.deleteRoom(hall);
    expect(server.participants("hall")).toEqual([]);
    expect(server.participants("other")).toEqual([7]);
    expect(JSON.parse(server.calls[0]?.body ?? "")).toEqual({
      appid: APP_ID,
      cname: "hall",
      time: 0,
      privileges: ["join_channel"],
    });
    expect(server.join("hall", { uid: 7 }).present).toBe(true);
  });

  it("is fine where there is none", async () => {
    const { adapter } = await adapterOnAgora();
    await adapter.deleteRoom(hall);
    await adapter.deleteRoom(hall);
  });
});

describe("removals at Agora, one after the other", () => {
  it("leave no rule, neither for a participant nor for a channel", async () => {
    const { server, adapter, config } = await adapterOnAgora();
    server.join("hall", { uid: 7 });
    server.join("hall", { uid: 8 });
    const kick = () => adapter.kickParticipant(hall, "7");
    await kick();
    await kick();
    expect(server.participants("hall")).toEqual([8]);
    server.join("hall", { uid: 7 });
    await adapter.deleteRoom(hall);
    await adapter.deleteRoom(hall);
    expect(server.participants("hall")).toEqual([]);
    const targets = server.calls.map(({ body }) => JSON.parse(body) as { uid?: number; time: number });
    expect(targets.map(({ uid, time }) => [uid, time])).toEqual([
      ...[
        [7, 0],
        [7, 0],
      ],
      ...[
        [undefined, 0],
        [undefined, 0],
      ],
    ]);
    const { agoraCustomerId, agoraCustomerSecret } = config;
    const basic = Buffer.from(`${agoraCustomerId}:${agoraCustomerSecret}`).toString("base64");
    const listed = await fetch(`${server.url}/dev/v1/kicking-rule?appid=${APP_ID}`, {
      headers: { authorization: `Basic ${basic}` },
    });
    expect(await listed.json()).toEqual({ status: "success", rules: [] });
    for (const uid of [7, 8, 9]) expect(server.join("hall", { uid }).present).toBe(true);
  });
});

describe("a token of the adapter", () => {
  const asked = {
    ...hall,
    ttlSeconds: 60,
    canPublish: true,
    canSubscribe: true,
    canPublishData: true,
    isAdmin: false,
  };
  const join = async (adapter: VendorAdapter, identity: string) =>
    (await adapter.issueToken({ ...asked, identity })).token;

  it("opens its channel to its owner, who can then be kicked by an integer uid", async () => {
    const { server, adapter } = await adapterOnAgora();
    server.joinWith(await join(adapter, "7"));
    server.joinWith(await join(adapter, "alice"));
    expect(server.participants("hall")).toHaveLength(2);
    await adapter.kickParticipant(hall, "7");
    expect(server.participants("hall")).toHaveLength(1);
    const token = await join(adapter, "8");
    expect(() => server.join("other", { uid: 8 }, { token })).toThrow();
    expect(() => server.join("hall", { uid: 9 }, { token })).toThrow();
  });
});
