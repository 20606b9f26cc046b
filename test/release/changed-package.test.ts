import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { install } from "../support/installed.ts";
import { startLivekit } from "../support/livekit.ts";
import { recorded, runningIn, storedId } from "../support/recordings.ts";
import { report } from "../support/reliability.ts";
import { newStack } from "../support/stack.ts";
import type { Result } from "../support/stack-types.ts";
import { messagesOn, roomsOf } from "../support/world.ts";

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
  let count = 0;
  for (const name of readdirSync(join(folder, "dist/chunks")).filter((one) => one.endsWith(".js"))) {
    const file = join(folder, "dist/chunks", name);
    const source = readFileSync(file, "utf8");
    const raised = source.replaceAll(/SCHEMA_VERSION\S* = (\d+);/g, (line) => {
      count++;
      return line.replace(";", " + 1;");
    });
    if (raised !== source) writeFileSync(file, raised);
  }
  // Of rooms and of recordings.
  expect(count).toBe(2);
}

describe("A changed package", () => {
  let rejected: Record<string, Result>;
  /** The resources at the server and in the state, before and after the commands that must not touch them. */
  let known: Record<"before" | "after", object[]>;
  let started: string[];
  let calls: Record<"unchanged" | "refreshed" | "destroyed", string[]>;
  let left: object;

  beforeAll(async () => {
    const server = await startLivekit({ egress: "worker" });
    const now = async () => {
      const { resources } = stack.state().deployment;
      const remembered = resources.map(({ id, inputs, outputs }) => ({ id, inputs, outputs }));
      return [await roomsOf(server), await runningIn(server, "retro"), remembered];
    };
    const stack = await newStack({ program: recorded("retro"), env: server.env });
    raiseSchemaVersion(install(stack));
    await stack.up();
    started = [await storedId(stack, "retro")];
    const before = await now();

    install(stack);
    stack.write(recorded("retro", { layout: "speaker" }, { metadata: { week: 8 } }));
    rejected = {};
    for (const command of ["preview", "refresh", "up", "destroy"] as const)
      rejected[command] = await stack[command]([], { code: "any" });
    known = { before, after: await now() };

    const notes = join(stack.dir, "notes");
    const noted = () => (existsSync(notes) ? readFileSync(notes, "utf8").trim().split("\n").sort() : []);
    const upgraded = install(stack);
    raiseSchemaVersion(upgraded);
    noteCalls(upgraded, notes);
    const unchanged = noted();
    await stack.refresh();
    const refreshed = noted();
    await stack.destroy();
    calls = { unchanged, refreshed, destroyed: noted() };
    left = await roomsOf(server);
  });

  test("is run by refresh and destroy at once, without an up before", ({ task }) => {
    expect(calls).toEqual({
      unchanged: [],
      refreshed: ["recording read", "room read"],
      destroyed: ["recording delete", "recording read", "room delete", "room read"],
    });
    expect(left).toEqual({});
    report(task, {
      promise: "A changed package runs on refresh and destroy at once, without an `up` before",
      figure: `${calls.destroyed.length} of 4 calls by the new code`,
    });
  });

  test("that is older than the state leaves everything alone and reports it, until it is upgraded", ({
    task,
  }) => {
    for (const [command, result] of Object.entries(rejected)) {
      // A preview warns of what up will reject.
      if (command === "preview") expect(result.output).toContain("up will reject this: the state of ");
      else expect(result.code, command).not.toBe(0);
      const words =
        command === "preview" ? /newer version.*npm install/ : /UNSUPPORTED: .*newer version.*npm install/;
      expect(messagesOn(result, "retro").join(), command).toMatch(words);
    }
    expect(known.before[1]).toEqual(started);
    expect(known.after).toEqual(known.before);
    expect(left).toEqual({});
    report(task, {
      promise: "A state that a newer version has written is not changed, and the message says to upgrade",
      figure: `${Object.keys(rejected).length} of 4 commands rejected`,
    });
  });
});
