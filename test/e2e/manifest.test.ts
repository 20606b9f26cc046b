import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Stack } from "../support/stack.ts";
import { isTheNine, NEVER, UPDATE } from "../support/through.ts";
import { changesIn, expectPlainRefusal, newWorld, resourceOf } from "../support/world.ts";

const PROGRAM = 'module.exports = require("pulumi-rtc/program");';

const writeManifest = (stack: Stack, lines: readonly string[], project = stack.project) =>
  writeFileSync(
    join(stack.dir, "rtc.yaml"),
    ["apiVersion: rtc/v1", `project: ${project}`, ...lines, ""].join("\n"),
  );

test("The rooms of rtc.yaml are made with all their inputs, changed, and removed", async () => {
  const { stack, rooms } = await newWorld(PROGRAM);
  writeManifest(stack, [
    "rooms:",
    "  standup: { maxParticipants: 12, metadata: { team: core, tags: [a, 1, true, null] } }",
    "  class: { name: class-7b, vendor: livekit, emptyTimeoutSeconds: 600, forceDestroy: true }",
    "  lobby:",
  ]);
  const made = ["create class", "create lobby", "create standup"];
  expect(changesIn(await stack.preview()).sort()).toEqual(made);
  expect(changesIn(await stack.up()).sort()).toEqual(made);
  const all = { class: "livekit:class-7b", lobby: "livekit:lobby", standup: "livekit:standup" };
  expect(await stack.outputs()).toEqual({ rooms: all, recordings: {} });
  const { standup, "class-7b": school, lobby, ...others } = await rooms();
  expect(others).toEqual({});
  expect(standup).toMatchObject({
    maxParticipants: 12,
    metadata: { team: "core", tags: ["a", 1, true, null] },
  });
  expect(school).toMatchObject({ emptyTimeout: 600, departureTimeout: 600 });
  expect(lobby).toMatchObject({ maxParticipants: 0, emptyTimeout: NEVER, metadata: {} });
  expect((await resourceOf(stack, "class")).inputs).toMatchObject({ vendor: "livekit", forceDestroy: true });
  await stack.expectNoChanges(["--refresh"]);

  writeManifest(stack, ["rooms:", "  standup: { maxParticipants: 12, metadata: { team: web } }", "  lobby:"]);
  expect(changesIn(await stack.up()).sort()).toEqual(["delete class", `${UPDATE} standup`]);
  const changed = { ...standup, metadata: { team: "web" }, ...(isTheNine && { sid: expect.any(String) }) };
  expect(await rooms()).toEqual({ standup: changed, lobby });
  await stack.expectNoChanges();

  // An emptied manifest takes down nothing, until the stack is named that may.
  writeManifest(stack, ["rooms: {}"]);
  const words = ["INVALID_ARGUMENT", "declares no room at all", `RTC_ALLOW_EMPTY=${stack.name}`];
  expectPlainRefusal(await stack.up([], { code: "any" }), ...words);
  expectPlainRefusal(await stack.up([], { code: "any", env: { RTC_ALLOW_EMPTY: "another" } }), ...words);
  expect(Object.keys(await rooms()).sort()).toEqual(["lobby", "standup"]);
  await stack.setConfig("rtc:allowEmpty", stack.name);
  await stack.up();
  expect(await rooms()).toEqual({});
});

test("A program of nothing but the require provisions as well", async () => {
  const { stack, rooms } = await newWorld('require("pulumi-rtc/program")');
  writeManifest(stack, ["rooms:", "  lobby:"]);
  expect(changesIn(await stack.up())).toEqual(["create lobby"]);
  expect(Object.keys(await rooms())).toEqual(["lobby"]);
  await stack.expectNoChanges();
});

test("A manifest that cannot be carried out is refused with the place and the code, and nothing is touched", async () => {
  const { stack, rooms } = await newWorld(PROGRAM);
  writeManifest(stack, ["rooms:", "  lobby:"]);
  await stack.up();
  const made = await rooms();
  const refused = async (...words: string[]) => {
    expectPlainRefusal(await stack.preview([], { code: "any" }), ...words);
    expectPlainRefusal(await stack.up([], { code: "any" }), ...words);
    expect(await rooms()).toEqual(made);
  };

  writeManifest(stack, ["rooms:", "  lobby: { maxParticipant: 3 }", "  hall: { emptyTimeoutSeconds: 0 }"]);
  await refused(
    "INVALID_ARGUMENT",
    "rtc.yaml:4:12: rooms.lobby.maxParticipant: is not known; did you mean maxParticipants?",
    "rtc.yaml:5:32: rooms.hall.emptyTimeoutSeconds: must be at least 1",
  );

  writeManifest(stack, ["rooms:", "  lobby:"], "somebody-elses");
  await refused("INVALID_ARGUMENT", "rtc.yaml", "its project is somebody-elses", stack.project);

  writeManifest(stack, ["rooms: [unclosed"]);
  await refused("INVALID_ARGUMENT", "rtc.yaml:4:");

  writeManifest(stack, ["rooms:", "  lobby:"]);
  writeFileSync(join(stack.dir, "rtc.production.yaml"), "rooms: { hall: {} }\n");
  await refused("INVALID_ARGUMENT", `has no overlay for stack ${stack.name}, but rtc.production.yaml`);
  await stack.expectNoChanges([], { env: { RTC_ALLOW_MISSING_OVERLAY: stack.name } });

  rmSync(join(stack.dir, "rtc.yaml"));
  await refused("INVALID_ARGUMENT", "rtc.yaml", "there is no such file");
});

test("An overlay of the stack is laid over rtc.yaml; a protected room and a series are declared as they say", async () => {
  const { stack, rooms } = await newWorld(PROGRAM);
  writeManifest(stack, ["rooms:", "  class: { count: 3, maxParticipants: 30 }", "  hall: {}"]);
  writeFileSync(
    join(stack.dir, `rtc.${stack.name}.yaml`),
    `rooms:\n  class: { count: 2, metadata: { stage: "\${env:STAGE}" } }\n  hall: ~\n  lobby: { protect: true }\n`,
  );
  await stack.up([], { env: { STAGE: "blue" } });
  expect(await rooms()).toMatchObject({
    "class-1": { maxParticipants: 30, metadata: { stage: "blue" } },
    "class-2": { maxParticipants: 30, metadata: { stage: "blue" } },
    lobby: {},
  });
  expect(Object.keys(await rooms())).toHaveLength(3);
  await stack.expectNoChanges([], { env: { STAGE: "blue" } });
  expect((await stack.destroy([], { code: "any" })).output).toContain("protect");
  expect(Object.keys(await rooms())).toContain("lobby");
});
