import { describe, expect, test } from "vitest";
import { isTheNine, UPDATE } from "../support/through.ts";
import {
  changesIn,
  declare,
  expectPlainRefusal,
  markOf,
  newWorld,
  program,
  resourceOf,
  saidOn,
} from "../support/world.ts";

describe("A renamed resource", () => {
  test("keeps its room and its owner mark with aliases", async () => {
    const named = { name: "standup", metadata: { team: "core" } };
    const { stack, rooms } = await newWorld(program(declare("old", named), declare("unnamed")));
    await stack.up();
    const made = await rooms();

    const renamed = (metadata: object, withAlias: boolean) =>
      program(
        declare("new", { ...named, metadata }, withAlias ? '{ aliases: [{ name: "old" }] }' : "{}"),
        declare("nameless", {}, withAlias ? '{ aliases: [{ name: "unnamed" }] }' : "{}"),
      );
    stack.write(renamed(named.metadata, true));
    await stack.expectNoChanges();
    expect(changesIn(await stack.up())).toEqual([]);
    expect(await rooms()).toEqual(made);

    stack.write(renamed({ team: "web" }, false)); // an alias may go once an up has seen it
    expect(changesIn(await stack.up(["--refresh"]))).toEqual([`${UPDATE} new`]);
    const anew = isTheNine && { sid: expect.any(String), owner: expect.any(String) };
    const standup = { ...made["standup"], metadata: { team: "web" }, ...anew };
    expect(await rooms()).toEqual({ ...made, standup });
    await stack.expectNoChanges(["--refresh"]);
    await stack.destroy();
    expect(await rooms()).toEqual({});
  });

  test("is refused without them, with a hint, and its room stays", async () => {
    const { stack, rooms } = await newWorld(program(declare("old", { name: "standup" })));
    await stack.up();
    const made = await rooms();

    stack.write(program(declare("new", { name: "standup" })));
    const up = await stack.up([], { code: "any" });
    expectPlainRefusal(up, "ALREADY_EXISTS", "keeps its room with the option aliases");
    expect(await rooms()).toEqual(made);

    stack.write(program(declare("old", { name: "standup" })));
    await stack.expectNoChanges(["--refresh"]);
  });
});

describe("Rooms among other resources:", () => {
  test("with dependsOn, a room is made after the other, and not when that one fails", async () => {
    const { server, stack, rooms } = await newWorld(
      program(
        `const first = ${declare("first")}`,
        declare("second", {}, "{ dependsOn: [first] }"),
        declare("independent"),
      ),
    );
    await server.service.createRoom({ name: "first" });
    const up = await stack.up(["--continue-on-error"], { code: "any" });
    expect(up.output).toContain("ALREADY_EXISTS: room livekit:first exists already");
    expect(Object.keys(await rooms()).sort()).toEqual(["first", "independent"]);

    await server.service.deleteRoom("first");
    expect(changesIn(await stack.up())).toEqual(["create first", "create second"]);
    const deleted = changesIn(await stack.destroy());
    expect(deleted.indexOf("delete second")).toBeLessThan(deleted.indexOf("delete first"));
  });

  test("with a parent, a room is owned by the resource at its place in the tree", async () => {
    const school = (people: number) =>
      program(
        "class School extends pulumi.ComponentResource {",
        '  constructor(name) { super("acme:edu:School", name);',
        `    ${declare("class-a", { maxParticipants: people }, "{ parent: this }")} this.registerOutputs(); }`,
        "}",
        'new School("north");',
      );
    const { stack, rooms } = await newWorld(school(5));
    await stack.up();
    const { urn } = await resourceOf(stack, "class-a");
    expect(urn).toContain("acme:edu:School$pulumi-nodejs:dynamic/rtc:RtcRoom::class-a");
    const mark = `${markOf(`${stack.project}/${stack.name}`)}-${markOf(urn)}`;
    expect((await rooms())["class-a"]?.owner).toBe(mark);

    stack.write(school(6));
    expect(saidOn(await stack.preview(), "class-a").join()).toContain("cannot change maxParticipants");
    await stack.up();
    expect((await rooms())["class-a"]).toMatchObject({ maxParticipants: 6, owner: mark });
    await stack.expectNoChanges(["--refresh"]);
  });
});
