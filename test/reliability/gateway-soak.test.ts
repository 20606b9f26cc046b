import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { RunningGateway } from "../support/gateway.ts";
import { startLivekit } from "../support/livekit.ts";
import { report } from "../support/reliability.ts";

/** Shorter to try the test itself. */
const SECONDS = Number(process.env["RTC_SOAK_SECONDS"] ?? 600);
/** Requests a second. */
const RATE = 50;
const KEY = "a-trial-key-of-this-test";
/** How much the largest memory may be above that of the time before: it rises and falls with each collection. */
const GROWTH = 1.25;

test(`${SECONDS / 60} minutes of ${RATE} requests a second reset no connection and leave memory flat`, {
  timeout: (SECONDS + 120) * 1_000,
}, async ({ task }) => {
  const server = await startLivekit();
  const gateway = await RunningGateway.start({ env: { ...server.env, RTC_GATEWAY_KEY: KEY } });
  // As a client that keeps its connections for as long as the server does, and takes the newest first: those that a
  // burst has opened are idle for long, and used again by the next.
  const agent = new Agent({ keepAlive: true });
  await gateway.ask("/v1/rtc/room/create", { body: { name: "hall", empty_timeout_s: 3_600 } });

  const memory: number[] = [];
  const measuring = (async () => {
    for (let at = 0; at < SECONDS; at += 5) {
      memory.push(await residentMb(gateway));
      await sleep(5_000);
    }
  })();
  const began = performance.now();
  const outcomes: Record<string, number> = {};
  const asking: Promise<void>[] = [];
  for (let sent = 0; sent < SECONDS * RATE; sent++) {
    await sleep(Math.max(0, began + (sent * 1_000) / RATE - performance.now()));
    const { path, body } = WORK[sent % WORK.length]?.(sent) ?? { path: "/livez" };
    const asked = ask(`${gateway.address}${path}`, agent, body).then((outcome) => {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    });
    asking.push(asked);
  }
  await Promise.all(asking);
  await measuring;
  agent.destroy();

  expect(outcomes).toEqual({ 200: asking.length });
  const third = Math.floor(memory.length / 3);
  const before = Math.max(...memory.slice(third, 2 * third));
  const after = Math.max(...memory.slice(2 * third));
  expect(after).toBeLessThan(before * GROWTH);
  report(task, {
    promise: `A gateway that is asked ${RATE} times a second answers every request, resets no connection, and needs no more memory at the end than in the middle`,
    figure: `${asking.length} of ${asking.length} answered in ${SECONDS} s; at most ${before} MB in the middle third and ${after} MB in the last`,
  });
});

/** What is asked for, in turn. */
const WORK: ((n: number) => { path: string; body?: object })[] = [
  () => ({ path: "/v1/rtc/room/get/hall" }),
  (n) => ({ path: "/v1/rtc/token/issue", body: { room: "hall", identity: `p${n}` } }),
  () => ({ path: "/v1/rtc/participant/list/hall" }),
  (n) => ({
    path: "/v1/rtc/room/create",
    body: { name: "hall", idempotency_key: `soak-${n}` },
  }),
];

/**
 * The status of a request, or what has broken it off. On a busy machine either side may be delayed and then ask for too
 * much at once: like every client it retries when it is asked to.
 */
async function ask(url: string, agent: Agent, body?: object): Promise<number | string> {
  const outcome = await askOnce(url, agent, body);
  if (outcome !== 429) return outcome;
  await sleep(1_000);
  return ask(url, agent, body);
}

function askOnce(url: string, agent: Agent, body?: object): Promise<number | string> {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
    const sent = request(url, { agent, headers, method: body ? "POST" : "GET" }, (answer) => {
      answer.resume();
      answer.on("end", () => resolve(answer.statusCode ?? 0));
      answer.on("error", ({ message }) => resolve(message));
    });
    sent.on("error", ({ message }) => resolve(message));
    sent.end(body && JSON.stringify(body));
  });
}

/** The memory that a gateway has of the machine's. */
async function residentMb(gateway: RunningGateway): Promise<number> {
  const { body } = await gateway.ask("/metrics");
  const bytes = /^process_resident_memory_bytes (\S+)$/m.exec(String(body))?.[1];
  return Math.round(Number(bytes) / 2 ** 20);
}
