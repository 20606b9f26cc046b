import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repo } from "../support/clone.ts";
import { copyPackage, install } from "../support/installed.ts";
import type { Stack } from "../support/stack.ts";
import { changesIn, declare, newWorld, program } from "../support/world.ts";

/** The project as the root of the package itself, as this repository's is: nothing of that name in node_modules. */
function selfReference(stack: Stack): string {
  rmSync(join(stack.dir, "node_modules"), { recursive: true });
  copyPackage(stack.dir);
  symlinkSync(join(repo, "node_modules"), join(stack.dir, "node_modules"));
  return stack.dir;
}

const room = (participants: number) => program(declare("standup", { maxParticipants: participants }));

test.each([
  ["linked", (stack: Stack) => join(stack.dir, "node_modules/pulumi-rtc")],
  ["installed", install],
  ["named by the project's own package.json", selfReference],
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
