import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { startLivekit } from "../support/livekit.ts";
import { roomsInState } from "../support/rooms.ts";
import { newStack } from "../support/stack.ts";
import type { Result, StateResource } from "../support/stack-types.ts";
import { isCoreOnly, NEVER, UPDATE } from "../support/through.ts";
import { changesIn, expectPlainRejection, type LivingRoom, roomsOf } from "../support/world.ts";

/** The whole program, and one of nothing but the require. */
const PROGRAM = 'module.exports = require("pulumi-rtc/program");';
const BARE = 'require("pulumi-rtc/program")';

const BASE = [
  "  standup: { maxParticipants: 12, metadata: { team: core, tags: [a, 1, true, null] } }",
  "  class: { name: class-7b, vendor: livekit, emptyTimeoutSeconds: 600, forceDestroy: true }",
  "  lobby:",
  "  spare:",
  "  seat: { count: 3, maxParticipants: 30 }",
  "  hall: {}",
];
const OVERLAY = [
  `  seat: { count: 2, metadata: { stage: "\${env:STAGE}" } }`,
  "  hall: ~",
  "  vault: { protect: true }",
];
const CHANGED = [
  "  standup: { maxParticipants: 12, metadata: { team: web } }",
  "  class: { name: class-7b, vendor: livekit, emptyTimeoutSeconds: 600, forceDestroy: true }",
  "  lobby:",
  "  annex:",
  "  seat: { count: 2, maxParticipants: 30, metadata: { stage: blue } }",
  "  vault: { protect: true }",
];

describe("The rooms of rtc.yaml", () => {
  type Step = "made" | "changed" | "settled" | "foreign" | "emptied" | "allowed";
  const ran = {} as Record<Step, Result>;
  const rooms = {} as Record<
    "made" | "rejected" | "changed" | "emptied" | "allowed",
    Record<string, LivingRoom>
  >;
  let outputs: Record<string, unknown>;
  let state: Record<string, StateResource>;
  let [project, name] = ["", ""];

  beforeAll(async () => {
    const server = await startLivekit();
    const now = () => roomsOf(server);
    const stack = await newStack({ program: PROGRAM, env: { ...server.env, STAGE: "blue" } });
    ({ project, name } = stack);
    const file = (of: string, lines: string[]) => writeFileSync(join(stack.dir, of), `${lines.join("\n")}\n`);
    const manifest = (rooms: string[], of = project) =>
      file("rtc.yaml", ["apiVersion: rtc/v1", `project: ${of}`, ...rooms]);

    manifest(["rooms:", ...BASE]);
    file(`rtc.${name}.yaml`, ["rooms:", ...OVERLAY]);
    ran.made = await stack.up();
    rooms.made = await now();
    [outputs, state] = [await stack.outputs(), await roomsInState(stack)];

    manifest(["rooms:", ...BASE], "another-project");
    ran.foreign = await stack.preview([], { code: "any" });
    rooms.rejected = await now();

    // Its overlay becomes that of another stack, which this one may lack where that is allowed.
    rmSync(join(stack.dir, `rtc.${name}.yaml`));
    file("rtc.production.yaml", ["rooms: { hall: {} }"]);
    stack.setEnv({ RTC_ALLOW_MISSING_OVERLAY: name });
    manifest(["rooms:", ...CHANGED]);
    stack.write(BARE);
    ran.changed = await stack.up();
    rooms.changed = await now();
    ran.settled = await stack.expectNoChanges(["--refresh"], { code: "any" });

    manifest(["rooms: {}"]);
    ran.emptied = await stack.up([], { code: "any", env: { RTC_ALLOW_EMPTY: "another" } });
    rooms.emptied = await now();
    await stack.setConfig("rtc:allowEmpty", name);
    ran.allowed = await stack.up([], { code: "any" });
    rooms.allowed = await now();
  });

  test("are made with all their inputs", () => {
    const all = ["class", "lobby", "seat-1", "seat-2", "spare", "standup", "vault"];
    expect(changesIn(ran.made).sort()).toEqual(all.map((room) => `create ${room}`));
    const ids = all.map((room) => [room, `livekit:${room === "class" ? "class-7b" : room}`]);
    expect(outputs).toEqual({ rooms: Object.fromEntries(ids), recordings: {} });
    const { standup, "class-7b": school, lobby } = rooms.made;
    expect(Object.keys(rooms.made)).toHaveLength(all.length);
    expect(standup).toMatchObject({
      maxParticipants: 12,
      metadata: { team: "core", tags: ["a", 1, true, null] },
    });
    expect(school).toMatchObject({ emptyTimeout: 600, departureTimeout: 600 });
    expect(lobby).toMatchObject({ maxParticipants: 0, emptyTimeout: NEVER, metadata: {} });
    expect(state["class"]?.inputs).toMatchObject({ vendor: "livekit", forceDestroy: true });
  });

  test("are those of the base with the stack's overlay over it, a series and the environment's values too", () => {
    const seat = { maxParticipants: 30, metadata: { stage: "blue" } };
    expect(rooms.made).toMatchObject({ "seat-1": seat, "seat-2": seat, vault: {} });
    for (const absent of ["seat-3", "hall"]) expect(rooms.made).not.toHaveProperty(absent);
  });

  test("are created, changed and removed with the file, also by a program of nothing but the require", () => {
    expect(changesIn(ran.changed).sort()).toEqual(
      ["create annex", "delete spare", `${UPDATE} standup`].sort(),
    );
    const { spare, standup, ...others } = rooms.made;
    const { annex, ...changed } = rooms.changed;
    expect(annex).toBeDefined();
    const sid = isCoreOnly ? expect.any(String) : standup?.sid;
    expect(changed).toEqual({ ...others, standup: { ...standup, sid, metadata: { team: "web" } } });
    expect(ran.settled.code, ran.settled.output).toBe(0);
  });

  // Every other mistake: test/unit/manifest.
  test("are not changed where the file cannot be applied, which is reported with the file and the code", () => {
    const another = ["INVALID_ARGUMENT", "rtc.yaml", "its project is another-project", project];
    expectPlainRejection(ran.foreign, ...another);
    expect(rooms.rejected).toEqual(rooms.made);
  });

  test("are deleted by an emptied file only where the stack is named that may, and never a protected one", () => {
    expectPlainRejection(
      ran.emptied,
      "INVALID_ARGUMENT",
      "declares no room at all",
      `RTC_ALLOW_EMPTY=${name}`,
    );
    expect(ran.emptied.output).not.toContain("PromiseRejection");
    expect(rooms.emptied).toEqual(rooms.changed);
    expectPlainRejection(ran.allowed, "protect");
    expect(rooms.allowed).toEqual({ vault: rooms.made["vault"] });
  });
});
