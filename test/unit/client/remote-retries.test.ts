import { describe, expect, it, onTestFinished, vi } from "vitest";
import { remoteClient } from "../../../src/client/remote.ts";
import { CALL_SECONDS } from "../../../src/support/retry.ts";
import type { Fault } from "../../emulators/faults.ts";
import { coreGatewayWith, failure, KEY } from "./remote-fixture.ts";

const OVERLOADED: Fault = { kind: "answer", status: 503, body: { message: "later" } };

describe("a gateway that fails for a moment", () => {
  it.each<[string, Fault]>([
    ["is overloaded", OVERLOADED],
    ["breaks the connection", { kind: "reset" }],
    ["loses its answer", { kind: "lost" }],
    ["cuts its answer short", { kind: "truncated" }],
    ["answers something else", { kind: "answer", status: 200, body: "<h1>hello</h1>" }],
    [
      "still works on it",
      { kind: "answer", status: 409, body: { code: "IN_PROGRESS" }, headers: { "retry-after": "0" } },
    ],
  ])("and %s is asked to create again by the same key, with one effect", async (_, fault) => {
    const { client, gateway, bodies } = await coreGatewayWith();
    await client.room.create({ name: "hall" });
    gateway.faults.plan(fault, { api: "recording.start", times: 1 });
    await client.recording.start({ room: "hall", outputUri: "s3://acme/" });
    const [first, second, ...more] = bodies().slice(1);
    expect(first).toHaveProperty("idempotency_key");
    expect(second).toEqual(first);
    expect(more).toEqual([]);
    expect(gateway.world.recordings.size, "recordings").toBe(1);
  });

  it("is not asked twice to kick, unless it has not received the first request", async () => {
    const { client, gateway } = await coreGatewayWith();
    await client.room.create({ name: "hall" });
    gateway.world.room("hall").participants.push("alice");
    gateway.faults.plan(OVERLOADED, { api: "participant.kick" });
    const error = await failure(client.participant.kick({ room: "hall", identity: "alice" }));
    expect(error).toMatchObject({ code: "UNAVAILABLE", retryable: true, message: "later" });
    const kicks = () => gateway.calls.filter(({ api }) => api === "participant.kick").length;
    expect(kicks()).toBe(1);
    gateway.faults.clear();
    const limited: Fault = { kind: "answer", status: 429, body: {}, headers: { "retry-after": "0" } };
    gateway.faults.plan(limited, { api: "participant.kick", times: 1 });
    await client.participant.kick({ room: "hall", identity: "alice" });
    expect(kicks()).toBe(3);
  });

  it("is waited for as long as it reports, or not at all where that is too long", async () => {
    const { client, gateway } = await coreGatewayWith();
    gateway.faults.plan({ kind: "answer", status: 429, body: {}, headers: { "retry-after": "120" } });
    expect(await failure(client.room.list())).toMatchObject({ code: "RATE_LIMITED", retryAfterSeconds: 120 });
    expect(gateway.calls).toHaveLength(1);
  });

  it("because a vendor does is not asked again: it has tried that vendor again itself", async () => {
    const { client, gateway } = await coreGatewayWith();
    const body = {
      code: "UNAVAILABLE",
      detail: "livekit does not answer",
      vendor: "livekit",
      retryable: true,
    };
    gateway.faults.plan({ kind: "answer", status: 503, body });
    expect(await failure(client.room.list())).toMatchObject({ code: "UNAVAILABLE", vendor: "livekit" });
    expect(gateway.calls).toHaveLength(1);
  });

  it("is waited for longer than it tries its vendors itself, so that it can report which one did not answer", async () => {
    const { client, gateway } = await coreGatewayWith();
    gateway.faults.plan({ kind: "silence" });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const kick = failure(client.participant.kick({ room: "hall", identity: "alice" }));
    await vi.waitUntil(() => gateway.calls.length > 0, { timeout: 10_000 });
    await vi.advanceTimersByTimeAsync(CALL_SECONDS * 1_000 + 5_000);
    const error = await kick;
    expect(error.code).toBe("DEADLINE_EXCEEDED");
    expect(Number(/within (\d+) seconds/.exec(error.message)?.[1])).toBeGreaterThan(CALL_SECONDS);
  });

  it("and cannot be reached is reported with the setting to check", async () => {
    const { gateway } = await coreGatewayWith();
    await gateway.stop();
    const client = remoteClient({ endpoint: gateway.url, apiKey: KEY });
    const error = await failure(client.participant.kick({ room: "hall", identity: "alice" }));
    expect(error.code).toBe("UNAVAILABLE");
    expect(error.message).toContain("check rtc:endpoint (or RTC_ENDPOINT), and the network");
  });
});
