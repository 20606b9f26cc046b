import { expect, test } from "vitest";
import { describeResult } from "../../../src/cli/commands/destroy.ts";
import { errorLines } from "../../../src/cli/report/report.ts";
import type { TeardownResult } from "../../../src/cli/stack/teardown.ts";

test("One cause is a line, with all resources that it concerns, behind what concerns none", () => {
  const denied = "UNAUTHENTICATED: livekit rejects the key";
  const lines = errorLines([
    { resource: "a", message: denied },
    { resource: "b", message: "ROOM_OCCUPIED: 1 participant is in room livekit:b" },
    { message: "the program has failed" },
    { resource: "c\u001b[31m", message: denied },
  ]);
  expect(lines).toEqual([
    "the program has failed",
    `a, c\\u{1b}[31m: ${denied}`,
    "b: ROOM_OCCUPIED: 1 participant is in room livekit:b",
  ]);
});

test("A teardown says what to do about what is left: another run for what is managed, a sweep for orphans", () => {
  const result: TeardownResult = {
    ...{ project: "acme", stack: "dev", result: "incomplete", protected: [], occupied: [], recordings: [] },
    ...{ deleted: [], left: [], remaining: ["livekit:lost"], removedStack: false, errors: [] },
  };
  const orphan = "orphaned at the vendor: livekit:lost\nacme/dev: ";
  expect(describeResult(result)).toBe(`${orphan}0 deleted, not everything: rtc sweep deletes the orphans`);
  expect(describeResult({ ...result, result: "absent" })).toBe(
    `${orphan}there is no such stack; rtc sweep deletes the orphans`,
  );
  const left = [{ kind: "room" as const, name: "hall", id: "livekit:hall" }];
  expect(describeResult({ ...result, left, remaining: [] })).toMatch(/not everything: run it again$/);
});
