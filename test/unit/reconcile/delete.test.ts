import { describe, expect, it } from "vitest";
import { at, TestStack } from "./fixture.ts";

describe("delete", () => {
  it("deletes the room", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    await stack.newProcess().room.delete(hall.id, hall.outs);
    expect(stack.vendor.room(at("hall"))).toBeUndefined();
  });

  it("is fine with a room that is gone, twice too", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    stack.vendor.lose(at("hall"));
    await stack.room.delete(hall.id, hall.outs);
    await stack.room.delete(hall.id, hall.outs);
  });

  it("rejects an occupied room, and asks afresh each time", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    const leave = stack.vendor.enter(at("hall"), "alice");
    stack.newProcess();
    await stack.room.read(hall.id, hall.outs);
    await expect(stack.room.delete(hall.id, hall.outs)).rejects.toMatchObject({
      code: "ROOM_OCCUPIED",
      message: expect.stringMatching(
        /1 participant is in room memory:hall.*forceDestroy: true.*RTC_FORCE_DESTROY=true/s,
      ),
    });
    leave();
    await stack.room.delete(hall.id, hall.outs);
    expect(stack.vendor.room(at("hall"))).toBeUndefined();
  });

  it("does not count agents and recorders as participants", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    stack.vendor.enter(at("hall"), "recorder", false);
    await stack.newProcess().room.delete(hall.id, hall.outs);
    expect(stack.vendor.room(at("hall"))).toBeUndefined();
  });

  it("deletes an occupied room where the resource was declared with forceDestroy", async () => {
    const stack = new TestStack();
    const hall = await stack.up({ forceDestroy: true });
    stack.vendor.enter(at("hall"), "alice");
    await stack.newProcess().room.delete(hall.id, hall.outs);
    expect(stack.vendor.room(at("hall"))).toBeUndefined();
  });

  it("deletes one where rtc:forceDestroy is set for the whole stack", async () => {
    const stack = new TestStack({ config: { forceDestroy: true } });
    const hall = await stack.up();
    stack.vendor.enter(at("hall"), "alice");
    await stack.newProcess().room.delete(hall.id, hall.outs);
    expect(stack.vendor.room(at("hall"))).toBeUndefined();
  });

  it("deletes one where forceDestroy is new beside the change that replaces the room, by its old name too", async () => {
    for (const declared of [{ maxParticipants: 6 }, { name: "other" }]) {
      const stack = new TestStack();
      const hall = await stack.up();
      stack.vendor.enter(at("hall"), "alice");
      stack.newProcess();
      stack.check({ ...declared, forceDestroy: true }, { olds: hall.inputs });
      stack.check({ ...declared, forceDestroy: true });
      await stack.room.delete(hall.id, hall.outs);
      expect(stack.vendor.room(at("hall"))).toBeUndefined();
    }
  });

  it("goes by what is declared now, where forceDestroy was taken away beside the change", async () => {
    const stack = new TestStack();
    const hall = await stack.up({ forceDestroy: true });
    stack.vendor.enter(at("hall"), "alice");
    stack.newProcess().check({ maxParticipants: 6 }, { olds: hall.inputs });
    await expect(stack.room.delete(hall.id, hall.outs)).rejects.toMatchObject({ code: "ROOM_OCCUPIED" });
  });

  it("rejects a room that has another owner, forced or not", async () => {
    const stack = new TestStack({ config: { forceDestroy: true } });
    const hall = await stack.up();
    stack.vendor.lose(at("hall"));
    await stack.sibling("other").up();
    await expect(stack.newProcess().room.delete(hall.id, hall.outs)).rejects.toMatchObject({
      code: "ALREADY_EXISTS",
    });
    expect(stack.vendor.room(at("hall"))).toBeDefined();
  });

  it("deletes a room that came back without a tag", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    stack.vendor.lose(at("hall"));
    stack.vendor.make(at("hall"));
    await stack.newProcess().room.delete(hall.id, hall.outs);
    expect(stack.vendor.room(at("hall"))).toBeUndefined();
  });

  it("rejects another endpoint than the state's", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    const outs = { ...hall.outs, endpoint: "https://old.example" };
    await expect(stack.room.delete(hall.id, outs)).rejects.toMatchObject({ code: "ENDPOINT_MISMATCH" });
    expect(stack.vendor.room(at("hall"))).toBeDefined();
  });

  it("reports that it could not ask, rather than that the room is gone", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    stack.vendor.fault = "broken";
    await expect(stack.newProcess().room.delete(hall.id, hall.outs)).rejects.toMatchObject({
      code: "VENDOR_ERROR",
    });
  });
});
