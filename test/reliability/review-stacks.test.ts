import { expect, test } from "vitest";
import { startLivekit } from "../support/livekit.ts";
import { report } from "../support/reliability.ts";
import { ReviewStacks } from "../support/review-stack.ts";

const ROUNDS = 20;
/** Of two pull requests at once, on one backend. */
const LANES = 2;

test("Twenty review stacks are created, changed, repaired and taken down, two at once, with no orphans at the vendor or on disk", {
  timeout: 30 * 60_000,
}, async ({ task }) => {
  const server = await startLivekit({ egress: "worker" });
  const stacks = new ReviewStacks(server);
  const before = stacks.onDisk();
  const waiting = Array.from({ length: ROUNDS }, (_, index) => index + 1);
  const start = Date.now();
  const live = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await stacks.life(next);
  };
  await Promise.all(Array.from({ length: LANES }, live));
  const seconds = Math.round((Date.now() - start) / 1_000);

  const left = await stacks.atTheVendor();
  expect(left).toEqual([]);
  const onDisk = stacks.onDisk().filter((name) => !before.includes(name));
  expect(onDisk).toEqual([]);
  report(task, {
    promise: `${ROUNDS} review stacks, each made, changed, drifted, repaired and taken down with \`rtc destroy --remove-stack\`: nothing is left at the vendor or on disk`,
    figure: `${ROUNDS} stacks in ${seconds} s; left: ${left.length} rooms and recordings, ${onDisk.length} files`,
  });
});
