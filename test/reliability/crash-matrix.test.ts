import { expect, test } from "vitest";
import { findPoints, killAt } from "../support/crash-matrix.ts";
import { newStage } from "../support/crash-stage.ts";
import { report } from "../support/reliability.ts";

test("The next up --refresh repairs an up after kill -9 of the CLI or the provider, before or after any of its vendor calls", {
  timeout: 25 * 60_000,
}, async ({ task }) => {
  const stage = await newStage();
  const points = await findPoints(stage);
  const { converged, failures } = await killAt(points, stage);
  report(task, {
    promise:
      "An `up` that was killed (`kill -9` of the CLI or the provider, before or after any vendor call that it makes for rooms and recordings) is repaired by the next `up --refresh`: one room, one recording, no orphan, no lost file name, nothing of another owner touched",
    figure: `${converged} of ${points.length} points`,
  });
  expect(failures).toEqual([]);
  expect(converged).toBe(points.length);
});
