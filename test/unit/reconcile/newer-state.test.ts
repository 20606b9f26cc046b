import { describe, expect, it } from "vitest";
import { TestStack } from "./fixture.ts";
import { of, record } from "./recording-fixture.ts";

/** A room and its recording, in a state that the next version of the package has written. */
async function writtenByANewerVersion() {
  const stack = new TestStack();
  const hall = await stack.up({ maxParticipants: 5 });
  const tape = await record(stack, of(hall));
  for (const { outs } of [hall, tape]) outs["schemaVersion"] = Number(outs["schemaVersion"]) + 1;
  // What is still there may be called otherwise by then.
  delete hall.outs["endpoint"];
  delete tape.outs["recording"];
  stack.newProcess().vendor.calls.length = 0;
  return {
    stack,
    room: { lifecycle: stack.room, ...hall },
    recording: { lifecycle: stack.recording, ...tape },
  };
}

const rejection = {
  code: "UNSUPPORTED",
  message: expect.stringMatching(/newer version.*nothing was touched.*npm install/),
};

describe.each(["room", "recording"] as const)("a %s whose state a newer version has written", (kind) => {
  it("is neither read, changed nor deleted, without a call to the vendor: the package is to be upgraded", async () => {
    const world = await writtenByANewerVersion();
    const { lifecycle, id, inputs, outs } = world[kind];
    await expect(lifecycle.read(id, outs)).rejects.toMatchObject(rejection);
    await expect(lifecycle.diff(id, outs, inputs)).rejects.toMatchObject(rejection);
    await expect(lifecycle.update(id, outs, inputs)).rejects.toMatchObject(rejection);
    await expect(lifecycle.delete(id, outs)).rejects.toMatchObject(rejection);
    expect(world.stack.vendor.calls).toEqual([]);
  });
});

describe("a state that was changed by hand, or by other code", () => {
  it("is rejected with the fields that cannot be read", async () => {
    const { stack, room } = await writtenByANewerVersion();
    const outs = { ...room.outs, schemaVersion: 1, vendorSettings: "none" };
    await expect(stack.room.read(room.id, outs)).rejects.toMatchObject({
      code: "INTERNAL",
      message: expect.stringContaining("(endpoint, vendorSettings)"),
    });
    expect(stack.vendor.calls).toEqual([]);
  });
});
