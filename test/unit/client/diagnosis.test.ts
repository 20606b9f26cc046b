import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Check, diagnose } from "../../../src/client/diagnosis.ts";
import { RtcError, type VendorAdapter } from "../../../src/contract/index.ts";
import { MemoryVendor } from "../../conformance/memory.ts";
import { memoryAdapter, withoutRecorder } from "../../conformance/memory-adapter.ts";
import { account, adapterOnAgora, PROJECT } from "../agora/fixture.ts";
import { zegoWith } from "../zego/fixture.ts";
import { coreGatewayWith, KEY } from "./remote-fixture.ts";

/** The time of the server. */
const NOON = Date.parse("2026-11-30T12:00:00Z");

/** The address of a server whose answers have this Date. */
async function serverAt(date: string | undefined): Promise<string> {
  const server = createServer((_request, response) => {
    response.sendDate = false;
    response.writeHead(404, date === undefined ? {} : { date }).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The checks of a vendor in memory, with the status and the message of each. */
async function checksOf(
  adapter: Partial<VendorAdapter>,
  { vendor = new MemoryVendor(), regions = [] as string[], now = NOON + 500 } = {},
): Promise<Record<string, [Check["status"], string]>> {
  const whole = { ...memoryAdapter(vendor, regions), ...adapter };
  const clock = { now: () => now, sleep: () => Promise.resolve() };
  const checks = await diagnose({ vendors: ["memory"] }, { memory: () => whole }, clock);
  return byName(checks);
}

function byName(checks: readonly Check[]): Record<string, [Check["status"], string]> {
  return Object.fromEntries(checks.map(({ check, status, message }) => [check, [status, message]]));
}

describe("The clock is compared with the Date of the server's answer:", () => {
  test.each([
    ["half a second", 500, "ok", "as the server's"],
    ["less than it can measure", 1_900, "ok", "as the server's"],
    ["nine seconds fast", 10_500, "ok", "9 s ahead of"],
    ["half a minute slow", -30_500, "warning", "30 s behind"],
    ["a minute fast", 61_500, "warning", "60 s ahead of"],
    ["five minutes fast", 301_500, "failed", "300 s ahead of the server's: synchronise it (NTP)"],
  ] as const)("%s", async (_name, off, status, message) => {
    const address = await serverAt(new Date(NOON).toUTCString());
    const checks = await checksOf({ apiAddress: () => address }, { now: NOON + off });
    expect(checks["memory clock"]).toEqual([status, expect.stringContaining(message)]);
  });

  test("it is unknown where the answer has none", async () => {
    const address = await serverAt(undefined);
    const checks = await checksOf({ apiAddress: () => address });
    expect(checks["memory clock"]).toEqual(["unknown", `the answer of ${address} has no Date`]);
  });
});

describe("A deployment", () => {
  test("that answers and accepts the keys is ok, and whether a recorder runs is shown by its recordings only", async () => {
    const address = await serverAt(new Date(NOON).toUTCString());
    const checks = await checksOf({ apiAddress: () => address });
    expect(checks).toEqual({
      "memory address": ["ok", `${address} answers`],
      "memory clock": ["ok", "as the server's"],
      "memory keys": ["ok", "accepted"],
      "memory recorder": ["unknown", expect.stringContaining("only when one is started")],
    });
    const recording = { recording: "memory:1", room: "memory:hall", status: "active" as const };
    const recordings = memoryAdapter(new MemoryVendor()).recordings as NonNullable<
      VendorAdapter["recordings"]
    >;
    const busy = { ...recordings, list: async () => [recording] };
    expect((await checksOf({ recordings: busy }))["memory recorder"]?.[0]).toBe("ok");
  });

  test.each([
    ["UNAUTHENTICATED", { address: "ok", keys: "failed", recorder: "unknown" }],
    ["PERMISSION_DENIED", { address: "ok", keys: "failed", recorder: "unknown" }],
    ["UNAVAILABLE", { address: "failed", keys: "unknown", recorder: "unknown" }],
    ["VENDOR_ERROR", { address: "failed", keys: "unknown", recorder: "unknown" }],
  ] as const)("whose call fails as %s is judged by that", async (code, statuses) => {
    const getRoom = () => Promise.reject(new RtcError(code, "the reason"));
    const checks = await checksOf({ getRoom });
    for (const [what, status] of Object.entries(statuses))
      expect(checks[`memory ${what}`]?.[0], what).toBe(status);
    expect(Object.values(checks).flat()).toContain("the reason");
  });

  test("without keys is a failure, but a warning where another one has them", async () => {
    const missing = (region: string | null) => (region === null ? "its key is not set" : undefined);
    expect(await checksOf({ missing })).toEqual({ "memory keys": ["failed", "its key is not set"] });
    const both = await checksOf({ missing }, { regions: ["eu"] });
    expect(both["memory keys"]).toEqual(["warning", "its key is not set"]);
    expect(both["memory@eu keys"]).toEqual(["ok", "accepted"]);
  });

  test("that cannot record has no check of a recorder, and one without what it needs has a warning", async () => {
    const without = withoutRecorder(memoryAdapter(new MemoryVendor()));
    expect(Object.keys(await checksOf(without))).not.toContain("memory recorder");
    const recordings = memoryAdapter(new MemoryVendor()).recordings as NonNullable<
      VendorAdapter["recordings"]
    >;
    const list = () => Promise.reject(new RtcError("NOT_CONFIGURED", "it has no Redis"));
    const checks = await checksOf({ recordings: { ...recordings, list } });
    expect(checks["memory recorder"]).toEqual(["warning", "it has no Redis"]);
  });
});

test("Without a configured vendor, that is what fails", async () => {
  expect(byName(await diagnose({}))).toEqual({
    vendors: ["failed", expect.stringContaining("no vendor is configured: set the keys of one")],
  });
});

test("Agora is asked at its API's address, and without a REST key its tokens are all that is possible", async () => {
  const { config, server } = await adapterOnAgora();
  const good = byName(await diagnose(config));
  expect(good).toMatchObject({
    "agora address": ["ok", `${server.url} answers`],
    "agora keys": ["ok", "accepted"],
  });
  const { agoraCustomerId } = account();
  const wrong = byName(await diagnose({ ...config, agoraCustomerId }));
  expect(wrong).toMatchObject({
    "agora address": ["ok", expect.anything()],
    "agora keys": ["failed", expect.stringContaining("agoraCustomerId")],
  });
  const few = byName(await diagnose({ ...PROJECT, agoraBaseUrl: server.url }));
  expect(few).toMatchObject({
    "agora address": ["ok", expect.anything()],
    "agora keys": ["warning", expect.stringMatching(/^tokens can be signed, and no more: .*agoraCustomerId/)],
  });
});

test("ZEGO is asked at its API's address", async () => {
  const { config, server } = await zegoWith();
  expect(byName(await diagnose(config))).toMatchObject({
    "zego address": ["ok", `${server.url} answers`],
    "zego keys": ["ok", "accepted"],
  });
  const wrong = byName(await diagnose({ ...config, zegoServerSecret: "0".repeat(32) }));
  expect(wrong["zego keys"]).toEqual(["failed", expect.stringContaining("check rtc:zegoServerSecret")]);
});

test("A gateway is checked instead of the vendors, and reports that it does not list recordings", async () => {
  const { gateway } = await coreGatewayWith();
  const config = { endpoint: gateway.url, apiKey: KEY, vendors: ["memory"] };
  expect(byName(await diagnose(config))).toMatchObject({
    "gateway address": ["ok", `${gateway.url} answers`],
    "gateway keys": ["ok", "accepted"],
    "gateway recorder": ["warning", expect.stringContaining("rtc.recording.list")],
  });
  const wrong = byName(await diagnose({ ...config, apiKey: "another-key" }));
  expect(wrong["gateway keys"]?.[0]).toBe("failed");
});
