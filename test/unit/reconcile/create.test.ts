import { describe, expect, it, vi } from "vitest";
import { NEVER, OWNER_KEY } from "../../../src/contract/index.ts";
import { at, TestStack } from "./fixture.ts";

describe("create, a new room", () => {
  it("makes the room that is declared, with the ownership tag, and remembers what the vendor answered", async () => {
    const stack = new TestStack();
    const { id, outs } = await stack.up({
      maxParticipants: 5,
      emptyTimeoutSeconds: 60,
      metadata: { team: "core" },
    });
    expect(id).toBe("memory:hall");
    expect(stack.vendor.room(at("hall"))).toMatchObject({
      maxParticipants: 5,
      emptyTimeoutSeconds: 60,
      departureTimeoutSeconds: 60,
      metadata: { team: "core", [OWNER_KEY]: stack.tag() },
    });
    expect(outs).toEqual({
      name: "hall",
      vendor: "memory",
      maxParticipants: 5,
      emptyTimeoutSeconds: 60,
      metadata: { team: "core" },
      room: "memory:hall",
      endpoint: "https://memory.example",
      owner: stack.tag(),
      sid: "RM_1",
      createdAt: "2023-11-14T22:13:21.000Z",
      vendorSettings: { maxParticipants: 5, emptyTimeoutSeconds: 60, departureTimeoutSeconds: 60 },
      schemaVersion: 1,
    });
  });

  it("makes a room that stays for good where no timeout is declared", async () => {
    const stack = new TestStack();
    const { outs } = await stack.up();
    expect(stack.vendor.room(at("hall"))).toMatchObject({
      emptyTimeoutSeconds: NEVER,
      departureTimeoutSeconds: NEVER,
    });
    expect(outs).not.toHaveProperty("emptyTimeoutSeconds");
  });

  it("stores nothing volatile: no number of participants, no state", async () => {
    const stack = new TestStack();
    const { outs } = await stack.up();
    expect(outs).not.toHaveProperty("numParticipants");
    expect(outs).not.toHaveProperty("state");
  });

  it("recreates a room of a killed run that lacks its own recording, for as long as the vendor can report one", async () => {
    const config = { recordingOutput: "out/" };
    const made = async (at: string) => {
      vi.useFakeTimers({ toFake: ["Date"], now: new Date(at) });
      const stack = new TestStack({ config });
      const { outs } = await stack.up({ enableRecording: true });
      stack.vendor.recorder.forget("EG_1");
      const again = await stack.newProcess().up({ enableRecording: true });
      const recordings = [...stack.vendor.recorder.recordings.values()].map(({ sid }) => sid);
      return { before: outs["sid"], after: again.outs["sid"], recordings };
    };
    try {
      expect(await made("2023-11-14T22:20:00Z")).toEqual({
        before: "RM_1",
        after: "RM_2",
        recordings: ["RM_2"],
      });
      expect(await made("2023-11-15T22:20:00Z")).toEqual({ before: "RM_1", after: "RM_1", recordings: [] });
    } finally {
      vi.useRealTimers();
    }
  });

  it("makes the room in its region", async () => {
    const stack = new TestStack({ regions: ["eu"] });
    const { id } = await stack.up({ region: "eu" });
    expect(id).toBe("memory@eu:hall");
    expect(stack.vendor.room({ region: "eu", name: "hall" })).toBeDefined();
  });

  it("leaves the ownership tag out with rtc:ownerMark false", async () => {
    const stack = new TestStack({ config: { ownerMark: false } });
    const { outs } = await stack.up({ metadata: { team: "core" } });
    expect(stack.vendor.room(at("hall"))?.metadata).toEqual({ team: "core" });
    expect(outs).not.toHaveProperty("owner");
  });

  it("warns, and remembers it, where the server caps a timeout or has a limit of its own", async () => {
    const stack = new TestStack();
    stack.vendor.longestTimeout = 3_600;
    const { outs } = await stack.up();
    expect(outs["vendorSettings"]).toMatchObject({
      emptyTimeoutSeconds: 3_600,
      departureTimeoutSeconds: 3_600,
    });
    const message = expect.stringContaining("emptyTimeoutSeconds is 3600");
    expect(stack.logs).toEqual([{ level: "warn", message, urn: stack.urn() }]);
    expect(await stack.room.read("memory:hall", outs)).toMatchObject({ props: outs });
  });

  it("does not leave a room that admits more participants than declared", async () => {
    const stack = new TestStack();
    stack.vendor.defaults.maxParticipants = 50;
    const make = stack.vendor.make.bind(stack.vendor);
    stack.vendor.make = (place, settings) => make(place, { ...settings, maxParticipants: 50 });
    await expect(stack.up({ maxParticipants: 5 })).rejects.toMatchObject({ code: "UNSUPPORTED" });
    expect(stack.vendor.room(at("hall"))).toBeUndefined();
  });
});

describe("create, without ownership tags", () => {
  it("leaves a room that admits more participants than declared: another may have created it first", async () => {
    const stack = new TestStack({ config: { ownerMark: false } });
    const make = stack.vendor.make.bind(stack.vendor);
    stack.vendor.make = (place, settings) => make(place, { ...settings, maxParticipants: 50 });
    await expect(stack.up({ maxParticipants: 5 })).rejects.toMatchObject({ code: "UNSUPPORTED" });
    expect(stack.vendor.room(at("hall"))).toBeDefined();
  });
});

describe("create, a room that is there already", () => {
  it("adopts its own room of a killed run", async () => {
    const stack = new TestStack();
    const killed = await stack.up({ maxParticipants: 5, metadata: { version: 1 } });
    stack.newProcess();
    const repaired = await stack.up({ maxParticipants: 5, metadata: { version: 2 } });
    expect(repaired.outs["sid"]).toBe(killed.outs["sid"]);
    expect(stack.vendor.room(at("hall"))?.metadata).toEqual({ version: 2, [OWNER_KEY]: stack.tag() });
  });

  it("recreates its own leftover where it has other limits", async () => {
    const changes = [{ maxParticipants: 6 }, {}, { maxParticipants: 5, emptyTimeoutSeconds: 60 }];
    for (const declared of changes) {
      const stack = new TestStack();
      const killed = await stack.up({ maxParticipants: 5 });
      const { outs } = await stack.newProcess().up(declared);
      expect(outs["sid"]).not.toBe(killed.outs["sid"]);
      expect(stack.vendor.room(at("hall"))?.maxParticipants).toBe(declared.maxParticipants ?? null);
    }
  });

  it("rejects that while it is occupied, unless forced", async () => {
    const stack = new TestStack();
    await stack.up({ maxParticipants: 5 });
    stack.vendor.enter(at("hall"), "alice");
    await expect(stack.up({ maxParticipants: 6 })).rejects.toMatchObject({ code: "ROOM_OCCUPIED" });
    expect(stack.vendor.room(at("hall"))?.maxParticipants).toBe(5);
    await stack.up({ maxParticipants: 6, forceDestroy: true });
    expect(stack.vendor.room(at("hall"))?.maxParticipants).toBe(6);
  });

  it("keeps an occupied leftover of which only the timeout differs, and warns; once it is empty, that is drift", async () => {
    const stack = new TestStack();
    const killed = await stack.up({ emptyTimeoutSeconds: 60 });
    const leave = stack.vendor.enter(at("hall"), "alice");
    const { id, outs } = await stack.up({});
    expect(outs["sid"]).toBe(killed.outs["sid"]);
    expect(stack.logs).toEqual([
      {
        level: "warn",
        message: expect.stringContaining("adopted with its own timeouts until it is empty"),
        urn: stack.urn(),
      },
    ]);
    expect((await stack.newProcess().room.read(id, outs))?.props).toEqual(outs);
    leave();
    expect((await stack.newProcess().room.read(id, outs))?.props).toMatchObject({ emptyTimeoutSeconds: 60 });
  });

  it("rejects a room without a tag, and lists what differs without printing metadata", async () => {
    const stack = new TestStack();
    stack.vendor.make(at("hall"), { maxParticipants: 9, metadata: { password: "hunter2" } });
    const error = await stack
      .up({ maxParticipants: 5, metadata: { a: 1 } })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "ALREADY_EXISTS",
      message: expect.stringContaining("carries no ownership tag"),
    });
    expect(String(error)).toContain("maxParticipants is 9, asked for 5; emptyTimeoutSeconds is 300");
    expect(String(error)).toContain("metadata is another");
    expect(String(error)).not.toContain("hunter2");
    expect(stack.vendor.room(at("hall"))).toMatchObject({
      maxParticipants: 9,
      metadata: { password: "hunter2" },
    });
  });

  it("rejects another stack's room", async () => {
    const stack = new TestStack();
    await stack.up({ name: "hall" });
    const message =
      "room memory:hall exists already and carries the ownership tag of another stack; its settings are as declared. Choose another name, or set adopt: true to adopt it (its maxParticipants must agree): that stack then no longer manages it";
    const rejected = { code: "ALREADY_EXISTS", message };
    await expect(stack.sibling("other").up({ name: "hall" })).rejects.toMatchObject(rejected);
  });

  it("adopts only with adopt where there are no tags", async () => {
    const stack = new TestStack({ config: { ownerMark: false } });
    const { outs } = await stack.up();
    stack.newProcess();
    await expect(stack.up()).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
    expect((await stack.up({ adopt: true })).outs["sid"]).toBe(outs["sid"]);
  });

  it("clears away the ghost that an old token has made of a room just deleted", async () => {
    const stack = new TestStack();
    const hall = await stack.up({ maxParticipants: 5 });
    const { inputs } = await stack.newProcess().plan(hall, { maxParticipants: 6 });
    await stack.room.delete(hall.id, hall.outs);
    stack.vendor.make(at("hall"));
    const replaced = await stack.room.create(inputs);
    expect(replaced.outs).toMatchObject({ sid: "RM_3", owner: stack.tag() });
  });
});
