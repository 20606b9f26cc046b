import { afterEach, expect, test } from "vitest";
import { Failure } from "../../../src/cli/exit-codes.ts";
import { failedRoundLine, roundLine } from "../../../src/cli/report/round-line.ts";
import type { Round } from "../../../src/cli/stack/rounds.ts";
import { Wakes } from "../../../src/cli/stack/wakes.ts";
import { watch } from "../../../src/cli/stack/watch.ts";
import { listenAddress } from "../../../src/cli/values.ts";
import { invalid, RtcError } from "../../../src/contract/index.ts";

/* When the rounds of a watch run, and what is reported of them. */

const stop = () => void process.emit("SIGTERM");
afterEach(() => void process.removeAllListeners("SIGTERM"));

/** A watch that polls once an hour. Its rounds take what `during` takes. */
function watched(during: (what: string, wakes: Wakes) => Promise<void> | void, every = 3_600) {
  const wakes = new Wakes();
  const rounds: string[] = [];
  let atOnce = 0;
  const round = async (what: string) => {
    atOnce += 1;
    expect(atOnce).toBe(1);
    rounds.push(what);
    try {
      await during(what, wakes);
    } finally {
      atOnce -= 1;
    }
  };
  const polled = () => round("polled").then(() => true);
  const waking = { wakes, round: (woken: ReadonlyMap<string, string>) => round([...woken.keys()].join()) };
  const failed: unknown[] = [];
  const ended = watch(every, polled, (...failure) => failed.push(failure), waking);
  return { rounds, failed, ended };
}

test("An event begins a round of its room at once, long before the next polled one", async () => {
  const { rounds, ended } = watched((what, wakes) => {
    if (what === "polled") setImmediate(() => wakes.add("livekit:hall", "room_finished"));
    else stop();
  });
  await ended;
  expect(rounds).toEqual(["polled", "livekit:hall"]);
});

test("A burst of events is one round, and what comes during a round is one more after it", async () => {
  let woken = 0;
  const { rounds, ended } = watched((what, wakes) => {
    if (what === "polled") {
      setImmediate(() => ["a", "b", "a", "c"].map((room) => wakes.add(room, "room_finished")));
      return;
    }
    woken += 1;
    if (woken === 2) return stop();
    for (const room of ["d", "a", "d"]) wakes.add(room, "room_finished");
  });
  await ended;
  expect(rounds).toEqual(["polled", "a,b,c", "d,a"]);
});

test("Events do not postpone the polled round, which observes their rooms too", async () => {
  let rounded = 0;
  const { rounds, ended } = watched(async (what, wakes) => {
    rounded += 1;
    if (rounded > 2 && what === "polled") return stop();
    wakes.add(`room-${rounded}`, "room_finished");
  }, 1);
  await ended;
  expect(rounds.filter((what) => what === "polled")).toHaveLength(2);
  expect(rounds.length).toBeGreaterThan(3);
});

test("A room wakes five rounds between two polled ones at most, where another owner deletes what is repaired", async () => {
  const wakes = new Wakes();
  const added = Array.from({ length: 7 }, () => {
    const isAdded = wakes.add("hall", "room_finished");
    wakes.take();
    return isAdded;
  });
  expect(added).toEqual([true, true, true, true, true, false, false]);
  expect(wakes.add("other", "room_finished")).toBe(true);
  wakes.clear();
  expect(wakes.take()).toBeUndefined();
  expect(wakes.add("hall", "room_finished")).toBe(true);
});

test("A woken round that fails is reported with the time until the next polled one, and the watch goes on", async () => {
  const failure = new Error("vendor is away");
  let woken = 0;
  const { failed, rounds, ended } = watched((what, wakes) => {
    if (what !== "polled") woken += 1;
    if (woken === 2) return stop();
    setImmediate(() => wakes.add("hall", "room_finished"));
    if (woken === 1) throw failure;
  });
  await ended;
  expect(rounds).toHaveLength(3);
  expect(failed).toEqual([[failure, expect.closeTo(3_600, -1)]]);
});

const about = {
  at: Date.UTC(2026, 10, 30, 21, 41, 7, 512),
  seconds: 1.44,
  stack: "acme/dev",
  woken: undefined,
};
const result = { project: "acme", stack: "dev", result: "succeeded" as const, resources: [], acted: true };
const round = (more: Partial<Round["result"]>, ...differences: string[]): Round => {
  return { code: 0, result: { ...result, changes: {}, errors: [], ...more }, differences };
};

test("A round is one line: time, stack, what differed, what was done, and how long it took", () => {
  const woken = new Map([
    ["livekit:a", "room_finished"],
    ["livekit:b", "room_finished"],
  ]);
  expect(
    roundLine({ ...about, woken }, round({ changes: { create: 1, same: 2 } }, "room hall deleted")),
  ).toBe(
    "2026-11-30T21:41:07Z acme/dev: room hall deleted: 1 created, 2 as they were (1.4 s, woken by room_finished)",
  );
  expect(roundLine(about, round({ changes: { same: 3 } }))).toBe(
    "2026-11-30T21:41:07Z acme/dev: no difference: nothing to do, 3 as they were (1.4 s)",
  );
  const many = Array.from({ length: 7 }, (_, index) => `room r${index} to create`);
  expect(roundLine(about, round({ changes: { create: 7 } }, ...many))).toContain(
    "room r4 to create, and 2 more: 7 created",
  );
});

test("A round with failed resources names them with their codes", () => {
  const errors = [
    { resource: "hall", message: "ROOM_OCCUPIED: 2 participants are in it", code: "ROOM_OCCUPIED" as const },
  ];
  expect(roundLine(about, round({ result: "failed", errors }, "room hall changed"))).toBe(
    "2026-11-30T21:41:07Z acme/dev: room hall changed: 1 failed: hall: ROOM_OCCUPIED: 2 participants are in it (1.4 s)",
  );
});

test("A round that ends with an error is one line with its code, however many problems it has", () => {
  const line = (error: unknown) =>
    failedRoundLine(about, error, 59.6).replace("2026-11-30T21:41:07Z acme/dev: ", "");
  expect(line(new Failure("LOCKED", "another run\n  is in progress", 1))).toBe(
    "failed with LOCKED: another run; is in progress (1.4 s); trying again in 60 s",
  );
  const where = { file: "rtc.yaml", line: 2, column: 8 };
  const issues = [
    { path: "rooms.a", message: "must be an object", ...where },
    { path: "", message: "names no project" },
  ];
  expect(line(invalid("the manifest", issues))).toBe(
    "failed with INVALID_ARGUMENT: rtc.yaml:2:8: rooms.a: must be an object; names no project (1.4 s); trying again in 60 s",
  );
  expect(line(new RtcError("UNAVAILABLE", "a\nb"))).toContain("failed with UNAVAILABLE: a\\u{a}b");
  expect(line(new TypeError("x"))).toContain("failed with INTERNAL: x");
});

test("A watch listens on loopback where only a port is given", () => {
  expect(listenAddress("9464")).toEqual({ host: "127.0.0.1", port: 9464 });
  expect(listenAddress("0.0.0.0:9464")).toEqual({ host: "0.0.0.0", port: 9464 });
  expect(listenAddress("[::]:0")).toEqual({ host: "::", port: 0 });
  expect(listenAddress("localhost:80")).toEqual({ host: "localhost", port: 80 });
  for (const text of ["", ":9464", "x", "99999", "::1:80", "a:b:80", "http://x:80", "9464 "])
    expect(() => listenAddress(text), text).toThrow("neither a port nor");
});
