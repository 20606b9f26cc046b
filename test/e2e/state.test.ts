import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { GATEWAY_KEY } from "../support/through.ts";
import { newWorld, program, resourceOf } from "../support/world.ts";

test("State holds little more than a kilobyte for a room of a TypeScript program, with a provider that is one constant line without a secret", async () => {
  const { server, stack } = await newWorld(program(), { project: "acme" });
  rmSync(join(stack.dir, "index.js"));
  writeFileSync(join(stack.dir, "Pulumi.yaml"), `name: ${stack.project}\nruntime: nodejs\n`);
  const typescript = dirname(require.resolve("typescript/package.json"));
  symlinkSync(typescript, join(stack.dir, "node_modules/typescript"));
  writeFileSync(
    join(stack.dir, "index.ts"),
    `import { RtcRoom } from "pulumi-rtc";
     function declare(name: string): RtcRoom {
       return new RtcRoom(name, { maxParticipants: 12, metadata: { team: "core" } });
     }
     export const rooms = ["standup"].map(declare).map(({ room }) => room);`,
  );
  await stack.up();

  const room = await resourceOf(stack, "standup");
  const bytes = Buffer.byteLength(JSON.stringify(room));
  console.log(`state of a room: ${bytes} bytes`);
  expect(bytes).toBeLessThanOrEqual(1_150);

  const { __provider: provider } = room.inputs;
  expect(provider).toBe("exports.handler=()=>require('pulumi-rtc/provider').room");
  expect(room.outputs["__provider"]).toBe(provider);
  for (const text of [stack.dir, server.apiKey, server.apiSecret, server.url, server.endpoint, GATEWAY_KEY])
    expect(provider).not.toContain(text);
});
