import { beforeAll, expect, test } from "vitest";
import { createClient, strayRecordings } from "../../src/index.ts";
import { killDuring } from "../support/kill.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { type Proxy as LivekitProxy, startProxy } from "../support/proxy.ts";
import {
  activate,
  bareId,
  egressesOf,
  expectStatus,
  leave,
  recorded,
  rememberedId,
  rememberedRecording,
  runningIn,
} from "../support/recordings.ts";
import { newStack, type Stack } from "../support/stack.ts";
import type { StackOptions } from "../support/stack-types.ts";
import { resourceOf } from "../support/world.ts";

let server: LivekitServer;
let proxy: LivekitProxy;
let env: Record<string, string>;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
  proxy = await startProxy(server.url);
  env = await server.envWith({ LIVEKIT_URL: proxy.url });
});

async function started(name: string, options: Partial<StackOptions> = {}): Promise<Stack> {
  const stack = await newStack({ program: recorded(name), env: server.env, ...options });
  await stack.up();
  return stack;
}

function client() {
  const { url, apiKey, apiSecret } = server;
  return createClient({ livekitUrl: url, livekitApiKey: apiKey, livekitApiSecret: apiSecret });
}

/** The ids of a stack's strays, as the server has them. */
async function straysOf({ project, name }: Stack, known: readonly string[] = []): Promise<string[]> {
  const found = await strayRecordings(client(), { project, stack: name, known });
  return found.map(({ recording }) => bareId(recording));
}

async function knownTo(stack: Stack, name: string): Promise<string[]> {
  return [String((await rememberedRecording(stack, name))["recording"])];
}

test("a recording that was taken out of the state is a stray of its stack alone; it can be stopped, and has its file", async () => {
  const stack = await started("mine");
  const twin = await started("next-door", { project: stack.project, stack: "prod" });
  const stranger = await started("strange");
  await server.service.createRoom({ name: "by-hand", emptyTimeout: 600 });
  await client().recording.start({ room: "by-hand", audioOnly: true, outputUri: "out/by-hand/" });
  const id = await rememberedId(stack, "mine");
  expect(await straysOf(stack, await knownTo(stack, "mine"))).toEqual([]);

  const { urn } = await resourceOf(stack, "mine");
  expect(urn).toContain("RtcRoom");
  await stack.run(["state", "delete", urn.replace("RtcRoom", "RtcRecording"), "--yes"]);

  expect(await straysOf(stack)).toEqual([id]);
  expect(await straysOf(twin, await knownTo(twin, "next-door"))).toEqual([]);
  expect(await straysOf(stranger, await knownTo(stranger, "strange"))).toEqual([]);
  await leave(server, "mine", await activate(server, "mine", id));
  await client().recording.stop(`livekit:${id}`);
  const { fileResults } = await expectStatus(server, id, "EGRESS_COMPLETE");
  expect(fileResults[0]?.location).toMatch(/\.ogg$/);
  expect(await straysOf(stack)).toEqual([]);
  for (const room of ["next-door", "strange", "by-hand"])
    expect(await runningIn(server, room)).toHaveLength(1);
});

test("after the state was lost its recordings are strays, until an up of the same stack takes them over", async () => {
  const stack = await started("amnesia");
  const id = await rememberedId(stack, "amnesia");
  await stack.run(["stack", "rm", "--force", "--yes", "--preserve-config"]);
  expect(await straysOf(stack)).toEqual([id]);

  await stack.run(["stack", "init", stack.name]);
  expect((await stack.up()).counts.create).toBe(2);

  expect(await rememberedId(stack, "amnesia")).toBe(id);
  expect(await egressesOf(server, "amnesia")).toHaveLength(1);
  expect(await straysOf(stack, await knownTo(stack, "amnesia"))).toEqual([]);
  await stack.expectNoChanges(["--refresh"]);
});

test("what a killed run has started, and the program no longer declares, is a stray", async () => {
  const stack = await newStack({ program: recorded("dropped"), env });
  const held = proxy.hold("StartRoomCompositeEgress", "after");
  await killDuring(stack, "CLI", held.caught);
  held.release();
  const [id] = await runningIn(server, "dropped");
  await stack.run(["cancel", "--yes"]);
  stack.write(recorded("dropped", { outputUri: "out/other/" }));

  await stack.up();

  const now = await rememberedId(stack, "dropped");
  expect((await runningIn(server, "dropped")).sort()).toEqual([id, now].sort());
  expect(await straysOf(stack, await knownTo(stack, "dropped"))).toEqual([id]);
  await client().recording.stop(`livekit:${id}`);
  await expectStatus(server, String(id), "EGRESS_ABORTED");
  expect(await runningIn(server, "dropped")).toEqual([now]);
  await stack.expectNoChanges(["--refresh"]);
});

test("a start of a killed run that arrives only after the next up leaves a second recording, which is a stray", async () => {
  const stack = await newStack({ program: recorded("belated"), env });
  const held = proxy.hold("StartRoomCompositeEgress", "before", { times: 1 });
  await killDuring(stack, "provider", held.caught);
  await stack.up();
  const id = await rememberedId(stack, "belated");
  held.release();
  await expect.poll(() => runningIn(server, "belated"), { timeout: 15_000 }).toHaveLength(2);

  const strays = await straysOf(stack, await knownTo(stack, "belated"));

  expect(strays).toEqual((await runningIn(server, "belated")).filter((one) => one !== id));
  for (const stray of strays) await client().recording.stop(`livekit:${stray}`);
  await expect.poll(() => runningIn(server, "belated"), { timeout: 15_000 }).toEqual([id]);
  await stack.expectNoChanges(["--refresh"]);
});
