import { beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../scripts/lib/ports.mts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { declaring } from "../support/programs.ts";
import { startProxy } from "../support/proxy.ts";
import { remembered, roomAt } from "../support/rooms.ts";
import { newStack, type Stack } from "../support/stack.ts";
import type { RunOptions } from "../support/stack-types.ts";

/** What every JWT of LiveKit's begins with. */
const JWT = "eyJhbGciOiJIUzI1NiJ9";

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit();
});

/** The output of a command that fails, without a stack trace or a token in it. */
async function failure(stack: Stack, args: string[], options: RunOptions = {}): Promise<string> {
  const { output } = await stack.run(
    [...args, ...(args[0] === "preview" ? [] : ["--yes", "--skip-preview"])],
    {
      code: 1,
      ...options,
    },
  );
  expect(output).not.toMatch(/^\s+at \S/m);
  expect(output).not.toContain("node_modules");
  expect(output).not.toContain(JWT);
  return output;
}

describe("wrong inputs", () => {
  const wrong = {
    name: "",
    maxParticipants: 0,
    emptyTimeoutSeconds: 1.5,
    metadata: { $owner: "hush-1" },
    forceDestroy: "hush-2",
    adopt: "hush-3",
    enableRecording: true,
    maxParticipant: "hush-4",
    region: "mars",
  };
  const problems = [
    "name: name must not be empty",
    "maxParticipants: must be at least 1",
    "emptyTimeoutSeconds: must be a whole number",
    "metadata: the key $owner is reserved",
    "forceDestroy: must be true or false",
    "adopt: must be true or false",
    "maxParticipant: is not known; did you mean maxParticipants?",
  ];

  test.each(["preview", "up"])(
    "are told all at once by %s, each with its path and without its value",
    async (command) => {
      const stack = await newStack({ program: declaring({ lobby: wrong }), env: server.env });

      const output = await failure(stack, [command]);

      for (const problem of problems) expect(output).toContain(`resource 'lobby' has a problem: ${problem}`);
      expect(output).not.toContain("hush");
      expect(await remembered(stack)).toEqual({});
      expect(await roomAt(server, "lobby")).toBeUndefined();
    },
  );

  test("leave the room that is there as it is", async () => {
    const stack = await newStack({
      program: declaring({ kept: { metadata: { team: "core" } } }),
      env: server.env,
    });
    await stack.up();
    const [room, state] = [await roomAt(server, "kept"), await remembered(stack)];

    stack.write(declaring({ kept: { metadata: { team: "sales" }, maxParticipants: -1 } }));
    const output = await failure(stack, ["up"]);

    expect(output).toContain("maxParticipants: must be at least 1");
    expect(await roomAt(server, "kept")).toEqual(room);
    expect(await remembered(stack)).toEqual(state);
  });

  test.each([
    ["an unknown vendor", "vendor", { vendor: "nope" }],
    ["an unknown region", "region", { region: "mars" }],
    ["a name that is too long", "name", { name: "n".repeat(257) }],
    ["metadata that is too long", "metadata", { metadata: { text: "x".repeat(60_000) } }],
    ["metadata that is no object", "metadata", { metadata: "a text" }],
    ["a recording, which this version cannot make", "enableRecording", { enableRecording: true }],
  ])("say which input is wrong: %s", async (_what, path, inputs) => {
    const stack = await newStack({ program: declaring({ lobby: inputs }), env: server.env });
    expect(await failure(stack, ["preview"])).toContain(`resource 'lobby' has a problem: ${path}: `);
  });
});

describe("a configuration that is not complete or cannot be read", () => {
  test("names the keys and the variables that are missing", async () => {
    const stack = await newStack({ program: declaring({ lobby: {} }) });
    const names = ["rtc:livekitUrl (or LIVEKIT_URL)", "rtc:livekitApiKey (or LIVEKIT_API_KEY)"];

    const all = await failure(stack, ["preview"]);
    for (const name of [...names, "rtc:livekitApiSecret (or LIVEKIT_API_SECRET)"])
      expect(all).toContain(name);
    const one = await failure(stack, ["up"], {
      env: { LIVEKIT_URL: server.url, LIVEKIT_API_KEY: server.apiKey },
    });

    expect(one).toContain("NOT_CONFIGURED: livekit: rtc:livekitApiSecret (or LIVEKIT_API_SECRET) is not set");
    for (const name of names) expect(one).not.toContain(name);
  });

  test("is told with each key and variable, and without a value", async () => {
    const stack = await newStack({
      program: declaring({ lobby: {} }),
      env: { ...server.env, RTC_FORCE_DESTROY: "hush-1", RTC_LIVEKIT_REGIONS: '{"eu":{"url":"hush-2"}' },
      config: { "rtc:ownerMark": "hush-3" },
    });

    const output = await failure(stack, ["up"]);

    expect(output).toContain("INVALID_ARGUMENT: the configuration is not valid:");
    expect(output).toContain("RTC_FORCE_DESTROY: must be true or false");
    expect(output).toContain("rtc:ownerMark: must be true or false");
    expect(output).toContain("RTC_LIVEKIT_REGIONS: must be a JSON object");
    expect(output).not.toContain("hush");
  });
});

describe("a server that refuses or does not answer", () => {
  test("a wrong secret is UNAUTHENTICATED, in every command, and loses nothing", async () => {
    const stack = await newStack({ program: declaring({ guarded: {} }), env: server.env });
    await stack.up();
    const state = await remembered(stack);
    const options = { env: { LIVEKIT_API_SECRET: "a-secret-that-is-not-the-server's-own" } };

    stack.write(declaring({ guarded: { maxParticipants: 2 } }));
    for (const args of [["preview"], ["up"], ["up", "--refresh"], ["refresh"], ["destroy"]]) {
      const output = await failure(stack, args, options);
      expect(output).toContain("UNAUTHENTICATED: livekit ");
      expect(output).toContain("check rtc:livekitApiKey (or LIVEKIT_API_KEY) and rtc:livekitApiSecret");
      expect(output).not.toContain("not-the-server's-own");
    }

    expect(await remembered(stack)).toEqual(state);
  });

  test("one that is not there is UNAVAILABLE, with its address and soon", async () => {
    const address = `http://127.0.0.1:${await freePort("tcp")}`;
    const stack = await newStack({
      program: declaring({ lobby: {} }),
      env: { ...server.env, LIVEKIT_URL: address },
    });
    const since = Date.now();

    const output = await failure(stack, ["up"]);

    expect(output).toContain(`UNAVAILABLE: livekit ListRooms: cannot reach ${address} (ECONNREFUSED)`);
    expect(Date.now() - since).toBeLessThan(20_000);
  });

  test("one that never answers is DEADLINE_EXCEEDED, with its address and within a minute", async () => {
    const proxy = await startProxy(server.url);
    proxy.hold("ListRooms", "before");
    const stack = await newStack({
      program: declaring({ lobby: {} }),
      env: { ...server.env, LIVEKIT_URL: proxy.url },
    });
    const since = Date.now();

    const output = await failure(stack, ["up"]);

    expect(output).toContain(
      `DEADLINE_EXCEEDED: livekit ListRooms: ${proxy.url.replace("ws", "http")} did not answer`,
    );
    expect(Date.now() - since).toBeLessThan(60_000);
  });
});

test("a function that fails ends the program with its message alone", async () => {
  const stack = await newStack({
    program: `require("pulumi-rtc").issueToken({ room: "x", identity: "", ttlSeconds: 0, isAdmin: "hush" });`,
    env: server.env,
  });

  const output = await failure(stack, ["preview"]);

  expect(output).toContain("RtcError: INVALID_ARGUMENT: the token is not valid:");
  for (const path of ["identity", "ttlSeconds", "isAdmin"]) expect(output).toContain(`  ${path}: `);
  expect(output).not.toContain("hush");
});
