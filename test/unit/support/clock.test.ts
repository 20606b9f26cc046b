import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { monotonicClock, steadyNow, timeOf } from "../../../src/support/clock.ts";

const SRC = join(__dirname, "../../../src");

/** Who reads the wall clock, and what for: it may step, so that no limit, timeout or cache goes by it. */
const WALL_CLOCK: Record<string, string> = {
  "support/clock.ts": "offers it",
  "support/http.ts": "compares it with the date in Retry-After",
  "cli/stack/reconcile-watch.ts": "reports when a round ended",
  "client/bulk-rooms.ts": "compares it with when a vendor reports that a room was made",
  "client/diagnosis.ts": "compares it with the date of an answer",
  "client/remote-rooms.ts": "reports when a token expires",
  "gateway/middleware/last-errors.ts": "notes when a request failed",
  "gateway/services/keys.ts": "stores when a key expires",
  "reconcile/room/observe.ts": "compares it with when a vendor reports that a room was made",
  "gateway/http/routes/recordings.ts":
    "compares it with when a vendor reports that a recording began, and stores it",
};
/** Where a vendor's calls and tokens are signed. */
const SIGNING = /^vendors\/\w+\/(api|token)\.ts$/;

test("Only what stores, signs or compares a time of day reads the wall clock", () => {
  const readers = readdirSync(SRC, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts") && !SIGNING.test(file))
    .filter((file) =>
      /Date\.now|new Date\(\)|systemClock/.test(
        readFileSync(join(SRC, file), "utf8").replace(/^\s*(\*|\/\*).*$/gm, ""),
      ),
    );
  expect(readers.sort()).toEqual(Object.keys(WALL_CLOCK).sort());
});

test("The monotonic clock and the steady time do not follow a step of the wall clock", () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const before = { wall: Date.now(), monotonic: monotonicClock.now(), steady: steadyNow() };
  for (const step of [-3_600_000, 7_200_000]) {
    vi.setSystemTime(Date.now() + step);
    expect(monotonicClock.now() - before.monotonic).toBeLessThan(60_000);
    expect(Math.abs(steadyNow() - before.steady)).toBeLessThan(60_000);
  }
  vi.useRealTimers();
  expect(Math.abs(steadyNow() - Date.now())).toBeLessThan(60_000);
});

test("Unix seconds are written as Date writes them, also when they change", () => {
  for (const seconds of [0, 1_700_000_000, 1_700_000_000, 1_700_000_001, 0, 2 ** 32])
    expect(timeOf(seconds)).toBe(new Date(seconds * 1_000).toISOString());
});
