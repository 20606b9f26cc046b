import { randomBytes } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { JWT } from "../support/failure.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { declaring } from "../support/programs.ts";
import { newStack, type Stack } from "../support/stack.ts";
import type { ConfigValue } from "../support/stack-types.ts";

const canary = (what: string) => `canary-${what}-${randomBytes(24).toString("hex")}`;
const [key, secret] = [canary("key"), canary("secret")];
const [regionKey, regionSecret] = [canary("region-key"), canary("region-secret")];
const wrongSecret = canary("wrong-secret");
const HIDDEN = [key, secret, regionKey, regionSecret, wrongSecret, JWT];

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit({ config: { keys: { [key]: secret, [regionKey]: regionSecret } } });
});

const regions = () => JSON.stringify({ eu: { url: server.url, apiKey: regionKey, apiSecret: regionSecret } });

const program = (maxParticipants: number) => `
  const rtc = require("pulumi-rtc");
  const room = new rtc.RtcRoom("standup", { maxParticipants: ${maxParticipants} });
  new rtc.RtcRoom("elsewhere", { name: "standup-eu", region: "eu", maxParticipants: ${maxParticipants} });
  exports.access = rtc.issueTokenOutput({ room, identity: "alice" });
  exports.room = room.room;
`;

/** Everything that can be done to a stack, failures included; returns all that was printed. */
async function wholeLife(stack: Stack, useSecret: (secret: string) => Promise<void>): Promise<string> {
  const printed: string[] = [];
  const run = async (args: string[], code = 0) => {
    const { stdout, stderr } = await stack.run(args, { code });
    printed.push(stdout, stderr);
  };
  const yes = ["--yes", "--skip-preview"];

  await useSecret(wrongSecret);
  await run(["up", ...yes], 1);
  await useSecret(secret);
  await run(["up", ...yes]);
  await run(["preview", "--json"]);
  stack.write(program(20));
  await run(["up", "--yes", "--refresh", "--diff"]);
  await useSecret(wrongSecret);
  await run(["refresh", ...yes, "--run-program"], 1);
  await run(["destroy", ...yes, "--run-program"], 1);
  await useSecret(secret);
  await run(["stack", "export"]);
  await run(["stack", "output", "--json"]);
  await run(["stack", "history", "--json"]);
  await run(["config"]);
  await run(["destroy", ...yes, "--run-program"]);
  return printed.join("");
}

async function expectNoCanaries(stack: Stack, printed: string): Promise<void> {
  expect(printed).toContain("UNAUTHENTICATED");
  for (const text of HIDDEN) {
    expect(printed).not.toContain(text);
    expect(stack.filesWith(text)).toEqual([]);
  }
  // The search does find what is there: in every state that was, in history and in event logs.
  const found = stack.filesWith("livekit:standup");
  for (const place of ["backend/.pulumi/backups", "backend/.pulumi/history", "event-logs"])
    expect(found.join("\n")).toContain(place);
}

test("credentials in the stack's config appear nowhere that anything is written", async () => {
  const config: Record<string, ConfigValue> = {
    "rtc:livekitUrl": server.url,
    "rtc:livekitApiKey": { secret: key },
    "rtc:livekitApiSecret": { secret },
    "rtc:livekitRegions": { secret: regions() },
  };
  const stack = await newStack({ program: program(12), config });

  const printed = await wholeLife(stack, (value) =>
    stack.setConfig("rtc:livekitApiSecret", { secret: value }),
  );

  await expectNoCanaries(stack, printed);
});

const env = () => ({
  LIVEKIT_URL: server.url,
  LIVEKIT_API_KEY: key,
  LIVEKIT_API_SECRET: secret,
  RTC_LIVEKIT_REGIONS: regions(),
});

test("nor do credentials in the environment", async () => {
  const stack = await newStack({ program: program(12), env: env() });

  const printed = await wholeLife(stack, async (value) => stack.setEnv({ LIVEKIT_API_SECRET: value }));

  await expectNoCanaries(stack, printed);
});

test("nor do they appear in the engine's most verbose log", async () => {
  const stack = await newStack({
    program: declaring({ logged: { metadata: { team: "core" } } }),
    env: env(),
  });
  const verbose = ["-v=9", "--logtostderr"];

  const printed = [
    await stack.up(verbose, { code: 1, env: { LIVEKIT_API_SECRET: wrongSecret } }),
    await stack.up(verbose),
    await stack.refresh(verbose),
    await stack.destroy(verbose),
  ].map(({ output }) => output);

  expect(printed.join("")).toContain("Marshaling property for RPC");
  for (const text of HIDDEN) expect(printed.join("")).not.toContain(text);
});
