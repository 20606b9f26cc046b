import { expect, test } from "vitest";
import { GATEWAY_KEY } from "../support/through.ts";
import { declare, newWorld, program, resourceOf } from "../support/world.ts";

test("State holds little more than a kilobyte a room, with a provider that is one constant line without a secret", async () => {
  const inputs = { maxParticipants: 12, emptyTimeoutSeconds: 600, metadata: { team: "core" } };
  const { server, stack } = await newWorld(
    program(
      declare("in-the-open", inputs),
      `Promise.resolve().then(() => { ${declare("after-an-await", inputs)} });`,
    ),
  );
  await stack.up();

  const open = await resourceOf(stack, "in-the-open");
  const awaited = await resourceOf(stack, "after-an-await");
  const [largest, smallest] = [open, awaited].map((resource) => JSON.stringify(resource).length);
  console.log(`state of a room: ${largest} bytes, ${smallest} when it is declared after an await`);
  expect(largest).toBeLessThan(1_800);
  expect(smallest).toBeLessThan(1_450);

  const { __provider: provider } = open.inputs;
  const copies = [open, awaited].flatMap(({ inputs, outputs }) => [
    inputs["__provider"],
    outputs["__provider"],
  ]);
  expect(copies).toEqual([provider, provider, provider, provider]);
  expect(String(provider).length).toBeLessThan(120);
  expect(provider).toContain('("pulumi-rtc/provider").room');
  for (const text of [stack.dir, server.apiKey, server.apiSecret, server.url, server.endpoint, GATEWAY_KEY])
    expect(provider).not.toContain(text);
});
