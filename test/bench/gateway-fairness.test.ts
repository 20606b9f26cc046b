import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { expect, inject, test } from "vitest";
import type { Abuse, Answers } from "../support/abuse.mts";
import { repo } from "../support/clone.ts";
import { RunningGateway } from "../support/gateway.ts";
import { startLivekit } from "../support/livekit.ts";
import { median } from "../support/paired.ts";

/** Long enough that the burst that a key may send at first is less than one request of a hundred. */
const SECONDS = 60;
/** Of the round that is not counted, by which everything is compiled and connected. */
const WARM_UP_SECONDS = 10;
/** Of the client that behaves, a second. */
const RATE = 50;

test("ten times a key's rate, bodies of 2 MB, and clients that send a byte now and then leave the p99 of others at most doubled", {
  timeout: 900_000,
}, async () => {
  const server = await startLivekit();
  const cwd = mkdtempSync(join(inject("scratch"), "gateway-"));
  const flood = await RunningGateway.createKey(cwd, "flood");
  const bulk = await RunningGateway.createKey(cwd, "bulk");
  const gateway = await RunningGateway.start({
    cwd,
    env: { ...server.env, RTC_GATEWAY_KEY: "a-trial-key-of-this-test" },
  });
  await gateway.ask("/v1/rtc/room/create", { body: { name: "hall", empty_timeout_s: 3_600 } });

  const rounds: { alone: number; beside: number }[] = [];
  const answers: Answers = {};
  for (let round = 0; round <= 3; round++) {
    const seconds = round === 0 ? WARM_UP_SECONDS : SECONDS;
    const alone = await p99(gateway, seconds);
    const { address } = gateway;
    // Two clients, or what is too big would be turned away for being too much.
    const stops = [
      await abuse({ address, key: flood, from: "127.0.0.2", rate: 1_000, slow: 100, big: 0 }),
      await abuse({ address, key: bulk, from: "127.0.0.3", rate: 0, slow: 0, big: 5 }),
    ];
    const beside = await p99(gateway, seconds);
    for (const stop of stops)
      for (const [status, times] of Object.entries(await stop()))
        answers[status] = (answers[status] ?? 0) + times;
    if (round > 0) rounds.push({ alone, beside });
  }
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  for (const { alone, beside } of rounds)
    console.log(`  p99 ${ms(alone)} alone, ${ms(beside)} beside it: ${(beside / alone).toFixed(2)} times`);
  console.log("  its answers", answers);
  expect(answers["429"]).toBeGreaterThan(rounds.length * SECONDS * 500);
  expect(answers["413"]).toBeGreaterThan(rounds.length * SECONDS * 4);
  expect(median(rounds.map(({ alone, beside }) => beside / alone))).toBeLessThanOrEqual(2);
});

/** Milliseconds within which 99 of 100 requests of a client that behaves are answered, each with 200. */
async function p99(gateway: RunningGateway, seconds: number): Promise<number> {
  const began = performance.now();
  const asking = Array.from({ length: seconds * RATE }, async (_, sent) => {
    const sendAt = began + (sent * 1_000) / RATE;
    await sleep(Math.max(0, sendAt - performance.now()));
    const asked = performance.now();
    const { status } = await gateway.ask("/v1/rtc/room/get/hall");
    return { status, took: performance.now() - asked };
  });
  const answers = await Promise.all(asking);
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  const times = answers.map(({ took }) => took).sort((a, b) => a - b);
  return times[Math.floor(times.length * 0.99)] ?? Number.NaN;
}

/** Starts a client that behaves badly; returns how it stops, and what it was answered. */
async function abuse(workerData: Abuse): Promise<() => Promise<Answers>> {
  const worker = new Worker(join(repo, "test/support/abuse.mts"), { workerData });
  await once(worker, "online");
  return async () => {
    worker.postMessage("stop");
    const [answers] = (await once(worker, "message")) as [Answers];
    await worker.terminate();
    return answers;
  };
}
