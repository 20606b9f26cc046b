import { expect, test } from "vitest";
import { startLivekit } from "../support/livekit.ts";
import { measured } from "../support/measures.ts";
import { median } from "../support/paired.ts";
import { startProxy } from "../support/proxy.ts";
import { AS_FOR_USERS } from "../support/short-lived.mts";
import { newStack, type Stack } from "../support/stack.ts";
import { program } from "../support/world.ts";

/*
 * What the way to the vendor costs a stack: the same commands through a proxy that delays each call by 50 ms, and through one
 * that does not.
 */

const ROOMS = Number(process.env["RTC_BENCH_FAR_ROOMS"] ?? 1_000);
const ROUNDS = Number(process.env["RTC_BENCH_FAR_ROUNDS"] ?? 2);
const DELAY_MS = 50;
const HOUR = 3_600_000;

const STEPS = {
  up: ["up", "--yes", "--skip-preview"],
  refresh: ["refresh", "--yes", "--skip-preview"],
  destroy: ["destroy", "--yes", "--skip-preview"],
};
type Step = keyof typeof STEPS;
const TARGETS: Record<Step, number> = { up: 1.2, refresh: 1.15, destroy: 1.2 };
/** The most calls of the vendor that a refresh of all rooms makes. */
const REFRESH_CALLS = 3;

const PLACES = ["far", "near"] as const;
type Place = (typeof PLACES)[number];

test(`a stack of ${ROOMS} rooms at a vendor ${DELAY_MS} ms away, and at one on this machine`, {
  timeout: HOUR,
}, async ({ task }) => {
  const server = await startLivekit();
  const stacks = {} as Record<Place, { stack: Stack; calls: string[] }>;
  const seconds = {} as Record<Place, Record<Step, number[]>>;
  for (const place of PLACES) {
    const proxy = await startProxy(server.url);
    if (place === "far") proxy.delay(DELAY_MS);
    const declared = `for (let n = 0; n < ${ROOMS}; n++) new rtc.RtcRoom("${place}-" + n, { maxParticipants: 12 });`;
    const env = { ...server.env, LIVEKIT_URL: proxy.url };
    const stack = await newStack({ program: program(declared), env, project: place });
    stack.setEnv(AS_FOR_USERS);
    stacks[place] = { stack, calls: proxy.calls };
    seconds[place] = { up: [], refresh: [], destroy: [] };
  }
  let calls = 0;
  for (let round = 0; round < ROUNDS; round++)
    for (const step of Object.keys(STEPS) as Step[])
      for (const place of PLACES) {
        const { stack, calls: made } = stacks[place];
        const before = made.length;
        const began = performance.now();
        const { code, output } = await stack.run(STEPS[step]);
        expect(code, output.slice(-2_000)).toBe(0);
        seconds[place][step].push((performance.now() - began) / 1_000);
        if (step === "refresh") calls = Math.max(calls, made.length - before);
      }
  expect(await server.service.listRooms()).toEqual([]);
  const near = "without a delay";
  for (const step of Object.keys(STEPS) as Step[])
    measured(task, {
      ...{ what: `${step}, ${ROOMS} rooms ${DELAY_MS} ms away`, unit: "s", ours: median(seconds.far[step]) },
      ...{ beside: { [near]: median(seconds.near[step]) }, targets: { [near]: TARGETS[step] } },
    });
  measured(task, {
    ...{ what: `calls of the vendor by a refresh of ${ROOMS} rooms`, unit: "calls", ours: calls },
    ...{ beside: {}, targets: {}, most: REFRESH_CALLS },
  });
});
