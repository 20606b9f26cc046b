import { randomBytes } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { ENVIRONMENT } from "../../src/client/config.ts";
import { JWT } from "../support/failure.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { newStack, PRINTING, type Stack } from "../support/stack.ts";
import type { ConfigValue } from "../support/stack-types.ts";
import { GATEWAY_KEY, isThrough } from "../support/through.ts";

const canary = (what: string) => `canary-${what}-${randomBytes(24).toString("hex")}`;
const [key, secret] = [canary("key"), canary("secret")];
const [regionKey, regionSecret] = [canary("region-key"), canary("region-secret")];
const wrongSecret = canary("wrong-secret");
const HIDDEN = [key, secret, regionKey, regionSecret, wrongSecret, GATEWAY_KEY, JWT];
/** What a stack comes with: the vendor's secret, or the key of the gateway that has it. */
const OWN = isThrough ? "RTC_API_KEY" : "LIVEKIT_API_SECRET";

const YES = ["--yes", "--skip-preview"];

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit({ config: { keys: { [key]: secret, [regionKey]: regionSecret } } });
});

const regions = () => JSON.stringify({ eu: { url: server.url, apiKey: regionKey, apiSecret: regionSecret } });

/** A token that a program issues is a secret output. */
const ISSUED = 'exports.access = rtc.issueTokenOutput({ room, identity: "alice" });';
const program = (maxParticipants: number) => `
  const rtc = require("pulumi-rtc");
  const room = new rtc.RtcRoom("standup", { maxParticipants: ${maxParticipants} });
  new rtc.RtcRoom("elsewhere", { name: "standup-eu", region: "eu", maxParticipants: ${maxParticipants} });
  ${ISSUED}
  exports.room = room.room;
`;

type Run = (args: string[], code?: number) => Promise<void>;

/**
 * What can be done to a stack, failures included; returns all that was printed. `between`: what else, after it was
 * made and before it is destroyed; the secret is right then.
 */
async function wholeLife(
  stack: Stack,
  useSecret: (isRight: boolean) => Promise<void>,
  between: (run: Run) => Promise<void>,
): Promise<string> {
  const printed: string[] = [];
  const run: Run = async (args, code = 0) => {
    const { stdout, stderr } = await stack.run(args, { code });
    printed.push(stdout, stderr);
  };

  await useSecret(false);
  await run(["up", ...YES], 1);
  await useSecret(true);
  await run(["up", ...YES]);
  await between(run);
  await useSecret(true);
  for (const command of PRINTING) await run(command);
  await run(["destroy", ...YES, "--run-program"]);
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

/** The variables by which a stack uses the server. */
const env = () =>
  server.envWith({ LIVEKIT_API_KEY: key, LIVEKIT_API_SECRET: secret, RTC_LIVEKIT_REGIONS: regions() });
/** The key of the stack's config for a variable. */
const configKey = (variable: string) =>
  `rtc:${Object.entries(ENVIRONMENT).find(([, name]) => name === variable)?.[0]}`;

// Those in the environment: test/e2e/recording-secrets.test.ts.
test("credentials in the stack's config appear nowhere that anything is written", async () => {
  const variables = await env();
  const config = Object.entries(variables).map(([variable, value]): [string, ConfigValue] => {
    const isAddress = /URL$|ENDPOINT$/.test(variable);
    return [configKey(variable), isAddress ? value : { secret: value }];
  });
  const stack = await newStack({ program: program(12), config: Object.fromEntries(config) });
  const own = variables[OWN] ?? "";

  const useSecret = (isRight: boolean) =>
    stack.setConfig(configKey(OWN), { secret: isRight ? own : wrongSecret });
  const printed = await wholeLife(stack, useSecret, async (run) => {
    stack.write(program(20));
    await run(["preview", "--json"]);
    await useSecret(false);
    await run(["refresh", ...YES, "--run-program"], 1);
  });

  await expectNoCanaries(stack, printed);
});
