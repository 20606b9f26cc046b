import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { simulate } from "../../scripts/lib/simulation.mts";
import { repo } from "../support/clone.ts";
import { blocksOf } from "../support/markdown.ts";

/* The simulation of docs/scale.md. */

const SMALL = { "rooms-per-day": 10_000, declared: 2_500, seed: 7 };
const callsOf = (outcome: ReturnType<typeof simulate>, api: string) =>
  outcome.apis.find((one) => one.api === api);
const ratioOf = (outcome: ReturnType<typeof simulate>, what: string) =>
  outcome.loads.find((one) => one.what.startsWith(what))?.ratio ?? Number.NaN;

describe("A simulated day", () => {
  test("is the same for the same parameters and seed, to the last call", () => {
    const outcome = simulate(SMALL);
    expect(outcome).toEqual(simulate(SMALL));
    expect(outcome).toMatchObject({
      // 10,000 / 86,400 s, twice that at 14:00, with 6.72 requests for each room.
      requestsPerSecond: 1.56,
      gateways: 2,
      keys: 1,
      stacks: 3,
      // Three stacks at once: 3 s and 10 ms for each of 1,000 rooms.
      reconcileSeconds: 13,
      // Half of 2,500, and half of the rooms that begin within 30 minutes at 14:00.
      livekitRoomsAtOnce: 1_458,
      livekitDeployments: 1,
    });
    expect(callsOf(outcome, "CreateRoom")).toMatchObject({ calls: 5_094, peakPerSecond: 0.3, left: 0 });
    expect(callsOf(outcome, "CloseRoom")).toMatchObject({ calls: 377, secondsBehind: 1, left: 0 });
    expect(simulate({ ...SMALL, seed: 8 }).apis).not.toEqual(outcome.apis);
  });

  test("has the calls that its rooms need, within what chance allows", () => {
    const outcome = simulate();
    const expected = {
      CreateRoom: 500_000,
      ListParticipants: 750_000,
      "GET channel/user": 450_000,
      CloseRoom: 40_000,
    };
    for (const [api, mean] of Object.entries(expected)) {
      const off = Math.abs((callsOf(outcome, api)?.calls ?? 0) - mean);
      expect(off, api).toBeLessThan(5 * Math.sqrt(mean));
    }
  });

  test("loses no call: what is not taken waits, and still waits at midnight where the limit is below the mean", () => {
    const closing = simulate({ closes: 1 });
    const { calls = 0, left = 0, limit = 0 } = callsOf(closing, "CloseRoom") ?? {};
    expect(limit).toBe(1);
    expect(left).toBeGreaterThan(calls - 86_400 * limit - 1);
    expect(calls - left).toBeLessThanOrEqual(86_400 * limit);
    expect(callsOf(closing, "CreateRoom")).toMatchObject({
      secondsBehind: 0,
      longestWaitSeconds: 0,
      left: 0,
    });
  });

  test("without rooms has no call, no load and nothing to wait for", () => {
    const nothing = simulate({ "rooms-per-day": 0, declared: 0 });
    expect(nothing.apis.map(({ calls, peakPerSecond, left }) => calls + peakPerSecond + left)).toEqual(
      nothing.apis.map(() => 0),
    );
    expect(nothing.loads.map(({ load }) => load)).toEqual(nothing.loads.map(() => 0));
    expect(nothing).toMatchObject({ stacks: 0, reconcileSeconds: 0, keys: 0, gateways: 1 });
  });

  test("twice as many rooms are twice the load, and a longer peak waits no shorter", () => {
    const [once, twice] = [simulate(), simulate({ "rooms-per-day": 2_000_000, declared: 200_000 })];
    for (const what of ["LiveKit rooms", "requests/s of one key", "seconds to reconcile"])
      expect(ratioOf(twice, what) / ratioOf(once, what), what).toBeCloseTo(2, 0);
    const waits = [1, 1.5, 2].map(
      (peak) => callsOf(simulate({ peak, closes: 0.3 }), "CloseRoom")?.longestWaitSeconds ?? 0,
    );
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  });

  test("is ordered by what breaks first", () => {
    const { loads } = simulate();
    expect(loads.map(({ ratio }) => ratio)).toEqual(
      loads.map(({ ratio }) => ratio).toSorted((a, b) => b - a),
    );
    expect(loads[0]?.what).toBe("LiveKit rooms in one list");
  });
});

describe("docs/scale.md", () => {
  const page = join(repo, "docs/scale.md");
  const commands = blocksOf(page, "docs/scale.md").filter(({ text }) => text.includes("simulate.mts"));

  test("has the outcome of its first command", () => {
    const [first, ...others] = commands.map(({ text }) =>
      execFileSync("sh", ["-ec", text], { cwd: repo, encoding: "utf8" }),
    );
    expect(others.length).toBeGreaterThan(0);
    expect(readFileSync(page, "utf8")).toContain(first);
  });

  test("is about a script that names a parameter which it does not have", () => {
    const script = join(repo, "scripts/simulate.mts");
    for (const wrong of [["--room", "5"], ["--peak", "high"], ["--closes=-1"]])
      expect(() =>
        execFileSync(process.execPath, [script, ...wrong], { stdio: "pipe", encoding: "utf8" }),
      ).toThrow(/Usage: node scripts\/simulate.mts \[--json\] \[--seed 1\]/);
  });
});
