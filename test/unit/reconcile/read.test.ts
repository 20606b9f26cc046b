import { describe, expect, it } from "vitest";
import { NEVER, OWNER_KEY } from "../../../src/contract/index.ts";
import { memoryAdapter } from "../../conformance/memory-adapter.ts";
import { at, type Resource, TestStack } from "./fixture.ts";

describe("read, a room that is as declared", () => {
  it("is the same twice, and the same as what create has stored", async () => {
    const stack = new TestStack();
    const hall = await stack.up({ maxParticipants: 5, metadata: { team: "core" } });
    stack.vendor.enter(at("hall"), "alice");
    const first = await read(stack, hall);
    expect(first).toEqual({ id: hall.id, props: hall.outs, inputs: hall.inputs });
    stack.vendor.enter(at("hall"), "bob");
    expect(await read(stack, hall)).toEqual(first);
  });

  it("shares one listing among the reads of a refresh", async () => {
    const stack = new TestStack();
    const rooms = await Promise.all(Array.from({ length: 30 }, (_, n) => stack.up({}, `room-${n}`)));
    stack.newProcess();
    const before = stack.vendor.calls.length;
    await Promise.all(rooms.map(({ id, outs }) => stack.room.read(id, outs)));
    expect(stack.vendor.calls.length - before).toBe(1);
  });

  it("takes a new generation with the same settings for the same room", async () => {
    const stack = new TestStack();
    const hall = await stack.up({ maxParticipants: 5 });
    stack.vendor.lose(at("hall"));
    stack.vendor.make(at("hall"), {
      maxParticipants: 5,
      emptyTimeoutSeconds: NEVER,
      departureTimeoutSeconds: NEVER,
    });
    const found = await read(stack, hall);
    expect(found?.inputs).toEqual(hall.inputs);
    expect(found?.props).toEqual({ ...hall.outs, sid: "RM_2", createdAt: expect.any(String) });
  });

  it("takes no notice of metadata that was not declared, nor of a missing tag", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    setMetadata(stack, { app: "state" });
    expect(await read(stack, hall)).toMatchObject({ props: hall.outs, inputs: hall.inputs });
  });
});

describe("read, a room that is not there", () => {
  it("is gone, where it was to stay", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    stack.vendor.lose(at("hall"));
    expect(await read(stack, hall)).toBeNull();
  });

  it("is dormant, which is no drift, where it has a timeout of its own", async () => {
    const stack = new TestStack();
    const hall = await stack.up({ emptyTimeoutSeconds: 60 });
    stack.vendor.lose(at("hall"));
    expect(await read(stack, hall)).toEqual({ id: hall.id, props: hall.outs, inputs: hall.inputs });
  });

  it("is gone where the server creates no room on join, and an update creates it again", async () => {
    const stack = new TestStack({
      vendors: (vendor) => {
        const adapter = memoryAdapter(vendor);
        const persistentRooms = adapter.persistentRooms && {
          ...adapter.persistentRooms,
          revivesAt: async () => false,
        };
        return { memory: () => ({ ...adapter, persistentRooms }) };
      },
    });
    const hall = await stack.up({ emptyTimeoutSeconds: 60 });
    stack.vendor.lose(at("hall"));
    expect(await read(stack, hall)).toBeNull();
    const changed = { ...hall.inputs, metadata: { team: "core" } };
    await stack.room.update(hall.id, hall.outs, changed);
    expect(stack.vendor.room(at("hall"))).toMatchObject({ metadata: { team: "core" } });
  });

  it("is gone, and is not changed, where another owner has recreated it", async () => {
    const stack = new TestStack();
    const hall = await stack.up({ emptyTimeoutSeconds: 60 });
    stack.vendor.lose(at("hall"));
    await stack.sibling("other").up();
    expect(await read(stack, hall)).toBeNull();
    expect(stack.logs).toMatchObject([
      { level: "warn", message: expect.stringContaining("no longer this stack's") },
    ]);
    expect(stack.vendor.room(at("hall"))).toBeDefined();
  });

  it("is not gone because the vendor does not answer", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    stack.vendor.fault = "unreachable";
    await expect(read(stack, hall)).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  it("is not gone because another server is configured", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    hall.outs["endpoint"] = "https://old.example";
    await expect(read(stack, hall)).rejects.toMatchObject({ code: "ENDPOINT_MISMATCH" });
  });
});

describe("read, drift", () => {
  it("shows the live values, in the inputs too", async () => {
    const stack = new TestStack();
    const hall = await stack.up({ maxParticipants: 5, metadata: { version: 1 } });
    stack.vendor.lose(at("hall"));
    stack.vendor.make(at("hall"), { metadata: { version: 2 } });
    const found = await read(stack, hall);
    const live = { emptyTimeoutSeconds: 300, metadata: { version: 2 } };
    expect(found?.inputs).toEqual({ name: "hall", vendor: "memory", ...live });
    expect(found?.props).toMatchObject(live);
    expect(found?.props).not.toHaveProperty("maxParticipants");
  });

  it("is gone again when the room is as declared again", async () => {
    const stack = new TestStack();
    const hall = await stack.up({ maxParticipants: 5 });
    const room = stack.vendor.room(at("hall"));
    Object.assign(room ?? {}, { maxParticipants: null, emptyTimeoutSeconds: 300 });
    const drifted = await read(stack, hall);
    expect(drifted?.inputs).toEqual({ name: "hall", vendor: "memory", emptyTimeoutSeconds: 300 });
    expect(await read(stack, { ...hall, outs: drifted?.props ?? {} }), "twice the same").toEqual(drifted);
    Object.assign(room ?? {}, { maxParticipants: 5, emptyTimeoutSeconds: NEVER });
    const repaired = await read(stack, { ...hall, outs: drifted?.props ?? {} });
    expect(repaired).toEqual({ id: hall.id, props: hall.outs, inputs: hall.inputs });
  });

  it("is observed in the timeout after the last departure alone", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    Object.assign(stack.vendor.room(at("hall")) ?? {}, { departureTimeoutSeconds: 20 });
    expect((await read(stack, hall))?.inputs).toMatchObject({ emptyTimeoutSeconds: 20 });
  });

  it("of a timeout waits, with a warning, while the room is occupied", async () => {
    const stack = new TestStack();
    const hall = await stack.up({ maxParticipants: 5 });
    Object.assign(stack.vendor.room(at("hall")) ?? {}, {
      emptyTimeoutSeconds: 300,
      departureTimeoutSeconds: 20,
    });
    const leave = stack.vendor.enter(at("hall"), "alice");
    expect(await read(stack, hall)).toMatchObject({ props: hall.outs, inputs: hall.inputs });
    expect(stack.logs).toMatchObject([
      { level: "warn", message: expect.stringContaining("closes by itself after 300 seconds") },
    ]);
    leave();
    expect((await read(stack, hall))?.inputs).toMatchObject({ emptyTimeoutSeconds: 300 });
  });

  it("of a limit does not wait for participants", async () => {
    const stack = new TestStack();
    const hall = await stack.up({ maxParticipants: 5 });
    Object.assign(stack.vendor.room(at("hall")) ?? {}, { maxParticipants: null });
    stack.vendor.enter(at("hall"), "alice");
    expect((await read(stack, hall))?.inputs).not.toHaveProperty("maxParticipants");
  });

  it("of declared metadata that is no JSON object any more is shown as no metadata", async () => {
    const stack = new TestStack();
    const hall = await stack.up({ metadata: {} });
    setMetadata(stack, null);
    expect((await read(stack, hall))?.inputs).not.toHaveProperty("metadata");
  });
});

describe("read, a room that is got and not managed", () => {
  it("has the vendor's values, limits as declared ones would be", async () => {
    const stack = new TestStack();
    stack.vendor.make(at("hall"), { maxParticipants: 5, metadata: { by: "hand", [OWNER_KEY]: "other" } });
    const found = await stack.newProcess().room.read("memory:hall", {});
    const inputs = {
      name: "hall",
      vendor: "memory",
      maxParticipants: 5,
      emptyTimeoutSeconds: 300,
      metadata: { by: "hand" },
    };
    expect(found).toMatchObject({ id: "memory:hall", inputs });
    expect(found?.props).toMatchObject({ ...inputs, room: "memory:hall", owner: "other", sid: "RM_1" });
  });

  it("has no timeout where it stays for good", async () => {
    const stack = new TestStack();
    await stack.up();
    const found = await stack.newProcess().room.read("memory:hall", {});
    expect(found?.inputs).not.toHaveProperty("emptyTimeoutSeconds");
  });

  it("must exist", async () => {
    await expect(new TestStack().room.read("memory:hall", {})).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

/** A refresh by a process of its own. */
function read(stack: TestStack, { id, outs }: Resource) {
  return stack.newProcess().room.read(id, outs);
}

function setMetadata(stack: TestStack, metadata: { [key: string]: string } | null): void {
  const room = stack.vendor.room(at("hall"));
  if (room) room.metadata = metadata;
}
