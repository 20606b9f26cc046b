import { rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { repo } from "../support/clone.ts";
import { failure } from "../support/failure.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { declaring } from "../support/programs.ts";
import { roomsInState } from "../support/rooms.ts";
import { newStack } from "../support/stack.ts";
import { isThrough } from "../support/through.ts";
import { declare, program, roomsOf } from "../support/world.ts";

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit();
});

describe("Wrong inputs", () => {
  const wrong = {
    maxParticipants: 0,
    emptyTimeoutSeconds: 1.5,
    forceDestroy: "hush-2",
    adopt: "hush-3",
    enableRecording: true,
    maxParticipant: "hush-4",
  };
  const problems = [
    "maxParticipants: must be at least 1",
    "emptyTimeoutSeconds: must be a whole number",
    "forceDestroy: must be true or false",
    "adopt: must be true or false",
    "maxParticipant: is not known; did you mean maxParticipants?",
  ];
  const kept = { metadata: { team: "core" } };
  let output: Record<"preview" | "up" | "vendor", string>;
  /** The rooms at the server and in the state: after a preview of a wrong room, and before and after wrong updates. */
  let known: Record<"previewed" | "before" | "after", readonly [object, object]>;

  beforeAll(async () => {
    const twice = program(
      `const dependsOn = ${declare("first", { name: "lobby" })}`,
      declare("lobby", { ...wrong, metadata: "hush-1" }, "{ dependsOn }"),
    );
    const stack = await newStack({ program: twice, env: server.env });
    const now = async () => [await roomsOf(server), await roomsInState(stack)] as const;
    const [preview, previewed] = [await failure(stack, ["preview"]), await now()];

    stack.write(declaring({ kept }));
    await stack.up();
    const before = await now();
    const up = async (inputs: object) => {
      stack.write(declaring({ kept: { ...kept, ...inputs } }));
      return failure(stack, ["up"]);
    };
    output = {
      preview,
      up: await up({ ...wrong, metadata: { team: "sales", $owner: "hush-1" }, region: "mars" }),
      vendor: await up({ vendor: "acme" }),
    };
    known = { previewed, before, after: await now() };
  });

  test.each([
    ["preview", "lobby", [...problems, "metadata: must be an object of JSON values"]],
    ["up", "kept", [...problems, "metadata: the key $owner is reserved"]],
  ] as const)(
    "are reported all at once by %s, each with its path and without its value",
    (command, name, all) => {
      for (const problem of all)
        expect(output[command]).toContain(`resource '${name}' has a problem: ${problem}`);
      expect(output[command]).not.toContain("hush");
    },
  );

  test("make and change nothing", () => {
    expect(known.previewed).toEqual([{}, {}]);
    expect(Object.keys(known.before[0])).toEqual(["kept"]);
    expect(known.after).toEqual(known.before);
  });

  test.each([
    [
      "a room that another resource declares",
      "preview",
      "name: room (livekit:)?lobby is declared twice in this program: also by urn:",
    ],
    ["a recording without a place for it", "preview", "enableRecording: .*rtc:recordingOutput"],
    ["an unknown region", "up", "region: INVALID_ARGUMENT: livekit: has no region mars"],
  ] as const)("report which input is wrong: %s", (_what, run, problem) => {
    expect(output[run]).toMatch(new RegExp(`resource '(lobby|kept)' has a problem: ${problem}`));
  });

  test("report which input is wrong: an unknown vendor", () => {
    const words = isThrough
      ? "NOT_CONFIGURED: acme: the gateway does not know it"
      : "resource 'kept' has a problem: vendor: INVALID_ARGUMENT: acme: is not a vendor of this version";
    expect(output.vendor).toContain(words);
  });
});

describe("A configuration that is incomplete or cannot be read", () => {
  test("names the keys and the variables that are missing, and no others", async () => {
    const env = { LIVEKIT_URL: server.url, LIVEKIT_API_KEY: server.apiKey };
    const stack = await newStack({ program: declaring({ lobby: {} }), env });

    const output = await failure(stack, ["up"]);

    const missing = "NOT_CONFIGURED: livekit: rtc:livekitApiSecret (or LIVEKIT_API_SECRET) is not set";
    expect(output).toContain(missing);
    for (const name of ["LIVEKIT_URL", "LIVEKIT_API_KEY"]) expect(output).not.toContain(`(or ${name})`);
  });

  test("is rejected with each key and variable, and without a value", async () => {
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

test("a program from whose folder the engine cannot load the package is rejected with the dependency that it lacks", async () => {
  const load = `require(${JSON.stringify(join(repo, "dist/index.js"))})`;
  const stack = await newStack({ program: `new (${load}.RtcRoom)("lobby");`, env: server.env });
  rmSync(join(stack.dir, "node_modules/pulumi-rtc"), { recursive: true });

  const output = (await stack.run(["preview"], { code: 1 })).output;

  expect(output).toContain(
    "NOT_CONFIGURED: the engine cannot load pulumi-rtc from the folder of the program",
  );
  expect(output).toContain("add pulumi-rtc to the dependencies in its own package.json");
  expect(output).not.toMatch(/^\s+at \S/m);
});
