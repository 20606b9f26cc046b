import { describe, expect, it } from "vitest";
import { OWNER_KEY } from "../../../src/contract/index.ts";
import type { Properties } from "../../../src/reconcile/lifecycle.ts";
import { at, type Resource, TestStack } from "./fixture.ts";

describe("update", () => {
  it("changes metadata in place and preserves the room and its tag", async () => {
    const stack = new TestStack();
    const hall = await stack.up({ metadata: { version: 1 } });
    const outs = await update(stack, hall, { metadata: { version: 2 } });
    expect(outs).toEqual({ ...hall.outs, metadata: { version: 2 } });
    expect(metadataOf(stack)).toEqual({ version: 2, [OWNER_KEY]: stack.tag() });
  });

  it("takes metadata away that is no longer declared, and leaves what never was", async () => {
    const stack = new TestStack();
    const hall = await stack.up({ metadata: { version: 1 } });
    expect(await update(stack, hall, {})).not.toHaveProperty("metadata");
    expect(metadataOf(stack)).toEqual({ [OWNER_KEY]: stack.tag() });

    const other = new TestStack();
    const bare = await other.up();
    await setMetadata(other, { app: "state", [OWNER_KEY]: other.tag() });
    await update(other, bare, { forceDestroy: true });
    expect(metadataOf(other)).toEqual({ app: "state", [OWNER_KEY]: other.tag() });
  });

  it("restores a lost tag", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    await setMetadata(stack, { app: "state" });
    const outs = await update(stack, hall, { forceDestroy: true });
    expect(metadataOf(stack)).toEqual({ app: "state", [OWNER_KEY]: stack.tag() });
    expect(outs["owner"]).toBe(stack.tag());
  });

  it("makes no call to change what is stored here alone", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    stack.vendor.calls.length = 0;
    const outs = await update(stack, hall, { forceDestroy: true });
    expect(outs["forceDestroy"]).toBe(true);
    expect(stack.vendor.calls).toEqual(["listRooms"]);
  });

  it("keeps measuring drift by what the vendor answered at first", async () => {
    const stack = new TestStack();
    const hall = await stack.up({ metadata: { version: 1 } });
    Object.assign(stack.vendor.room(at("hall")) ?? {}, { emptyTimeoutSeconds: 300 });
    const outs = await update(stack, hall, { metadata: { version: 2 } });
    expect(outs["vendorSettings"]).toEqual(hall.outs["vendorSettings"]);
  });

  it("measures by the live limits once they are what is declared", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    Object.assign(stack.vendor.room(at("hall")) ?? {}, { maxParticipants: 5 });
    const drifted = await stack.newProcess().room.read(hall.id, hall.outs);
    const shown = { id: hall.id, inputs: drifted?.inputs ?? {}, outs: drifted?.props ?? {} };
    const outs = await update(stack, shown, { maxParticipants: 5, metadata: {} });
    expect(outs["vendorSettings"]).toMatchObject({ maxParticipants: 5 });
    expect(await stack.newProcess().room.read(hall.id, outs), "no drift any more").toMatchObject({
      props: outs,
    });
  });

  it("removes the ownership tag with rtc:ownerMark false", async () => {
    const stack = new TestStack();
    const hall = await stack.up({ metadata: { version: 1 } });
    const untagged = stack.sibling("dev", { config: { ownerMark: false } });
    const outs = await update(untagged, hall, { metadata: { version: 2 } });
    expect(metadataOf(stack)).toEqual({ version: 2 });
    expect(outs).not.toHaveProperty("owner");
  });

  it("recreates a room that is gone", async () => {
    const stack = new TestStack();
    const hall = await stack.up({ maxParticipants: 5 });
    stack.vendor.lose(at("hall"));
    const outs = await update(stack, hall, { maxParticipants: 5, metadata: { version: 2 } });
    expect(outs).toMatchObject({ sid: "RM_2", metadata: { version: 2 }, owner: stack.tag() });
    expect(stack.vendor.room(at("hall"))).toMatchObject({ maxParticipants: 5 });
  });

  it("changes only the record of a dormant room", async () => {
    const stack = new TestStack();
    const hall = await stack.up({ emptyTimeoutSeconds: 60, metadata: { version: 1 }, forceDestroy: true });
    stack.vendor.lose(at("hall"));
    const { forceDestroy, ...rest } = hall.outs;
    const outs = await update(stack, hall, { emptyTimeoutSeconds: 60, metadata: { version: 2 } });
    expect(outs).toEqual({ ...rest, metadata: { version: 2 } });
    expect(stack.vendor.room(at("hall"))).toBeUndefined();
  });

  it("rejects a room that has another owner", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    stack.vendor.lose(at("hall"));
    const other = stack.sibling("other");
    await other.up();
    await expect(update(stack, hall, { metadata: { mine: true } })).rejects.toMatchObject({
      code: "ALREADY_EXISTS",
    });
    expect(metadataOf(stack)).toEqual({ [OWNER_KEY]: other.tag() });
  });

  it("rejects another endpoint than the state's", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    hall.outs["endpoint"] = "https://old.example";
    const attempt = stack.room.update(hall.id, hall.outs, hall.inputs);
    await expect(attempt).rejects.toMatchObject({ code: "ENDPOINT_MISMATCH" });
  });
});

async function update(stack: TestStack, hall: Resource, declared: Properties): Promise<Properties> {
  const { inputs } = stack.check(declared, { olds: hall.inputs });
  const { outs } = await stack.room.update(hall.id, hall.outs, inputs);
  return outs;
}

function metadataOf(stack: TestStack) {
  return stack.vendor.room(at("hall"))?.metadata;
}

async function setMetadata(stack: TestStack, metadata: { [key: string]: string }): Promise<void> {
  Object.assign(stack.vendor.room(at("hall")) ?? {}, { metadata });
}
