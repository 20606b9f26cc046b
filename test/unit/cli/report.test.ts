import { expect, test } from "vitest";
import { errorLines } from "../../../src/cli/report/report.ts";

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
