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

const SECONDS = 20;
/** Of the client that behaves, a second. */
const RATE = 50;

test("a client that behaves, alone and beside one that sends ten times what it may, 2 MB bodies, and a byte now and then", {
  timeout: 300_000,
}, async () => {
  const server = await startLivekit();
  const cwd = mkdtempSync(join(inject("scratch"), "gateway-"));
  const abuser = await RunningGateway.createKey(cwd, "abuser");
  const gateway = await RunningGateway.start({
    cwd,
    env: { ...server.env, RTC_GATEWAY_KEY: "a-trial-key-of-this-test" },
  });
  await gateway.ask("/v1/rtc/room/create", { body: { name: "hall" } });
  await p99(gateway); // Everything is compiled and connected after it.

  const rounds: { alone: number; beside: number }[] = [];
  const answers: Answers = {};
  for (let round = 0; round < 3; round++) {
    const alone = await p99(gateway);
    const stop = await abuse({
      address: gateway.address,
      key: abuser,
      rate: 1_000,
      slow: 100,
      big: 5,
    });
    const beside = await p99(gateway);
    for (const [status, times] of Object.entries(await stop()))
      answers[status] = (answers[status] ?? 0) + times;
    rounds.push({ alone, beside });
  }
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  for (const { alone, beside } of rounds)
    console.log(`  p99 ${ms(alone)} alone, ${ms(beside)} beside it: ${(beside / alone).toFixed(2)} times`);
  console.log("  its answers", answers);
  expect(answers["429"]).toBeGreaterThan(10_000);
  expect(answers["413"]).toBeGreaterThan(10);
});

/** Milliseconds within which 99 of 100 requests of a client that behaves are answered, each with 200. */
async function p99(gateway: RunningGateway): Promise<number> {
  const times: number[] = [];
  const began = performance.now();
  const all: Promise<void>[] = [];
  for (let sent = 0; sent < SECONDS * RATE; sent++) {
    const due = began + (sent * 1_000) / RATE;
    await sleep(Math.max(0, due - performance.now()));
    all.push(
      (async () => {
        const asked = performance.now();
        const { status } = await gateway.ask("/v1/rtc/room/get/hall");
        expect(status).toBe(200);
        times.push(performance.now() - asked);
      })(),
    );
  }
  await Promise.all(all);
  return times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.NaN;
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
