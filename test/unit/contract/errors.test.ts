import { describe, expect, it, vi } from "vitest";
import { invalid, RtcError } from "../../../src/contract/index.ts";

describe("RtcError", () => {
  it("has no stack trace, and no field named id, which the engine takes for a room half made", () => {
    const error = new RtcError("NOT_FOUND", "there is no room standup");
    expect(error.stack).toBe("RtcError: NOT_FOUND: there is no room standup");
    expect(error).not.toHaveProperty("id");
    expect(error).toBeInstanceOf(Error);
  });

  it("is retryable by its code, unless set otherwise", () => {
    expect(new RtcError("RATE_LIMITED", "").retryable).toBe(true);
    expect(new RtcError("UNAVAILABLE", "").retryable).toBe(true);
    expect(new RtcError("DEADLINE_EXCEEDED", "").retryable).toBe(true);
    expect(new RtcError("NOT_FOUND", "").retryable).toBe(false);
    expect(new RtcError("VENDOR_ERROR", "").retryable).toBe(false);
    expect(new RtcError("VENDOR_ERROR", "", { retryable: true }).retryable).toBe(true);
  });

  it("is recognised when another copy of the package has thrown it", async () => {
    vi.resetModules();
    const copy = await import("../../../src/contract/errors.ts");
    const error = new copy.RtcError("NOT_FOUND", "");
    expect(error).not.toBeInstanceOf(RtcError);
    expect(RtcError.isInstance(error)).toBe(true);
  });

  it.each([new Error("x"), { code: "NOT_FOUND" }, null, undefined, "NOT_FOUND"])("is not %j", (other) => {
    expect(RtcError.isInstance(other)).toBe(false);
  });

  it("as JSON holds its code and what it is about, and nothing else", () => {
    const error = new RtcError("RATE_LIMITED", "slow down", {
      vendor: "livekit",
      operation: "CreateRoom",
      retryAfterSeconds: 3,
    });
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: "RtcError",
      code: "RATE_LIMITED",
      vendor: "livekit",
      operation: "CreateRoom",
      retryable: true,
      retryAfterSeconds: 3,
    });
  });
});

describe("an invalid input", () => {
  it("lists every problem, one a line, and has them as data", () => {
    const issues = [
      { path: "name", message: "must be a string" },
      { path: "", message: "is too much" },
    ];
    const error = invalid("the room", issues);
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", issues });
    expect(error.message).toBe("the room is not valid:\n  name: must be a string\n  is too much");
  });
});
