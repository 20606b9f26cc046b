import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ErrorCode, RtcError } from "../../../src/contract/index.ts";
import { RetryBudget, withRetries } from "../../../src/support/retry.ts";
import { report } from "../../support/reliability.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What a try does: it takes so many seconds, then fails so or succeeds. */
interface Try {
  takes?: number;
  fails?: RtcError;
}

const away = (retryAfterSeconds?: number, code: ErrorCode = "RATE_LIMITED") =>
  new RtcError(code, "slow down", { retryAfterSeconds });

/** Makes a call whose tries go as given, the last one for ever, and whose deadline cuts each of them off. */
async function calling(...tries: Try[]) {
  return callingFor(undefined, ...tries);
}

/** The same, for a vendor that asks for more or less time than usual. */
async function callingFor(trySeconds: number | undefined, ...tries: Try[]) {
  const began = Date.now();
  const at: number[] = [];
  const call = async (seconds: number) => {
    const { takes = 0, fails } = tries[Math.min(at.length, tries.length - 1)] ?? {};
    at.push((Date.now() - began) / 1_000);
    await new Promise((resolve) => setTimeout(resolve, Math.min(takes, seconds) * 1_000));
    if (takes > seconds) throw new RtcError("DEADLINE_EXCEEDED", "did not answer");
    if (fails) throw fails;
    return "done";
  };
  const options = trySeconds === undefined ? {} : { trySeconds };
  const calling = withRetries(new RetryBudget(), ({ retryable }) => retryable, call, options);
  const settled = calling.then(
    (value) => value,
    (error: unknown) => error,
  );
  await vi.runAllTimersAsync();
  return { at, ended: (Date.now() - began) / 1_000, outcome: await settled };
}

describe("a call that may be repeated", () => {
  it("ends within 30 seconds, with all its tries and pauses, whatever each try takes", async ({ task }) => {
    let longest = 0;
    for (let takes = 0; takes <= 12; takes += 0.5) {
      for (const retryAfter of [undefined, 0, 1, 5, 10, 27, 28, 29, 600]) {
        const { at, ended } = await calling({ takes, fails: away(retryAfter) });
        expect(at.length).toBeLessThanOrEqual(3);
        longest = Math.max(longest, ended);
      }
    }
    expect(longest).toBeGreaterThan(25);
    expect(longest).toBeLessThanOrEqual(30);
    report(task, {
      promise: "A call to a vendor ends within 30 seconds with all its tries, whatever the vendor does",
      figure: `the longest of 225 took ${longest.toFixed(1)} s`,
    });
  });

  it.each([1, 3, 8])("is never repeated earlier than the server has asked for: %i s", async (retryAfter) => {
    const { at, outcome } = await calling({ fails: away(retryAfter) }, { fails: away(retryAfter) }, {});
    expect(outcome).toBe("done");
    expect(at).toHaveLength(3);
    expect(at[1]).toBeGreaterThanOrEqual(retryAfter);
    expect((at[2] ?? 0) - (at[1] ?? 0)).toBeGreaterThanOrEqual(retryAfter);
  });

  it("fails at once where the server asks for more time than it has, and reports when to come again", async () => {
    const { at, ended, outcome } = await calling({ fails: away(120) });
    expect(at).toEqual([0]);
    expect(ended).toBe(0);
    expect(outcome).toMatchObject({ code: "RATE_LIMITED", retryAfterSeconds: 120, retryable: true });
  });

  it("has ten seconds for each try, and for the last one what is left", async () => {
    const { at, ended, outcome } = await calling({ takes: 60 });
    expect(at).toHaveLength(3);
    expect(at[1]).toBeGreaterThan(10);
    expect(ended).toBeLessThanOrEqual(30);
    expect(outcome).toMatchObject({ code: "DEADLINE_EXCEEDED" });
  });

  it("has longer for a try where the vendor asks for that, and 30 seconds all the same", async () => {
    expect(await callingFor(20, { takes: 15 })).toMatchObject({ at: [0], ended: 15, outcome: "done" });
    const { at, ended } = await callingFor(20, { takes: 60 });
    expect(at).toHaveLength(2);
    expect(at[1]).toBeGreaterThan(20);
    expect(ended).toBeLessThanOrEqual(30);
  });

  it("that was turned away at the door is tried for as long as it has time, at no cost for others", async () => {
    const budget = new RetryBudget();
    const isRateLimited = ({ code }: RtcError) => code === "RATE_LIMITED";
    let tries = 0;
    const call = () => {
      tries += 1;
      return Promise.reject(away(1, tries % 20 === 0 ? "UNAVAILABLE" : "RATE_LIMITED"));
    };
    const all = Array.from({ length: 5 }, () => withRetries(budget, () => true, call, { isRateLimited }));
    const settled = Promise.allSettled(all);
    await vi.runAllTimersAsync();
    for (const { status } of await settled) expect(status).toBe("rejected");
    // Each waits for 1 to 1.5 seconds, and has 28.
    expect(tries).toBeGreaterThan(5 * 17);
    expect(tries).toBeLessThan(5 * 29);
    let spendable = 0;
    while (budget.spend()) spendable += 1;
    expect(spendable).toBeGreaterThan(0);
  });

  it("is tried once where the error is final, or no error of ours", async () => {
    for (const fails of [new RtcError("PERMISSION_DENIED", "no"), away(undefined, "NOT_FOUND")]) {
      expect((await calling({ fails })).at).toEqual([0]);
    }
    const call = vi.fn(() => Promise.reject(new Error("a defect")));
    await expect(withRetries(new RetryBudget(), () => true, call)).rejects.toThrow("a defect");
    expect(call).toHaveBeenCalledTimes(1);
  });
});
