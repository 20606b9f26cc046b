import { describe, expect, it } from "vitest";
import type { Properties } from "../../../src/reconcile/lifecycle.ts";
import { UNKNOWN } from "../../../src/reconcile/state.ts";
import { at, TestStack } from "./fixture.ts";

const LIMITED = { maxParticipants: 5 };

describe("diff, what changes", () => {
  it("reports changes: false only where every input is the same", async () => {
    const stack = new TestStack();
    const hall = await stack.up({ ...LIMITED, metadata: { a: [1, { b: null }] } });
    const { diff } = await stack.plan(hall, { ...LIMITED, metadata: { a: [1, { b: null }] } });
    expect(diff).toEqual({ changes: false, replaces: [], deleteBeforeReplace: true });
  });

  it("leaves changes out otherwise, so that the engine finds the reasons and replaceOnChanges works", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    for (const declared of [{ metadata: { a: 1 } }, { forceDestroy: true }, { adopt: true }]) {
      const { diff } = await stack.plan(hall, declared);
      expect(diff).toEqual({ replaces: [], deleteBeforeReplace: true });
    }
  });

  it("replaces what the vendor does not change in place", async () => {
    const stack = new TestStack({ regions: ["eu"] });
    const hall = await stack.up(LIMITED);
    const changes = {
      name: { ...LIMITED, name: "other" },
      region: { ...LIMITED, region: "eu" },
      maxParticipants: { maxParticipants: 6 },
      emptyTimeoutSeconds: { ...LIMITED, emptyTimeoutSeconds: 60 },
    };
    for (const [field, declared] of Object.entries(changes)) {
      const { diff } = await stack.plan(hall, declared);
      expect(diff, field).toEqual({ replaces: [field], deleteBeforeReplace: true });
    }
    const { diff } = await stack.plan(hall, {});
    expect(diff.replaces, "a limit that is taken away").toEqual(["maxParticipants"]);
  });

  it("counts recording that is off like recording that is left out as no new room", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    const { diff } = await stack.plan(hall, { enableRecording: false });
    expect(diff.replaces).toEqual([]);
  });

  it("accepts a property that is unknown as a whole", async () => {
    const stack = new TestStack();
    const hall = await stack.up({ metadata: { a: 1 } });
    const { diff } = await stack.plan(hall, { metadata: UNKNOWN }, true);
    expect(diff).toEqual({ replaces: [], deleteBeforeReplace: true });
    const limited = await stack.plan(hall, { maxParticipants: UNKNOWN, metadata: { a: 1 } }, true);
    expect(limited.diff.replaces).toEqual(["maxParticipants"]);
  });

  it("reports in a preview why a room is recreated, on the resource's row", async () => {
    const stack = new TestStack();
    const hall = await stack.up(LIMITED);
    await stack.plan(hall, { maxParticipants: 6 }, true);
    expect(stack.logs).toEqual([
      { level: "info", message: expect.stringContaining("cannot change maxParticipants"), urn: stack.urn() },
    ]);
  });
});

describe("diff, what it rejects", () => {
  it("rejects the replacement of a protected room, which the engine would end the run for", async () => {
    const stack = new TestStack();
    const hall = await stack.up(LIMITED);
    const planned = (declared: Properties, options: { dryRun?: boolean; protect?: boolean }) => {
      const { inputs } = stack.check(declared, { olds: hall.inputs, ...options });
      return stack.room.diff(hall.id, hall.outs, inputs);
    };
    await expect(planned({ maxParticipants: 6 }, { protect: true })).rejects.toMatchObject({
      code: "PROTECTED",
      message: expect.stringMatching(/^room memory:hall is protected, and this would replace it\./),
    });
    expect(await planned({ ...LIMITED, metadata: { a: 1 } }, { protect: true })).toMatchObject({
      replaces: [],
    });
    // In a preview as well: at a replacement the engine ends it.
    await expect(planned({ maxParticipants: 6 }, { protect: true, dryRun: true })).rejects.toThrow();
    // Pulumi too lets one run take the protection away and replace.
    expect(await planned({ maxParticipants: 6 }, {})).toMatchObject({ replaces: ["maxParticipants"] });
  });

  it("rejects the replacement of an occupied room, with the number of participants", async () => {
    const stack = new TestStack();
    const hall = await stack.up(LIMITED);
    stack.vendor.enter(at("hall"), "alice");
    stack.vendor.enter(at("hall"), "bob");
    stack.vendor.enter(at("hall"), "recorder", false);
    await expect(stack.plan(hall, { maxParticipants: 6 })).rejects.toMatchObject({
      code: "ROOM_OCCUPIED",
      message: expect.stringContaining("2 participants are in room memory:hall"),
    });
  });

  it("only warns of that in a preview, on the resource's row", async () => {
    const stack = new TestStack();
    const hall = await stack.up(LIMITED);
    stack.vendor.enter(at("hall"), "alice");
    const { diff } = await stack.plan(hall, { maxParticipants: 6 }, true);
    expect(diff.replaces).toEqual(["maxParticipants"]);
    const warning = {
      level: "warn",
      message: expect.stringContaining("up will reject this: 1 participant is"),
      urn: stack.urn(),
    };
    expect(stack.logs).toContainEqual(warning);
  });

  it("does not ask who is in the room when nothing replaces it", async () => {
    const stack = new TestStack();
    const hall = await stack.up(LIMITED);
    const before = stack.vendor.calls.length;
    await stack.plan(hall, { ...LIMITED, metadata: { a: 1 } });
    expect(stack.vendor.calls.length).toBe(before);
  });

  it("lets forceDestroy through: declared now, or configured for the whole stack", async () => {
    for (const [stack, declared] of [
      [new TestStack(), { forceDestroy: true }],
      [new TestStack({ config: { forceDestroy: true } }), {}],
    ] as const) {
      const hall = await stack.up(LIMITED);
      stack.vendor.enter(at("hall"), "alice");
      const { diff } = await stack.plan(hall, { ...declared, maxParticipants: 6 });
      expect(diff.replaces).toEqual(["maxParticipants"]);
    }
  });

  it("goes by what is declared now, where forceDestroy was taken away beside the change", async () => {
    const stack = new TestStack();
    const hall = await stack.up({ ...LIMITED, forceDestroy: true });
    stack.vendor.enter(at("hall"), "alice");
    await expect(stack.plan(hall, { maxParticipants: 6 })).rejects.toMatchObject({ code: "ROOM_OCCUPIED" });
  });

  it("rejects the replacement of a room that has another owner", async () => {
    const stack = new TestStack();
    const hall = await stack.up(LIMITED);
    stack.vendor.lose(at("hall"));
    await stack.sibling("other").up(LIMITED);
    await expect(stack.plan(hall, { maxParticipants: 6 })).rejects.toMatchObject({
      code: "ALREADY_EXISTS",
      message: expect.stringContaining("recreated by another owner and is left alone"),
    });
  });

  it("rejects nothing in a refresh, where no check has run", async () => {
    const stack = new TestStack();
    const hall = await stack.up(LIMITED);
    stack.vendor.enter(at("hall"), "alice");
    stack.newProcess();
    const drifted = { ...hall.outs, maxParticipants: 7 };
    const diff = await stack.room.diff(hall.id, drifted, hall.inputs);
    expect(diff.replaces).toEqual(["maxParticipants"]);
  });

  it("rejects another endpoint than the state's, and reports how to move", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    hall.outs["endpoint"] = "https://old.example";
    await expect(stack.plan(hall, {})).rejects.toMatchObject({
      code: "ENDPOINT_MISMATCH",
      message: expect.stringMatching(
        /https:\/\/old\.example.*https:\/\/memory\.example.*pulumi state delete/s,
      ),
    });
  });

  it("rejects a state that it cannot read, with the fields and without their values", async () => {
    const stack = new TestStack();
    const hall = await stack.up();
    const broken = { ...hall.outs, vendorSettings: "hunter2" };
    const error = await stack.room.diff(hall.id, broken, hall.inputs).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "INTERNAL", message: expect.stringContaining("vendorSettings") });
    expect(String(error)).not.toContain("hunter2");
  });
});
