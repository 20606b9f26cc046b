import { randomBytes } from "node:crypto";
import type { EgressInfo } from "livekit-server-sdk";
import { beforeAll, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { activate, egressesOf, storedRecording } from "../support/recordings.ts";
import { newStack, PRINTING, type Stack } from "../support/stack.ts";
import type { ConfigValue } from "../support/stack-types.ts";

const canary = (what: string) => `canary-${what}-${randomBytes(24).toString("hex")}`;
const s3 = { key: canary("s3-key"), secret: canary("s3-secret"), token: canary("s3-token") };
const gcp = { id: canary("gcp-id"), key: canary("gcp-key") };
const azure = canary("azure-key");
const gcpCredentials = JSON.stringify({
  type: "service_account",
  private_key_id: gcp.id,
  private_key: `-----BEGIN PRIVATE KEY-----\n${gcp.key}\n-----END PRIVATE KEY-----\n`,
});
const HIDDEN = [...Object.values(s3), ...Object.values(gcp), azure];

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
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
  exports.recordings = all.map(({ recording, error, files }) => ({ recording, error, files }));
`;

/** What a storage may answer that was given the wrong keys: some quote all that they got. */
const quoting = `upload denied for ${s3.key} / ${s3.secret} / ${s3.token} / ${gcpCredentials} / ${gcp.id} / ${gcp.key} / ${azure}`;

/** The whole life of the recordings, failures included; returns all that was printed. `loudly`: how much the engine logs. */
async function wholeLife(stack: Stack, name: string, loudly: string[] = []): Promise<string> {
  const printed: string[] = [];
  const run = async (args: string[], code: number | "any" = 0) => {
    const { stdout, stderr } = await stack.run(args, { code });
    printed.push(stdout, stderr);
  };
  const yes = ["--yes", "--skip-preview"];
  const broken = `${name}-broken`;

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
  await run(["destroy", ...yes, "--run-program"]);
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
    "rtc:s3AccessKeyId": { secret: s3.key },
    "rtc:s3SecretAccessKey": { secret: s3.secret },
    "rtc:s3SessionToken": { secret: s3.token },
    "rtc:gcpCredentials": { secret: gcpCredentials },
    "rtc:azureAccountKey": { secret: azure },
  };
  const stack = await newStack({ program: program("config", "grid"), env: server.env, config });
  await expectNoCanaries(stack, await wholeLife(stack, "config"));
});

test("nor do those in the environment, not even in the engine's most verbose log", async () => {
  const env = await server.envWith({
    RTC_S3_ACCESS_KEY_ID: s3.key,
    RTC_S3_SECRET_ACCESS_KEY: s3.secret,
    RTC_S3_SESSION_TOKEN: s3.token,
    RTC_GCP_CREDENTIALS: gcpCredentials,
    RTC_AZURE_ACCOUNT_KEY: azure,
  });
  const stack = await newStack({ program: program("environment", "grid"), env });
  await expectNoCanaries(stack, await wholeLife(stack, "environment", ["-v=9", "--logtostderr"]));
});
