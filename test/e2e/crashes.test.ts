import { beforeAll, expect, test } from "vitest";
import { findPoints, killAt } from "../support/crash-matrix.ts";
import { sampleOf } from "../support/crash-points.ts";
import { scenes } from "../support/crash-scenes.ts";
import { newStage, type Stage } from "../support/crash-stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await newStage();
});

// All points: test/reliability/crash-matrix.test.ts.
test("the next up repairs a run after kill -9 of the CLI or the provider right after any change at the vendor or the gateway", {
  timeout: 600_000,
}, async () => {
  const sample = sampleOf(await findPoints(stage, { diffs: false }));
  expect(new Set(sample.map(({ scene }) => scene))).toEqual(new Set(scenes));

  const { converged, failures } = await killAt(sample, stage, { stacks: "one" });

  expect(failures).toEqual([]);
  expect(converged).toBe(sample.length);
});
