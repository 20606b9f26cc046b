import { beforeAll, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { recorded } from "../support/recordings.ts";
import { newStack, type Stack } from "../support/stack.ts";
import type { StateResource } from "../support/stack-types.ts";
import { GATEWAY_KEY } from "../support/through.ts";

let server: LivekitServer;
let stack: Stack;
let recordings: StateResource[];
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
  const program = recorded("standup", { layout: "speaker", metadata: { team: "core" } });
  stack = await newStack({ program, env: server.env });
  await stack.up();
  const { deployment } = stack.state();
  recordings = deployment.resources.filter(({ type }) => type.endsWith("RtcRecording"));
});

test("State holds a kilobyte and a half of a recording at most, and no secret", () => {
  const [text, ...others] = recordings.map((one) => JSON.stringify(one));
  expect(others).toEqual([]);
  console.log(`state of a recording: ${text?.length} bytes`);
  expect(text?.length).toBeLessThanOrEqual(1_500);
  for (const secret of [server.apiSecret, GATEWAY_KEY]) expect(text).not.toContain(secret);
});

test("Its provider is one constant line", () => {
  const { apiKey, apiSecret, url, endpoint } = server;
  const providers = recordings.flatMap(({ inputs, outputs }) => [
    inputs["__provider"],
    outputs["__provider"],
  ]);
  expect(providers).toHaveLength(2);
  for (const provider of providers) {
    expect(String(provider).length).toBeLessThan(120);
    for (const text of [stack.dir, apiKey, apiSecret, url, endpoint, GATEWAY_KEY])
      expect(provider).not.toContain(text);
  }
});
