import { beforeAll, expect, test } from "vitest";
import { freePort } from "../../scripts/lib/ports.mts";
import { failure } from "../support/failure.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { declaring } from "../support/programs.ts";
import { startProxy } from "../support/proxy.ts";
import { remembered } from "../support/rooms.ts";
import { newStack } from "../support/stack.ts";
import { isThrough } from "../support/through.ts";

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit();
});

test("a wrong secret is UNAUTHENTICATED, in every command, and loses nothing", async () => {
  const stack = await newStack({ program: declaring({ guarded: {} }), env: server.env });
  await stack.up();
  const state = await remembered(stack);
  const wrong = "a-secret-that-is-not-the-server's-own";
  const options = { env: { [isThrough ? "RTC_API_KEY" : "LIVEKIT_API_SECRET"]: wrong } };

  stack.write(declaring({ guarded: { maxParticipants: 2 } }));
  for (const args of [["preview"], ["up"], ["up", "--refresh"], ["refresh"], ["destroy"]]) {
    const output = await failure(stack, args, options);
    expect(output).toContain("UNAUTHENTICATED: ");
    const check = isThrough ? "does not take rtc:apiKey" : "check rtc:livekitApiKey (or LIVEKIT_API_KEY) and";
    expect(output).toContain(check);
    expect(output).not.toContain("not-the-server's-own");
  }

  expect(await remembered(stack)).toEqual(state);
});

test("a server that is not there is UNAVAILABLE, with its address and soon", async () => {
  const address = `http://127.0.0.1:${await freePort("tcp")}`;
  const stack = await newStack({
    program: declaring({ lobby: {} }),
    env: await server.envWith({ LIVEKIT_URL: address }),
  });
  const since = Date.now();

  const output = await failure(stack, ["up"]);

  expect(output).toContain(`UNAVAILABLE: livekit ListRooms: cannot reach ${address} (ECONNREFUSED)`);
  expect(Date.now() - since).toBeLessThan(30_000);
});

test("a server that is down costs no room of the state", async () => {
  const own = await startLivekit();
  const stack = await newStack({ program: declaring({ lobby: {} }), env: own.env });
  await stack.up();
  const state = await remembered(stack);
  await own.stop();

  for (const args of [["refresh"], ["up", "--refresh"], ["destroy"]])
    expect(await failure(stack, args)).toContain(`UNAVAILABLE: livekit ListRooms: cannot reach`);

  expect(await remembered(stack)).toEqual(state);
  await own.restart();
  expect((await stack.up(["--refresh"])).counts.create).toBe(1);
});

test("a server that never answers is DEADLINE_EXCEEDED, with its address and within a minute", async () => {
  const proxy = await startProxy(server.url);
  proxy.hold("ListRooms", "before");
  const stack = await newStack({
    program: declaring({ lobby: {} }),
    env: await server.envWith({ LIVEKIT_URL: proxy.url }),
  });
  const since = Date.now();

  const output = await failure(stack, ["up"]);

  expect(output).toContain(
    `DEADLINE_EXCEEDED: livekit ListRooms: ${proxy.url.replace("ws", "http")} did not answer`,
  );
  expect(Date.now() - since).toBeLessThan(60_000);
});
