import { beforeAll, describe, expect, test } from "vitest";
import { failure } from "../support/failure.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { declaring } from "../support/programs.ts";
import { startProxy } from "../support/proxy.ts";
import { roomsInState } from "../support/rooms.ts";
import { newStack, type Stack } from "../support/stack.ts";
import type { Result, RunOptions, StateResource } from "../support/stack-types.ts";
import { isThrough } from "../support/through.ts";

/** A command that must fail: what it printed, and after how long. */
interface Failed {
  output: string;
  seconds: number;
}

async function failed(stack: Stack, command: string, options?: RunOptions): Promise<Failed> {
  const since = Date.now();
  return { output: await failure(stack, [command], options), seconds: (Date.now() - since) / 1_000 };
}

// Every operation with every failure: test/unit/reconcile/outage.test.ts.
describe("A server", () => {
  let failures: Record<"destroy" | "up" | "refresh" | "unanswered", Failed>;
  let state: Record<"before" | "denied" | "down", Record<string, StateResource>>;
  let recovered: Result;
  let [address, silent] = ["", ""];

  beforeAll(async () => {
    const server = await startLivekit();
    address = server.url.replace("ws", "http");
    const [unanswered, others] = await Promise.all([neverAnswered(server), deniedAndDown(server)]);
    failures = { unanswered, ...others };
  });

  async function neverAnswered(server: LivekitServer): Promise<Failed> {
    const proxy = await startProxy(server.url);
    silent = proxy.url.replace("ws", "http");
    proxy.hold("ListRooms", "before");
    const env = await server.envWith({ LIVEKIT_URL: proxy.url });
    return failed(await newStack({ program: declaring({ lobby: {} }), env }), "up");
  }

  async function deniedAndDown(server: LivekitServer) {
    const stack = await newStack({ program: declaring({ guarded: {} }), env: server.env });
    await stack.up();
    const before = await roomsInState(stack);

    const secret = isThrough ? "RTC_API_KEY" : "LIVEKIT_API_SECRET";
    const options = { env: { [secret]: "a-secret-that-is-not-the-server's-own" } };
    const destroy = await failed(stack, "destroy", options);
    const denied = await roomsInState(stack);

    await server.stop();
    stack.write(declaring({ guarded: {}, lobby: {} }));
    const [up, refresh] = [await failed(stack, "up"), await failed(stack, "refresh")];
    state = { before, denied, down: await roomsInState(stack) };
    await server.restart();
    recovered = await stack.up(["--refresh"]);
    return { destroy, up, refresh };
  }

  test("with another secret is UNAUTHENTICATED, and loses nothing", () => {
    const { output } = failures.destroy;
    expect(output).toContain("UNAUTHENTICATED: ");
    const check = isThrough ? "rejects rtc:apiKey" : "check rtc:livekitApiKey (or LIVEKIT_API_KEY) and";
    expect(output).toContain(check);
    expect(output).not.toContain("not-the-server's-own");
    expect(state.denied).toEqual(state.before);
  });

  test.each(["up", "refresh"] as const)(
    "that is down is UNAVAILABLE in %s, with its address and soon, and loses nothing",
    (command) => {
      const { output, seconds } = failures[command];
      expect(output).toContain(`UNAVAILABLE: livekit ListRooms: cannot reach ${address} (ECONNREFUSED)`);
      expect(seconds).toBeLessThan(30);
      expect(state.down).toEqual(state.before);
    },
  );

  test("that is back has every room recreated by the next up", () => {
    expect(recovered.counts.create).toBe(2);
  });

  test("that never answers is DEADLINE_EXCEEDED, with its address and within a minute", () => {
    const { output, seconds } = failures.unanswered;
    expect(output).toContain(`DEADLINE_EXCEEDED: livekit ListRooms: ${silent} did not answer`);
    expect(seconds).toBeLessThan(60);
  });
});
