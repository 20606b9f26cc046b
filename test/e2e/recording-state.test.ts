import { beforeAll, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { recorded } from "../support/recordings.ts";
import { newStack } from "../support/stack.ts";
import { GATEWAY_KEY } from "../support/through.ts";

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
});

test("State holds some two kilobytes a recording, with a provider that is one constant line without a secret", async () => {
  const program = recorded("standup", { layout: "speaker", metadata: { team: "core" } });
  const [head = "", ...rest] = program.split("\n");
  const later = `${head}\nPromise.resolve().then(() => {\n${rest.join("\n").replace(/^exports.*$/m, "")} });`;
  const bytes: Record<string, number> = {};
  for (const [how, source] of Object.entries({ largest: program, "after an await": later })) {
    const stack = await newStack({ program: source, env: server.env });
    await stack.up();
    const { deployment } = await stack.state();
    const found = deployment.resources.find(({ type }) => type.endsWith("RtcRecording"));
    bytes[how] = JSON.stringify(found).length;
    for (const copy of [found?.inputs, found?.outputs]) {
      expect(String(copy?.["__provider"]).length).toBeLessThan(120);
      for (const text of [
        stack.dir,
        server.apiKey,
        server.apiSecret,
        server.url,
        server.endpoint,
        GATEWAY_KEY,
      ])
        expect(copy?.["__provider"]).not.toContain(text);
    }
    for (const secret of [server.apiSecret, GATEWAY_KEY]) expect(JSON.stringify(found)).not.toContain(secret);
    await stack.destroy();
  }
  console.log(`state of a recording: ${bytes["largest"]} bytes, ${bytes["after an await"]} after an await`);
  expect(bytes["largest"]).toBeLessThan(2_500);
  expect(bytes["after an await"]).toBeLessThan(2_100);
});
