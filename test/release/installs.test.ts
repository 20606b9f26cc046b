import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repo } from "../support/clone.ts";
import { copyPackage, install } from "../support/installed.ts";
import type { Stack } from "../support/stack.ts";
import { changesIn, declare, newWorld, program } from "../support/world.ts";

/**
 * The project as the root of the package itself, as this repository's is: nothing of that name in node_modules. As
 * `npm run up` does, NODE_PATH names a folder in which the package is.
 */
function selfReference(stack: Stack): void {
  rmSync(join(stack.dir, "node_modules"), { recursive: true });
  copyPackage(stack.dir);
  symlinkSync(join(repo, "node_modules"), join(stack.dir, "node_modules"));
  const modules = join(stack.dir, "modules");
  mkdirSync(modules);
  symlinkSync(stack.dir, join(modules, "pulumi-rtc"));
  stack.setEnv({ NODE_PATH: modules });
}

const room = (participants: number) => program(declare("standup", { maxParticipants: participants }));

test.each([
  ["linked", (stack: Stack) => join(stack.dir, "node_modules/pulumi-rtc")],
  ["installed", install],
  ["the project itself, found by NODE_PATH", selfReference],
])("The provider is found where the package is %s", async (_, prepare) => {
  const { stack, rooms } = await newWorld(room(2));
  prepare(stack);
  expect(changesIn(await stack.up())).toEqual(["create standup"]);
  stack.write(room(3));
  expect(changesIn(await stack.up())).toEqual(["replace standup"]);
  expect((await rooms())["standup"]?.maxParticipants).toBe(3);
  await stack.refresh();
  await stack.expectNoChanges(["--refresh", "--run-program"]);
  await stack.destroy();
  expect(await rooms()).toEqual({});
});

test("A package root with a Pulumi.yaml and an rtc.yaml provisions itself", async () => {
  const { stack, rooms } = await newWorld('require("pulumi-rtc/program")');
  selfReference(stack);
  const manifest = ["apiVersion: rtc/v1", `project: ${stack.project}`, "rooms: { lobby: {} }", ""];
  writeFileSync(join(stack.dir, "rtc.yaml"), manifest.join("\n"));
  expect(changesIn(await stack.up())).toEqual(["create lobby"]);
  await stack.expectNoChanges(["--refresh"]);
  await stack.destroy();
  expect(await rooms()).toEqual({});
});
