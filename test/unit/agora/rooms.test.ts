import { describe, expect, it } from "vitest";
import { NEVER, type VendorAdapter } from "../../../src/contract/index.ts";
import { agora } from "../../../src/vendors/agora/adapter.ts";
import { APP_ID, adapterOnAgora, failure, hall, PROJECT } from "./fixture.ts";

const empty = {
  room: "agora:hall",
  name: "hall",
  vendor: "agora",
  state: "pending",
  maxParticipants: null,
  emptyTimeoutSeconds: null,
  departureTimeoutSeconds: null,
  numParticipants: null,
  metadata: null,
  region: null,
  createdAt: null,
  sid: null,
  endpoint: APP_ID,
  owner: null,
};

describe("an Agora room that is declared", () => {
  it("is a record of what was asked for, without a call", async () => {
    const { server, adapter } = await adapterOnAgora();
    const settings = { maxParticipants: 5, metadata: { team: "core" }, owner: "abc-def" };
    const timeouts = { emptyTimeoutSeconds: NEVER, departureTimeoutSeconds: NEVER };
    expect(adapter.keepsRooms).toBe(false);
    expect(await adapter.createRoom({ ...hall, ...settings, emptyTimeoutSeconds: NEVER })).toEqual({
      ...empty,
      ...settings,
      ...timeouts,
    });
    expect(await adapter.createRoom(hall)).toEqual(empty);
    expect(await adapter.updateRoom(hall, { team: "edge" }, undefined)).toEqual({
      ...empty,
      metadata: { team: "edge" },
    });
    expect(await adapter.createRoom({ region: "eu-west-1", name: "hall" })).toEqual({
      ...empty,
      region: "eu-west-1",
      room: "agora@eu-west-1:hall",
    });
    expect(server.calls).toEqual([]);
  });

  it("changes in place, but for what makes it another", () => {
    expect([...agora({}).changesInPlace].sort()).toEqual([
      "adopt",
      "emptyTimeoutSeconds",
      "enableRecording",
      "forceDestroy",
      "maxParticipants",
      "metadata",
    ]);
  });

  it("is warned of where Agora does not hold to it, which is the number of people alone", () => {
    const { roomWarnings } = agora({});
    expect(roomWarnings({ maxParticipants: 5 })).toEqual([
      expect.stringMatching(/^maxParticipants is not enforced/),
    ]);
    expect(roomWarnings({ emptyTimeoutSeconds: 60, metadata: {} })).toEqual([]);
  });

  it("cannot be recorded, and it is said what can", async () => {
    const recording = { layout: "grid", audioOnly: false, outputUri: "s3://acme/" };
    const error = await failure(agora(PROJECT).createRoom({ ...hall, recording }));
    expect(error).toMatchObject({ code: "UNSUPPORTED", message: expect.stringContaining("LiveKit Egress") });
    expect(agora(PROJECT).recordings).toBeUndefined();
  });

  it("is shown without a look at Agora where there are no keys for one", async () => {
    expect(await agora(PROJECT).getRoom(hall)).toEqual(empty);
  });
});

describe("an Agora channel", () => {
  it("is open while people are in it, and pending before and after", async () => {
    const { server, adapter } = await adapterOnAgora();
    expect(await adapter.getRoom(hall)).toEqual({ ...empty, numParticipants: 0 });
    server.join("hall", { uid: 7 });
    server.join("hall", { account: "alice" });
    expect(await adapter.getRoom(hall)).toEqual({ ...empty, state: "open", numParticipants: 2 });
    for (const uid of server.people("hall")) server.leave("hall", uid);
    expect(await adapter.getRoom(hall)).toMatchObject({ state: "pending", numParticipants: 0 });
  });

  it.each([1, 2] as const)("shows its people by their uids, in mode %i", async (mode) => {
    const { server, adapter } = await adapterOnAgora();
    server.setMode("hall", mode);
    server.join("hall", { uid: 7 }, { role: "host" });
    server.join("hall", { uid: 4_294_967_295 });
    const people = await adapter.listParticipants(hall);
    expect(people).toHaveLength(2);
    expect(people).toEqual(
      expect.arrayContaining([
        { identity: "7", joinedAt: null },
        { identity: "4294967295", joinedAt: null },
      ]),
    );
    expect(await adapter.getRoom(hall)).toMatchObject({ state: "open", numParticipants: 2 });
  });

  it("counts also those of an audience who are not listed", async () => {
    const { server, adapter } = await adapterOnAgora();
    const data = {
      channel_exist: true,
      mode: 2,
      broadcasters: [1, 2],
      audience: [2, 3],
      audience_total: 20_000,
    };
    server.faults.plan({ kind: "answer", status: 200, body: { success: true, data } });
    expect(await adapter.getRoom(hall)).toMatchObject({ numParticipants: 20_002 });
    expect((await adapter.listParticipants(hall)).map(({ identity }) => identity)).toEqual(["1", "2", "3"]);
  });

  it("that does not exist has nobody in it", async () => {
    const { adapter } = await adapterOnAgora();
    expect(await adapter.listParticipants(hall)).toEqual([]);
  });

  it("is found by any name that it can have, and by no other", async () => {
    const { server, adapter } = await adapterOnAgora();
    const names = [" !#$%&()+-:;<=.>?@[]^_{}|~,", "...", "%2e%2e", "a b", "property"];
    for (const name of names) server.join(name, { uid: 7 });
    const found = await adapter.listRooms(null, [...names, "absent", "a/b", "..", "", "a b"]);
    expect(found.map(({ name }) => name)).toEqual(names);
    expect(server.calls).toHaveLength(names.length + 1);
  });

  it("is open in a list, with its people, and asked for by the account's keys", async () => {
    const { server, adapter } = await adapterOnAgora();
    server.join("hall", { uid: 7 });
    server.join("hall", { uid: 8 });
    expect(await adapter.listRooms(null)).toEqual([{ ...empty, state: "open", numParticipants: 2 }]);
    expect(await adapter.listRooms("eu-west-1")).toMatchObject([
      { room: "agora@eu-west-1:hall", region: "eu-west-1" },
    ]);
  });

  it("is listed on whatever page it stands, each once", async () => {
    const { server, adapter } = await adapterOnAgora();
    for (let n = 0; n < 1_001; n++) server.join(`room-${n}`, { uid: 1 });
    expect((await adapter.listRooms(null)).map(({ name }) => name)).toHaveLength(1_001);
    expect(server.calls.map(({ path }) => path.split("?")[1])).toEqual([
      "page_no=0&page_size=500",
      "page_no=1&page_size=500",
      "page_no=2&page_size=500",
    ]);
  });

  it("that moves to the next page meanwhile is listed once", async () => {
    const { server, adapter } = await adapterOnAgora();
    const page = (names: string[], total: number) => {
      const channels = names.map((name) => ({ channel_name: name, user_count: 1 }));
      const body = { success: true, data: { channels, total_size: total } };
      server.faults.plan({ kind: "answer", status: 200, body }, { times: 1 });
    };
    page(["a", "b"], 501);
    page(["b", "c"], 1_500);
    page([], 1_500);
    expect((await adapter.listRooms(null)).map(({ name }) => name)).toEqual(["a", "b", "c"]);
    expect(server.calls).toHaveLength(3);
  });

  it("does not make an endless list where pages repeat for ever", async () => {
    const { server, adapter } = await adapterOnAgora();
    const data = { channels: [{ channel_name: "a", user_count: 1 }], total_size: 2 ** 53 - 1 };
    server.faults.plan({ kind: "answer", status: 200, body: { success: true, data } });
    expect(await adapter.listRooms(null)).toHaveLength(1);
  });
});

describe("a kick at Agora", () => {
  it("takes out one, who may come back at once, and leaves the others in", async () => {
    const { server, adapter } = await adapterOnAgora();
    server.join("hall", { uid: 7 });
    server.join("hall", { uid: 8 });
    server.join("other", { uid: 7 });
    await adapter.kickParticipant(hall, "7");
    expect(server.people("hall")).toEqual([8]);
    expect(server.people("other")).toEqual([7]);
    expect(server.calls.map(({ method, path, body }) => [method, path, JSON.parse(body)])).toEqual([
      [
        "POST",
        "/dev/v1/kicking-rule",
        { appid: APP_ID, cname: "hall", uid: 7, time: 0, privileges: ["join_channel"] },
      ],
    ]);
    expect(server.join("hall", { uid: 7 }).present, "again").toBe(true);
  });

  const nobody = [
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
  it.each(nobody)("of %j is refused before any call, since it could mean everybody", async (identity) => {
    const { server, adapter } = await adapterOnAgora();
    server.join("hall", { uid: 7 });
    expect(await failure(adapter.kickParticipant(hall, identity))).toMatchObject({
      code: "UNSUPPORTED",
      message: expect.stringContaining("integer uid"),
    });
    expect(server.calls).toEqual([]);
    expect(server.people("hall")).toEqual([7]);
  });

  it.each(["", "a/b", ".."])("from a room %j, or its end, is refused before any call", async (name) => {
    const { server, adapter } = await adapterOnAgora();
    const place = { region: null, name };
    expect(await failure(adapter.kickParticipant(place, "7"))).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(await failure(adapter.deleteRoom(place))).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(server.calls).toEqual([]);
  });

  it("whose answer is lost is repeated, and bans nobody", async () => {
    const { server, adapter } = await adapterOnAgora();
    server.join("hall", { uid: 7 });
    server.faults.plan({ kind: "lost" }, { times: 1 });
    await adapter.kickParticipant(hall, "7");
    expect(server.people("hall")).toEqual([]);
    expect(server.calls).toHaveLength(2);
    expect(server.join("hall", { uid: 7 }).present).toBe(true);
  });
});

describe("the forced end of an Agora room", () => {
  it("takes everybody out, who may come back at once", async () => {
    const { server, adapter } = await adapterOnAgora();
    server.join("hall", { uid: 7 });
    server.join("hall", { account: "alice" });
    server.join("other", { uid: 7 });
    await adapter.deleteRoom(hall);
    expect(server.people("hall")).toEqual([]);
    expect(server.people("other")).toEqual([7]);
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
    expect(server.people("hall")).toHaveLength(2);
    await adapter.kickParticipant(hall, "7");
    expect(server.people("hall")).toHaveLength(1);
    const token = await join(adapter, "8");
    expect(() => server.join("other", { uid: 8 }, { token })).toThrow();
    expect(() => server.join("hall", { uid: 9 }, { token })).toThrow();
  });
});
