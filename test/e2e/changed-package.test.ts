import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { install } from "../support/installed.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { recorded, rememberedId, runningIn } from "../support/recordings.ts";
import { report } from "../support/reliability.ts";
import { newStack } from "../support/stack.ts";
import type { Result } from "../support/stack-types.ts";
import { roomsOf, saidOn } from "../support/world.ts";

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
});

/** Lets the installed package note each read and delete. */
function noteCalls(folder: string, notes: string): void {
  appendFileSync(
    join(folder, "dist/pulumi/provider.js"),
    `for (const kind of ["room", "recording"]) for (const method of ["read", "delete"]) {
      const before = exports[kind][method];
      exports[kind][method] = (...args) => {
        require("node:fs").appendFileSync(${JSON.stringify(notes)}, kind + " " + method + "\\n");
        return before(...args);
      };
    }`,
  );
}

/** Lets the installed package write states of the next schema version. */
function raiseSchemaVersion(folder: string): void {
  for (const name of ["state", "recording-state"]) {
    const file = join(folder, `dist/pulumi/lifecycle/${name}.js`);
    const source = readFileSync(file, "utf8");
    const raised = source.replace(
      /SCHEMA_VERSION = (\d+);/,
      (_, version) => `SCHEMA_VERSION = ${version} + 1;`,
    );
    expect(raised).not.toBe(source);
    writeFileSync(file, raised);
  }
}

test("A package that has changed runs on refresh and destroy at once, without an up before", async ({
  task,
}) => {
  const stack = await newStack({ program: recorded("standup"), env: server.env });
  const folder = install(stack);
  await stack.up();
  const notes = join(stack.dir, "notes");
  const noted = () => readFileSync(notes, "utf8").trim().split("\n").sort();

  noteCalls(folder, notes);
  expect(existsSync(notes)).toBe(false);
  await stack.refresh();
  const refreshed = noted();
  expect(refreshed).toEqual(["recording read", "room read"]);
  await stack.destroy();
  expect(noted()).toEqual(["recording delete", "recording read", "room delete", "room read"]);
  expect(await roomsOf(server)).toEqual({});
  report(task, {
    promise: "A changed package runs on refresh and destroy at once, without an `up` before",
    figure: `${noted().length} of 4 calls by the new code`,
  });
});

test("A state that a newer version has written is left alone by this one, which says so, until it is upgraded", async ({
  task,
}) => {
  const stack = await newStack({ program: recorded("retro"), env: server.env });
  raiseSchemaVersion(install(stack));
  await stack.up();
  const rooms = await roomsOf(server);
  const running = await runningIn(server, "retro");
  expect(running).toEqual([await rememberedId(stack, "retro")]);
  const known = async () =>
    (await stack.state()).deployment.resources.map(({ id, inputs, outputs }) => ({ id, inputs, outputs }));
  const before = await known();

  install(stack);
  stack.write(recorded("retro", { layout: "speaker" }, { metadata: { week: 8 } }));
  const refused: Result[] = [];
  for (const command of ["preview", "refresh", "up", "destroy"] as const) {
    const result = await stack[command]([], { code: "any" });
    expect(result.code, command).not.toBe(0);
    expect(saidOn(result, "retro").join(), command).toMatch(/UNSUPPORTED: .*newer version.*npm install/);
    refused.push(result);
  }
  expect(await roomsOf(server)).toEqual(rooms);
  expect(await runningIn(server, "retro")).toEqual(running);
  expect(await known()).toEqual(before);

  raiseSchemaVersion(install(stack));
  await stack.up();
  await stack.destroy();
  expect(await roomsOf(server)).toEqual({});
  report(task, {
    promise: "A state that a newer version has written is left alone, and the message says to upgrade",
    figure: `${refused.length} of 4 commands refused`,
  });
}, 300_000);
