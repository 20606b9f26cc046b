import { describe, expect, it } from "vitest";
import { NEVER } from "../../../src/contract/index.ts";
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
    expect(adapter.persistentRooms).toBeUndefined();
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
    expect([...agora.adapter({}).changesInPlace].sort()).toEqual([
      "adopt",
      "emptyTimeoutSeconds",
      "enableRecording",
      "forceDestroy",
      "maxParticipants",
      "metadata",
    ]);
  });

  it("is warned of where Agora does not hold to it, which is the number of participants alone", () => {
    const { roomWarnings } = agora.adapter({});
    expect(roomWarnings({ maxParticipants: 5 })).toEqual([
      expect.stringMatching(/^maxParticipants is not enforced/),
    ]);
    expect(roomWarnings({ emptyTimeoutSeconds: 60, metadata: {} })).toEqual([]);
  });

  it("cannot be recorded, and the error names what can", async () => {
    const recording = { layout: "grid", audioOnly: false, outputUri: "s3://acme/" };
    const error = await failure(agora.adapter(PROJECT).createRoom({ ...hall, recording }));
    expect(error).toMatchObject({ code: "UNSUPPORTED", message: expect.stringContaining("LiveKit Egress") });
    expect(agora.adapter(PROJECT).recordings).toBeUndefined();
  });

  it("is returned without a call to Agora where its keys are missing", async () => {
    expect(await agora.adapter(PROJECT).getRoom(hall)).toEqual(empty);
  });
});

describe("an Agora channel", () => {
  it("is open while it is occupied, and pending before and after", async () => {
    const { server, adapter } = await adapterOnAgora();
    expect(await adapter.getRoom(hall)).toEqual({ ...empty, numParticipants: 0 });
    server.join("hall", { uid: 7 });
    server.join("hall", { account: "alice" });
    expect(await adapter.getRoom(hall)).toEqual({ ...empty, state: "open", numParticipants: 2 });
    for (const uid of server.participants("hall")) server.leave("hall", uid);
    expect(await adapter.getRoom(hall)).toMatchObject({ state: "pending", numParticipants: 0 });
  });

  it.each([1, 2] as const)("shows its participants by their uids, in mode %i", async (mode) => {
    const { server, adapter } = await adapterOnAgora();
    server.setMode("hall", mode);
    server.join("hall", { uid: 7 }, { role: "host" });
    server.join("hall", { uid: 4_294_967_295 });
    const participants = await adapter.listParticipants(hall);
    expect(participants).toHaveLength(2);
    expect(participants).toEqual(
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

  it.each([
    { channel_exist: true, mode: 2, broadcasters: [1], audience: null },
    { channel_exist: true, mode: 1, users: [1], total: 1, broadcasters: [] },
    { channel_exist: true, mode: 2, broadcasters: null, audience: [1], audience_total: 1 },
  ])("is read also where a list that is empty is left out: %j", async (data) => {
    const { server, adapter } = await adapterOnAgora();
    server.faults.plan({ kind: "answer", status: 200, body: { success: true, data } });
    expect(await adapter.listParticipants(hall)).toEqual([{ identity: "1", joinedAt: null }]);
    expect(await adapter.getRoom(hall)).toMatchObject({ state: "open", numParticipants: 1 });
  });

  it("that does not exist has no participants", async () => {
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

  it("is open in a list, with its participants, and asked for by the account's keys", async () => {
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
