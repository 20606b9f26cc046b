import { describe, expect, it } from "vitest";
import { NEVER, OWNER_KEY } from "../../../src/contract/index.ts";
import { at, TestStack } from "./fixture.ts";

describe("create, adopt", () => {
  it("adopts any room with the same limits, and tags it", async () => {
    const stack = new TestStack();
    stack.vendor.make(at("hall"), {
      maxParticipants: 5,
      metadata: { by: "hand" },
      emptyTimeoutSeconds: NEVER,
      departureTimeoutSeconds: NEVER,
    });
    const { outs } = await stack.up({ adopt: true, maxParticipants: 5 });
    expect(outs).toMatchObject({ sid: "RM_1", owner: stack.tag() });
    expect(stack.vendor.room(at("hall"))?.metadata).toEqual({ by: "hand", [OWNER_KEY]: stack.tag() });
    expect(stack.logs).toEqual([]);
  });

  it("sets the declared metadata", async () => {
    const stack = new TestStack();
    stack.vendor.make(at("hall"), { metadata: { by: "hand" } });
    await stack.up({ adopt: true, metadata: { team: "core" } });
    expect(stack.vendor.room(at("hall"))?.metadata).toEqual({ team: "core", [OWNER_KEY]: stack.tag() });
  });

  it("leaves the timeouts unchanged, with a warning and without drift", async () => {
    const stack = new TestStack();
    stack.vendor.make(at("hall"), { emptyTimeoutSeconds: 300, departureTimeoutSeconds: 20 });
    const { id, outs } = await stack.up({ adopt: true, emptyTimeoutSeconds: 60 });
    expect(outs["vendorSettings"]).toEqual({ emptyTimeoutSeconds: 300, departureTimeoutSeconds: 20 });
    expect(stack.logs).toHaveLength(1);
    expect(await stack.room.read(id, outs)).toMatchObject({ props: outs });
  });

  it("leaves an undeclared limit unchanged", async () => {
    const stack = new TestStack();
    stack.vendor.make(at("hall"), { maxParticipants: 7 });
    const { id, outs } = await stack.up({ adopt: true });
    expect(outs["vendorSettings"]).toMatchObject({ maxParticipants: 7 });
    expect(await stack.room.read(id, outs)).toMatchObject({ props: outs });
  });

  it("rejects a room with another limit, and never recreates it", async () => {
    const stack = new TestStack();
    stack.vendor.make(at("hall"), { maxParticipants: 9 });
    const message = expect.stringContaining("maxParticipants is 9, asked for 5");
    await expect(stack.up({ adopt: true, maxParticipants: 5 })).rejects.toMatchObject({
      code: "ALREADY_EXISTS",
      message,
    });
    expect(stack.vendor.room(at("hall"))).toMatchObject({ sid: "RM_1", maxParticipants: 9, metadata: {} });
  });

  it("leaves metadata that is no JSON object as it is, without a tag", async () => {
    const stack = new TestStack();
    stack.vendor.make(at("hall"), { metadata: null });
    const { outs } = await stack.up({ adopt: true });
    expect(stack.vendor.room(at("hall"))?.metadata).toBeNull();
    expect(outs).not.toHaveProperty("owner");
  });
});
