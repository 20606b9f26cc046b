import { expect, test } from "vitest";
import { RunningGateway } from "../support/gateway.ts";
import { HOSTILE_BODIES } from "../support/hostile-bodies.ts";
import { startLivekit } from "../support/livekit.ts";
import { report } from "../support/reliability.ts";

const KEY = "a-trial-key-of-this-test";
/** The first request of a process runs what no request has run before. */
const REQUESTS = 4;
const LONGEST_MS = 50;

test(`No body delays other requests by more than ${LONGEST_MS} ms, not even the first of a process`, async ({
  task,
}) => {
  const server = await startLivekit();
  const delays: Record<string, number[]> = {};
  for (const [what, path, body] of HOSTILE_BODIES) {
    const gateway = await RunningGateway.start({ env: { ...server.env, RTC_GATEWAY_KEY: KEY } });
    delays[what] = [];
    await longestDelayMs(gateway);
    for (let time = 0; time < REQUESTS; time++) {
      const headers = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
      const answer = await fetch(`${gateway.address}${path}`, { method: "POST", headers, body });
      await answer.text();
      expect(answer.status, what).toBeLessThan(500);
      delays[what].push(await longestDelayMs(gateway));
    }
    await gateway.end();
  }
  const longest = Math.max(...Object.values(delays).flat());
  expect(longest, JSON.stringify(delays)).toBeLessThan(LONGEST_MS);
  report(task, {
    promise: `Whatever is in a body up to the limit, it delays other requests by ${LONGEST_MS} ms at most, also as the first request of a process`,
    figure: `${longest} ms at most in ${HOSTILE_BODIES.length} processes, with ${REQUESTS} requests each`,
  });
});

/** The longest time for which the event loop of a gateway stood still since this was last asked. */
async function longestDelayMs(gateway: RunningGateway): Promise<number> {
  const { body } = await gateway.ask("/metrics");
  const seconds = /^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(String(body))?.[1];
  return Math.round(Number(seconds) * 1_000);
}
