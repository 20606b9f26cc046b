import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../src/reconcile/state.ts";
import { TestStack } from "./fixture.ts";

describe("check, what is not known yet", () => {
  it("passes an unknown value in place of any property", () => {
    const keys = [
      "maxParticipants",
      "emptyTimeoutSeconds",
      "metadata",
      "adopt",
      "forceDestroy",
      "enableRecording",
    ];
    for (const key of keys) {
      const { inputs, issues } = new TestStack().check({ [key]: UNKNOWN });
      expect(issues, key).toEqual([]);
      expect(inputs, key).toMatchObject({ [key]: UNKNOWN, vendor: "memory" });
    }
  });

  it("passes one inside metadata", () => {
    const metadata = { a: { b: [UNKNOWN] } };
    const { inputs, issues } = new TestStack().check({ metadata });
    expect(issues).toEqual([]);
    expect(inputs["metadata"]).toEqual(metadata);
  });

  it("passes an unknown name, and does not take two of them for the same room", () => {
    const stack = new TestStack();
    expect(stack.check({ name: UNKNOWN }, { name: "first" })).toEqual({
      inputs: { name: UNKNOWN, vendor: "memory" },
      issues: [],
    });
    expect(stack.check({ name: UNKNOWN }, { name: "second" }).issues).toEqual([]);
  });

  it("passes an unknown region or vendor, and chooses no vendor before they are known", () => {
    expect(new TestStack().check({ region: UNKNOWN })).toEqual({
      inputs: { name: "hall", region: UNKNOWN },
      issues: [],
    });
    expect(new TestStack().check({ vendor: UNKNOWN }).inputs["vendor"]).toBe(UNKNOWN);
  });

  it("still rejects what is known to be wrong", () => {
    const { issues } = new TestStack().check({ metadata: UNKNOWN, maxParticipants: 0 });
    expect(issues.map(({ path }) => path)).toEqual(["maxParticipants"]);
  });
});
