import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RtcError } from "../../../src/contract/index.ts";
import { RetryBudget, rateLimiter, sharedRateLimiter, withRetries } from "../../../src/support/retry.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

describe("rateLimiter", () => {
  it("starts calls no more often than the limit allows, in the order in which they arrive", async () => {
    const limiter = rateLimiter({ limit: 2, perMilliseconds: 1_000 });
    const begun: { index: number; time: number }[] = [];
    const began = Date.now();
    const all = upTo(7).map((index) =>
      limiter(async () => void begun.push({ index, time: Date.now() - began })),
    );
    await vi.runAllTimersAsync();
    await Promise.all(all);
    expect(begun.map(({ index }) => index)).toEqual(upTo(7));
    for (const { time } of begun) {
      const near = begun.filter((other) => other.time >= time && other.time < time + 1_000);
      expect(near.length).toBeLessThanOrEqual(2);
    }
    expect(begun.at(-1)?.time).toBeLessThan(4_000);
  });

  it("does not bunch calls up after the process was suspended", async () => {
    const limiter = rateLimiter({ limit: 1, perMilliseconds: 1_000 });
    const begun: number[] = [];
    const all = upTo(5).map(() => limiter(async () => void begun.push(Date.now())));
    vi.setSystemTime(Date.now() + 10_000); // no timer has run meanwhile
    await vi.runAllTimersAsync();
    await Promise.all(all);
    const gaps = begun.slice(1).map((time, index) => time - (begun[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000);
  });

  it("counts a call until it is answered, since it may have arrived as late as that", async () => {
    const limiter = rateLimiter({ limit: 1, perMilliseconds: 1_000 });
    const began = Date.now();
    const slow = limiter(() => new Promise((resolve) => setTimeout(resolve, 700)));
    const next = limiter(async () => Date.now() - began);
    await vi.runAllTimersAsync();
    await slow;
    expect(await next).toBeGreaterThanOrEqual(1_700);
  });

  it("continues although calls are not answered", async () => {
    const limiter = rateLimiter({ limit: 1, perMilliseconds: 1_000 });
    void limiter(() => new Promise(() => {}));
    const next = limiter(async () => "an answer");
    await vi.advanceTimersByTimeAsync(4_000);
    expect(await next).toBe("an answer");
  });

  it("passes on what the call returns or throws, and continues after it", async () => {
    const limiter = rateLimiter({ limit: 1, perMilliseconds: 1_000 });
    const failing = limiter(() => Promise.reject(new Error("This fails.")));
    const answering = limiter(async () => "an answer");
    await expect(failing).rejects.toThrow("This fails.");
    await vi.runAllTimersAsync();
    expect(await answering).toBe("an answer");
  });
});

describe("rateLimiter by a key", () => {
  const limit = { limit: 1, perMilliseconds: 1_000 };

  it("is shared by callers with the same key only", async () => {
    const begun: Record<string, number[]> = {};
    const began = Date.now();
    const all = ["a", "b", "a", "b"].map((key) =>
      sharedRateLimiter(
        key,
        limit,
      )(async () => {
        begun[key] = [...(begun[key] ?? []), Date.now() - began];
      }),
    );
    await vi.runAllTimersAsync();
    await Promise.all(all);
    expect(begun["a"]?.[0]).toBe(0);
    expect(begun["a"]?.[1]).toBeGreaterThanOrEqual(1_000);
    expect(begun["b"]).toEqual(begun["a"]);
  });

  it("is stored while its calls count, and not for longer", async () => {
    const counted = vi.getTimerCount();
    const call = () => sharedRateLimiter("kept", limit)(async () => Date.now());
    const first = await call();
    await vi.advanceTimersByTimeAsync(900);
    const second = call();
    await vi.runAllTimersAsync();
    expect((await second) - first).toBeGreaterThanOrEqual(1_000);
    expect(vi.getTimerCount()).toBe(counted);
    const third = Date.now();
    expect(await call()).toBe(third);
  });
});

describe("a call that waits for its limiter", () => {
  const again = () => true;

  it("has all its time from when it is sent", async () => {
    const limiter = rateLimiter({ limit: 1, perMilliseconds: 1_000 });
    const given: number[] = [];
    const calls = upTo(50).map(() =>
      withRetries(new RetryBudget(), again, async (seconds) => void given.push(seconds), { limiter }),
    );
    await vi.runAllTimersAsync();
    await Promise.all(calls);
    expect(given).toEqual(Array(50).fill(10));
  });

  it("waits for the limiter again for each retry, and has its thirty seconds without the waiting", async () => {
    const limiter = rateLimiter({ limit: 1, perMilliseconds: 20_000 });
    const began = Date.now();
    const tries: { time: number; seconds: number }[] = [];
    const call = withRetries(
      new RetryBudget(),
      again,
      async (seconds) => {
        tries.push({ time: Date.now() - began, seconds });
        vi.setSystemTime(Date.now() + 9_000);
        if (tries.length < 3) throw new RtcError("UNAVAILABLE", "away");
      },
      { limiter },
    );
    await vi.runAllTimersAsync();
    await call;
    expect(tries.map(({ seconds }) => Math.round(seconds))).toEqual([10, 10, 10]);
    expect(tries[2]?.time).toBeGreaterThanOrEqual(40_000);
  });
});
