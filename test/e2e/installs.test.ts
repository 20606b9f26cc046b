import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import type { Stack } from "../support/stack.ts";
import { changesIn, declare, newWorld, program } from "../support/world.ts";

const repo = resolve(__dirname, "../..");

/** Copies what npm would install. */
function copyPackage(folder: string): void {
  mkdirSync(folder, { recursive: true });
  cpSync(join(repo, "dist"), join(folder, "dist"), { recursive: true });
  cpSync(join(repo, "package.json"), join(folder, "package.json"));
}

/** The package as a folder of its own in node_modules, in place of a link. */
function install(stack: Stack): string {
  const folder = join(stack.dir, "node_modules/pulumi-rtc");
  rmSync(folder);
  copyPackage(folder);
  symlinkSync(join(repo, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** The project as the root of the package itself, as this repository's is: nothing of that name in node_modules. */
function selfReference(stack: Stack): string {
  rmSync(join(stack.dir, "node_modules"), { recursive: true });
  copyPackage(stack.dir);
  symlinkSync(join(repo, "node_modules"), join(stack.dir, "node_modules"));
  return stack.dir;
}

const room = (people: number) => program(declare("standup", { maxParticipants: people }));

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

test("A package that has changed runs on refresh and destroy at once, without an up before", async () => {
  const { stack, rooms } = await newWorld(room(2));
  const folder = install(stack);
  await stack.up();
  const notes = join(stack.dir, "notes");

  appendFileSync(
    join(folder, "dist/pulumi/provider.js"),
    `for (const method of ["read", "delete"]) {
      const before = exports.room[method];
      exports.room[method] = (...args) => {
        require("node:fs").appendFileSync(${JSON.stringify(notes)}, method + ";");
        return before(...args);
      };
    }`,
  );
  expect(existsSync(notes)).toBe(false);
  await stack.refresh();
  expect(readFileSync(notes, "utf8")).toBe("read;");
  await stack.destroy();
  expect(readFileSync(notes, "utf8")).toBe("read;delete;");
  expect(await rooms()).toEqual({});
});
