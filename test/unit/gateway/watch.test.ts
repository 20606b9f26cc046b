import { afterEach, expect, test } from "vitest";
import { RtcError } from "../../../src/contract/index.ts";
import type { Serving } from "../../../src/gateway/http/serve.ts";
import { WatchMetrics } from "../../../src/gateway/middleware/watch-metrics.ts";
import { serveWatch } from "../../../src/gateway/watch.ts";

/* What a watch serves, over HTTP. */

const running: Serving[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

async function served() {
  const metrics = new WatchMetrics();
  const state: { problem: string | undefined } = { problem: undefined };
  const delivered: unknown[] = [];
  const server = await serveWatch({
    ...{ host: "127.0.0.1", port: 0, metrics },
    problem: () => state.problem,
    deliver: async (...delivery) => {
      delivered.push(delivery);
      if (delivery[2] === undefined) throw new RtcError("UNAUTHENTICATED", "no key has signed it");
      return delivery[1] === "waking";
    },
  });
  running.push(server);
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(server.address + path, init);
    return { status: answer.status, text: await answer.text(), type: answer.headers.get("content-type") };
  };
  const post = (body: string, headers: Record<string, string> = { authorization: "signed" }) =>
    ask("/webhooks/acme", { method: "POST", body, headers });
  return { metrics, state, delivered, ask, post };
}

test("/livez fails with the reason while the watch does not do its work", async () => {
  const { state, ask } = await served();
  expect(await ask("/livez")).toMatchObject({ status: 200, text: '{"ok":true}' });
  state.problem = "a round has run for 1000 s";
  expect(await ask("/livez")).toMatchObject({
    status: 503,
    text: '{"ok":false,"reason":"a round has run for 1000 s"}',
  });
});

test("/metrics shows rounds by result, the last round, the last success and drift, from the first scrape on", async () => {
  const { metrics, ask } = await served();
  const first = await ask("/metrics");
  expect(first.type).toMatch(/^text\/plain; version=/);
  for (const result of ["unchanged", "changed", "failed"])
    expect(first.text).toContain(`rtc_reconcile_rounds_total{result="${result}"} 0\n`);
  metrics.recordRound({ result: "changed", seconds: 1.5, resources: 12, drifted: 2 }, 1_700_000_000_000);
  metrics.recordRound({ result: "failed", seconds: 0.5 }, 1_700_000_060_000);
  const { text } = await ask("/metrics");
  for (const line of [
    'rounds_total{result="changed"} 1',
    'rounds_total{result="failed"} 1',
    "last_round_duration_seconds 0.5",
    "last_success_timestamp_seconds 1700000000",
    "resources 12",
    "drifted_resources 2",
  ])
    expect(text).toContain(`\nrtc_reconcile_${line}\n`);
});

test("a delivery is answered with whether it wakes a round, and counted", async () => {
  const { delivered, post, ask } = await served();
  expect(await post("waking")).toMatchObject({ status: 200, text: '{"woken":true}' });
  expect(await post("other")).toMatchObject({ status: 200, text: '{"woken":false}' });
  expect(await post("other", {})).toMatchObject({ status: 401, type: "application/problem+json" });
  expect(delivered).toEqual([
    ["acme", "waking", "signed"],
    ["acme", "other", "signed"],
    ["acme", "other", undefined],
  ]);
  const { text } = await ask("/metrics");
  for (const result of ["woken", "ignored", "rejected"])
    expect(text).toContain(`rtc_reconcile_webhook_deliveries_total{result="${result}"} 1\n`);
});

test("a delivery that is too long, another method and another path are rejected before anything is read", async () => {
  const { delivered, post, ask } = await served();
  expect(await post("x".repeat(512 * 1024 + 1))).toMatchObject({ status: 413 });
  expect(await ask("/webhooks/acme")).toMatchObject({ status: 405 });
  expect(await ask("/v1/rtc/room/list")).toMatchObject({ status: 404 });
  expect(delivered).toEqual([]);
});
