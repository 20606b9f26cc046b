import { beforeAll, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import {
  activate,
  egressAt,
  egressesOf,
  expectStatus,
  nameOf,
  recorded,
  rememberedId,
  runningIn,
} from "../support/recordings.ts";
import { newStack, type Stack } from "../support/stack.ts";
import { changesIn } from "../support/world.ts";

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
});

/** The recording of a room under another resource name. */
function renamed(program: string, name: string, options = "{}"): string {
  return program
    .replace(/RtcRecording\("[^"]*"/, `RtcRecording("${name}"`)
    .replace(" });\nexports", ` }, ${options});\nexports`);
}

async function started(program: string): Promise<Stack> {
  const stack = await newStack({ program, env: server.env });
  await stack.up();
  return stack;
}

test("a recording that is only renamed goes on, with people in the room and without an alias", async () => {
  const program = recorded("talk");
  const stack = await started(program);
  const id = await rememberedId(stack, "talk");
  await activate(server, "talk", id);
  stack.write(renamed(program, "speech"));

  const up = await stack.up();

  expect(changesIn(up)).toEqual(["create speech", "delete talk"]);
  expect(up.output).toContain(`recording livekit:${id} goes on: livekit:talk/speech has it now`);
  expect(await rememberedId(stack, "speech")).toBe(id);
  expect(nameOf((await egressAt(server, id)).status)).toBe("EGRESS_ACTIVE");
  expect(await egressesOf(server, "talk")).toHaveLength(1);
  await stack.expectNoChanges(["--refresh"]);
});

test("one that is renamed with an alias is the same, and is started again by its policy", async () => {
  const program = recorded("radio", { restartPolicy: "always" });
  const stack = await started(program);
  const id = await rememberedId(stack, "radio");
  stack.write(renamed(program, "station", '{ aliases: [{ name: "radio" }] }'));
  expect(changesIn(await stack.up())).toEqual([]);
  expect(await rememberedId(stack, "station")).toBe(id);
  await server.egress.killRecorder(id);
  await expectStatus(server, id, "EGRESS_FAILED");

  expect(changesIn(await stack.up(["--refresh"]))).toEqual(["update station"]);

  const next = await rememberedId(stack, "station");
  expect(await runningIn(server, "radio")).toEqual([next]);
  expect(next).not.toBe(id);
  await stack.expectNoChanges(["--refresh"]);
  await stack.destroy();
  expect(await runningIn(server, "radio")).toEqual([]);
});
