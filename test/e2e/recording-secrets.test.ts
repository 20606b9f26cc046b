import { randomBytes } from "node:crypto";
import type { EgressInfo } from "livekit-server-sdk";
import { beforeAll, expect, test } from "vitest";
import { JWT } from "../support/failure.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { activate, egressesOf, storedRecording } from "../support/recordings.ts";
import { newStack, PRINTING, type Stack } from "../support/stack.ts";
import type { ConfigValue } from "../support/stack-types.ts";
import { GATEWAY_KEY, isThrough } from "../support/through.ts";

const canary = (what: string) => `canary-${what}-${randomBytes(24).toString("hex")}`;
const s3 = { key: canary("s3-key"), secret: canary("s3-secret"), token: canary("s3-token") };
const gcp = { id: canary("gcp-id"), key: canary("gcp-key") };
const azure = canary("azure-key");
const gcpCredentials = JSON.stringify({
  type: "service_account",
  private_key_id: gcp.id,
  private_key: `-----BEGIN PRIVATE KEY-----\n${gcp.key}\n-----END PRIVATE KEY-----\n`,
});
const vendor = { key: canary("key"), secret: canary("secret"), wrongSecret: canary("wrong-secret") };
const region = { apiKey: canary("region-key"), apiSecret: canary("region-secret") };
const HIDDEN = [
  ...[...Object.values(s3), ...Object.values(gcp), azure],
  ...[...Object.values(vendor), ...Object.values(region), GATEWAY_KEY, JWT],
];
/** What a stack comes with: the vendor's secret, or the key of the gateway that has it. */
const OWN = isThrough ? "RTC_API_KEY" : "LIVEKIT_API_SECRET";

let server: LivekitServer;
beforeAll(async () => {
  const keys = { [vendor.key]: vendor.secret, [region.apiKey]: region.apiSecret };
  server = await startLivekit({ egress: "worker", config: { keys } });
});

/** One room that is recorded to all three storages, and one whose recording fails at once. */
const program = (name: string, layout: string) => `
  const rtc = require("pulumi-rtc");
  const room = new rtc.RtcRoom("${name}", { emptyTimeoutSeconds: 600 });
  const outputs = ["s3://acme/calls/", "gs://acme/calls/", "azblob://calls@acme/calls/"];
  const all = outputs.map((outputUri) =>
    new rtc.RtcRecording(outputUri.split(":")[0], { room, outputUri, audioOnly: true, layout: "${layout}" }));
  const broken = new rtc.RtcRoom("${name}-broken", { emptyTimeoutSeconds: 600 });
  all.push(new rtc.RtcRecording("broken", { room: broken, outputUri: outputs[0], audioOnly: true }));
  new rtc.RtcRoom("${name}-elsewhere", { region: "eu" });
  exports.recordings = all.map(({ recording, error, files }) => ({ recording, error, files }));
`;

/** What a storage may answer that was given the wrong keys: some quote all that they got. */
const quoting = `upload denied for ${s3.key} / ${s3.secret} / ${s3.token} / ${gcpCredentials} / ${gcp.id} / ${gcp.key} / ${azure}`;

/**
 * The whole life of the recordings, failures included; returns all that was printed. `loudly`: how much the engine logs.
 * `useSecret`: makes the vendor's secret right or wrong.
 */
async function wholeLife(
  stack: Stack,
  name: string,
  loudly: string[] = [],
  useSecret?: (isRight: boolean) => void,
): Promise<string> {
  const printed: string[] = [];
  const run = async (args: string[], code: number | "any" = 0) => {
    const { stdout, stderr } = await stack.run(args, { code });
    printed.push(stdout, stderr);
  };
  const yes = ["--yes", "--skip-preview"];
  const broken = `${name}-broken`;
  const rejected = async (...command: string[]) => {
    useSecret?.(false);
    if (useSecret) await run([...command, ...yes, ...loudly], 1);
    useSecret?.(true);
  };

  await rejected("up");
  await server.egress.faults({ room: broken, startFailure: quoting });
  await run(["up", ...yes, "--continue-on-error", ...loudly], 1);
  await server.egress.faults({ room: broken });
  const running = (await egressesOf(server, name)).filter(({ endedAt }) => endedAt === 0n);
  expect(running.map(uploadOf)).toEqual(
    expect.arrayContaining([
      // As the worker reports its request, what was given is named and not shown (the session token is left out).
      expect.objectContaining({ accessKey: "{access_key}", secret: "{secret}" }),
      expect.objectContaining({ credentials: "{credentials}" }),
      expect.objectContaining({ accountKey: "{account_key}" }),
    ]),
  );
  await activate(server, name, running[0]?.egressId ?? "");
  await server.egress.faults({ room: name, uploadFailure: quoting });
  await server.service.deleteRoom(name);
  await expect
    .poll(async () => (await egressesOf(server, name)).every(({ endedAt }) => endedAt > 0n))
    .toBe(true);
  stack.write(program(name, "speaker"));
  if (loudly.length === 0) await run(["preview", "--json"]);
  await run(["up", "--yes", "--refresh", "--diff", ...loudly]);
  expect((await storedRecording(stack, "s3"))["error"]).toMatch(
    /S3 upload failed: upload denied for \[redacted\]/,
  );
  expect(await egressesOf(server, broken)).toHaveLength(2);
  // What these print is in the files of either stack, which are searched, but for the config.
  if (loudly.length === 0) for (const command of PRINTING) await run(command);
  await rejected("destroy", "--run-program");
  await run(["destroy", ...yes, "--run-program", ...loudly]);
  return printed.join("");
}

function uploadOf({ request }: EgressInfo): unknown {
  if (request.case !== "roomComposite") return undefined;
  return request.value.fileOutputs[0]?.output.value;
}

async function expectNoCanaries(stack: Stack, printed: string): Promise<void> {
  expect(printed).toContain("failed at once");
  expect(printed).toContain("upload denied for");
  for (const text of HIDDEN) {
    expect(printed).not.toContain(text);
    expect(stack.filesWith(text)).toEqual([]);
  }
  // The search does find what is there: in every state that was, in history and in event logs.
  const found = stack.filesWith("s3://acme/calls/");
  for (const place of ["backend/.pulumi/backups", "backend/.pulumi/history", "event-logs"])
    expect(found.join("\n")).toContain(place);
}

test("storage keys in the stack's config reach the worker, and nothing that is written or printed", async () => {
  const config: Record<string, ConfigValue> = {
    "rtc:livekitRegions": { secret: JSON.stringify({ eu: { url: server.url, ...region } }) },
    "rtc:s3AccessKeyId": { secret: s3.key },
    "rtc:s3SecretAccessKey": { secret: s3.secret },
    "rtc:s3SessionToken": { secret: s3.token },
    "rtc:gcpCredentials": { secret: gcpCredentials },
    "rtc:azureAccountKey": { secret: azure },
  };
  const stack = await newStack({ program: program("config", "grid"), env: server.env, config });
  await expectNoCanaries(stack, await wholeLife(stack, "config"));
});

test("nor do those in the environment, and the vendor's credentials there, not even in the engine's most verbose log", async () => {
  const env = await server.envWith({
    LIVEKIT_API_KEY: vendor.key,
    LIVEKIT_API_SECRET: vendor.secret,
    RTC_LIVEKIT_REGIONS: JSON.stringify({ eu: { url: server.url, ...region } }),
    RTC_S3_ACCESS_KEY_ID: s3.key,
    RTC_S3_SECRET_ACCESS_KEY: s3.secret,
    RTC_S3_SESSION_TOKEN: s3.token,
    RTC_GCP_CREDENTIALS: gcpCredentials,
    RTC_AZURE_ACCOUNT_KEY: azure,
  });
  const stack = await newStack({ program: program("environment", "grid"), env });
  const useSecret = (isRight: boolean) => stack.setEnv({ [OWN]: isRight ? env[OWN] : vendor.wrongSecret });
  const printed = await wholeLife(stack, "environment", ["-v=9", "--logtostderr"], useSecret);
  expect(printed).toContain("UNAUTHENTICATED");
  // It is verbose: it logs each property that it passes on.
  expect(printed.length).toBeGreaterThan(100_000);
  await expectNoCanaries(stack, printed);
});
