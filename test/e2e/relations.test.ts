import { beforeAll, describe, expect, test } from "vitest";
import { startLivekit } from "../support/livekit.ts";
import { newStack, type Stack } from "../support/stack.ts";
import type { Result } from "../support/stack-types.ts";
import { isCoreOnly, UPDATE } from "../support/through.ts";
import {
  changesIn,
  declare,
  expectPlainRejection,
  type LivingRoom,
  program,
  resourceOf,
  roomsOf,
  tagOf,
} from "../support/world.ts";

const core = { name: "standup", metadata: { team: "core" } };
const web = { name: "standup", metadata: { team: "web" } };
const alias = (name: string) => `{ aliases: [{ name: "${name}" }] }`;

/** Rooms that depend on each other or have a parent, `participants` in the latter; and others. */
const rooms = (participants: number, ...others: string[]) =>
  program(
    `const first = ${declare("first")}`,
    declare("second", {}, "{ dependsOn: [first] }"),
    declare("independent"),
    "class School extends pulumi.ComponentResource {",
    '  constructor(name) { super("acme:edu:School", name);',
    `    ${declare("class-a", { maxParticipants: participants }, "{ parent: this }")} this.registerOutputs(); }`,
    "}",
    'new School("north");',
    ...others,
  );
const BEFORE = [declare("old", core), declare("unnamed"), declare("mistaken", { name: "kept" })];
const RENAMED = [declare("new", web), declare("nameless"), declare("mistaken", { name: "kept" })];

describe("Rooms among other resources", () => {
  const ran = {} as Record<"made" | "renamed" | "updated" | "mistaken" | "destroyed", Result>;
  const at = {} as Record<keyof typeof ran, Record<string, LivingRoom>>;
  let stack: Stack;
  let urn: string;

  beforeAll(async () => {
    const server = await startLivekit();
    const now = () => roomsOf(server);
    await server.service.createRoom({ name: "first" });
    stack = await newStack({ program: rooms(5, ...BEFORE), env: server.env });
    ran.made = await stack.up(["--continue-on-error"], { code: "any" });
    at.made = await now();
    ({ urn } = await resourceOf(stack, "class-a"));

    await server.service.deleteRoom("first");
    stack.write(
      rooms(
        6,
        declare("new", core, alias("old")),
        declare("nameless", {}, alias("unnamed")),
        declare("mistaken", { name: "kept" }),
      ),
    );
    ran.renamed = await stack.up();
    at.renamed = await now();
    stack.write(rooms(6, ...RENAMED)); // an alias may go once an up has processed it
    ran.updated = await stack.up(["--refresh"]);
    at.updated = await now();
    stack.write(rooms(6, ...RENAMED.slice(0, 2), declare("renamed", { name: "kept" })));
    ran.mistaken = await stack.up([], { code: "any" });
    at.mistaken = await now();
    stack.write(rooms(6, ...RENAMED));
    ran.destroyed = await stack.destroy();
    at.destroyed = await now();
  });

  test("with aliases, the room and ownership tag of a renamed resource stay", () => {
    for (const name of ["standup", "unnamed"]) expect(at.renamed[name]).toEqual(at.made[name]);
    expect(changesIn(ran.renamed).join()).not.toMatch(/new|nameless/);
    expect(changesIn(ran.updated)).toEqual([`${UPDATE} new`]);
    const recreated = isCoreOnly && { sid: expect.any(String), owner: expect.any(String) };
    const standup = { ...at.made["standup"], metadata: { team: "web" }, ...recreated };
    expect(at.updated).toEqual({ ...at.renamed, standup });
  });

  test("without aliases, the room of a renamed resource stays, unless its tag cannot be changed: then it is rejected", () => {
    const { owner: _, ...kept } = at.updated["kept"] ?? {};
    expect(at.mistaken).toEqual({ ...at.updated, kept: { ...kept, owner: expect.any(String) } });
    if (isCoreOnly) expectPlainRejection(ran.mistaken, "ALREADY_EXISTS", "A renamed resource keeps its room");
    else expect(ran.mistaken.code, ran.mistaken.output).toBe(0);
  });

  test("with dependsOn, a room is created after the other, and not when that one fails", () => {
    expect(ran.made.code).not.toBe(0);
    expect(ran.made.output).toContain("ALREADY_EXISTS: room livekit:first exists already");
    expect(Object.keys(at.made).sort()).toEqual([
      "class-a",
      "first",
      "independent",
      "kept",
      "standup",
      "unnamed",
    ]);
    const created = changesIn(ran.renamed).filter((change) => change.startsWith("create"));
    expect(created).toEqual(["create first", "create second"]);
    const deleted = changesIn(ran.destroyed);
    expect(deleted).toContain("delete second");
    expect(deleted.indexOf("delete second")).toBeLessThan(deleted.indexOf("delete first"));
  });

  test("with a parent, a room is owned by the resource at its location in the tree", () => {
    expect(urn).toContain("acme:edu:School$pulumi-nodejs:dynamic/rtc:RtcRoom::class-a");
    const owner = `${tagOf(`${stack.project}/${stack.name}`)}-${tagOf(urn)}`;
    expect(at.made["class-a"]).toMatchObject({ maxParticipants: 5, owner });
    expect(changesIn(ran.renamed)).toContain("replace class-a");
    expect(at.renamed["class-a"]).toMatchObject({ maxParticipants: 6, owner });
  });

  test("all are deleted with the stack", () => expect(at.destroyed).toEqual({}));
});
