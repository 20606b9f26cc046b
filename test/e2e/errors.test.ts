import { beforeAll, describe, expect, test } from "vitest";
import { failure } from "../support/failure.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { declaring } from "../support/programs.ts";
import { remembered, roomAt } from "../support/rooms.ts";
import { newStack } from "../support/stack.ts";

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit();
});

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
