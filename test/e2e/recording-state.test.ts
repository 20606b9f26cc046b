import { beforeAll, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { recorded, together } from "../support/recordings.ts";
import { newStack, type Stack } from "../support/stack.ts";
import type { StateResource } from "../support/stack-types.ts";
import { GATEWAY_KEY } from "../support/through.ts";

let server: LivekitServer;
let stack: Stack;
let recordings: StateResource[];
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
  const [atOnce, later] = ["standup", "lecture"].map((name) => {
    const all = recorded(name, { layout: "speaker", metadata: { team: "core" } });
    return all.replace(/^exports.*$/m, "");
  });
  const program = together(atOnce ?? "", `Promise.resolve().then(() => { ${later} });`);
  stack = await newStack({ program, env: server.env });
  await stack.up();
  const { deployment } = stack.state();
  recordings = deployment.resources.filter(({ type }) => type.endsWith("RtcRecording"));
});

test.each([
  ["standup", "at the start of a program", 2_500],
  ["lecture", "after an await", 2_100],
])("State holds some two kilobytes of recording %s, declared %s, and no secret", (name, where, most) => {
  const found = recordings.find(({ urn }) => urn.endsWith(`::${name}`));
  const text = JSON.stringify(found);
  console.log(`state of a recording: ${text.length} bytes, ${where}`);
  expect(text.length).toBeLessThan(most);
  for (const secret of [server.apiSecret, GATEWAY_KEY]) expect(text).not.toContain(secret);
});

test("Its provider is one constant line", () => {
  const { apiKey, apiSecret, url, endpoint } = server;
  const providers = recordings.flatMap(({ inputs, outputs }) => [
    inputs["__provider"],
    outputs["__provider"],
  ]);
  expect(providers).toHaveLength(4);
  for (const provider of providers) {
    expect(String(provider).length).toBeLessThan(120);
    for (const text of [stack.dir, apiKey, apiSecret, url, endpoint, GATEWAY_KEY])
      expect(provider).not.toContain(text);
  }
});
