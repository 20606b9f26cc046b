import { describe, expect, it } from "vitest";
import { type Resource, TestStack } from "./fixture.ts";

const LIMITED = { maxParticipants: 5 };

describe.each([
  ["denied", "UNAUTHENTICATED"],
  ["unreachable", "UNAVAILABLE"],
] as const)("a vendor that is %s", (fault, code) => {
  it.each<[string, (stack: TestStack, hall: Resource) => Promise<unknown>]>([
    ["create", (stack) => stack.up({}, "lobby")],
    ["read", ({ room }, { id, outs }) => room.read(id, outs)],
    ["the diff of a replacement", (stack, hall) => stack.plan(hall, { maxParticipants: 6 })],
    ["the same in a preview", (stack, hall) => stack.plan(hall, { maxParticipants: 6 }, true)],
    ["update", ({ room }, { id, outs, inputs }) => room.update(id, outs, { ...inputs, metadata: { a: 1 } })],
    ["delete", ({ room }, { id, outs }) => room.delete(id, outs)],
  ])("fails %s with its code, and nothing is lost", async (_operation, call) => {
    const stack = new TestStack();
    const hall = await stack.up(LIMITED);
    stack.newProcess().vendor.fault = fault;
    await expect(call(stack, hall)).rejects.toMatchObject({ code });
    stack.vendor.fault = undefined;
    const found = await stack.newProcess().room.read(hall.id, hall.outs);
    expect(found).toEqual({ id: hall.id, props: hall.outs, inputs: hall.inputs });
    expect(stack.vendor.rooms.size).toBe(1);
  });
});
