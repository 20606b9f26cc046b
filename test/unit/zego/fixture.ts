import { setImmediate } from "node:timers/promises";
import { expect, onTestFinished, vi } from "vitest";
import type { RtcConfig } from "../../../src/client/config.ts";
import { RtcError, type TokenSpec, type VendorAdapter } from "../../../src/contract/index.ts";
import { zego } from "../../../src/vendors/zego/adapter.ts";
import { startZego, type Zego } from "../../emulators/zego.ts";
import { onRequest } from "../../support/requests.ts";

/** The secret of the token vectors. */
export const SECRET = "fa94dd0f974cf2e293728a526b028271";

/** Clients of one app share its limits: each test has an app of its own. */
let lastAppId = 1_234_567_890;

/** A Zego until the end of the test, and the adapter for its app. */
export async function zegoWith(config: RtcConfig = {}): Promise<{
  server: Zego;
  adapter: VendorAdapter;
  config: RtcConfig;
  actions(): (string | undefined)[];
}> {
  const appId = ++lastAppId;
  const server = await startZego({ appId, serverSecret: SECRET });
  onTestFinished(server.stop);
  const whole = { zegoAppId: appId, zegoServerSecret: SECRET, zegoBaseUrl: server.url, ...config };
  return {
    server,
    adapter: zego.adapter(whole),
    config: whole,
    actions: () => server.calls.map(({ api }) => api),
  };
}

/** A place without a region. */
export const place = (name: string) => ({ region: null, name });

/** A token with every permission that ZEGO has. */
export function tokenSpec(changes: Partial<TokenSpec> = {}): TokenSpec {
  return {
    region: null,
    name: "hall",
    identity: "alice",
    ttlSeconds: 3_600,
    canPublish: true,
    canSubscribe: true,
    canPublishData: true,
    isAdmin: false,
    ...changes,
  };
}

/** The error of something that must fail. */
export async function failure(call: Promise<unknown>): Promise<RtcError> {
  const error = await call.then(
    () => expect.fail("This should have failed."),
    (reason: unknown) => reason,
  );
  if (!RtcError.isInstance(error)) return expect.fail(`This is no RtcError: ${String(error)}`);
  return error;
}

/**
 * Runs something while time passes as fast as the machine allows: whenever no request is under way, the clock of the
 * whole process, the emulators' too, goes on to what is waited for. How slow the machine is does not show.
 */
export async function inVirtualTime<T>(run: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"], now: Date.now() });
  let underWay = 0;
  const stop = onRequest((_url, sent) => {
    underWay += 1;
    sent.once("close", () => {
      underWay -= 1;
    });
  });
  let over = false;
  try {
    const running = run().finally(() => {
      over = true;
    });
    running.catch(() => undefined);
    while (!over) {
      if (underWay === 0) await vi.advanceTimersByTimeAsync(100);
      await setImmediate();
    }
    return await running;
  } finally {
    stop();
    vi.useRealTimers();
  }
}
