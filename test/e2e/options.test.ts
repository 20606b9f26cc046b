import { describe, expect, test } from "vitest";
import { changesIn, declare, expectPlainRefusal, newWorld, program, resourceOf } from "../support/world.ts";

const standup = (inputs: object, options = "{}") => program(declare("standup", inputs, options));

describe("Options that keep a room:", () => {
  test("protect refuses to delete or replace it, until it is lifted", async () => {
    const { stack, rooms } = await newWorld(standup({}, "{ protect: true }"));
    await stack.up();
    const made = await rooms();

    expectPlainRefusal(await stack.destroy([], { code: "any" }), "protected");
    stack.write(standup({ maxParticipants: 3 }, "{ protect: true }"));
    expectPlainRefusal(await stack.up([], { code: "any" }), "marked for protection");
    expect(await rooms()).toEqual(made);

    stack.write(standup({}));
    await stack.up();
    await stack.destroy();
    expect(await rooms()).toEqual({});
  });

  test("retainOnDelete leaves it, and the stack that comes back takes it over", async () => {
    const { stack, rooms } = await newWorld(
      standup({ metadata: { team: "core" } }, "{ retainOnDelete: true }"),
    );
    await stack.up();
    const made = await rooms();

    await stack.destroy();
    expect(await rooms()).toEqual(made);
    expect(changesIn(await stack.up())).toEqual(["create standup"]);
    expect(await rooms()).toEqual(made);
    await stack.expectNoChanges(["--refresh"]);
  });

  test("ignoreChanges leaves the named inputs alone, in the program and at the vendor", async () => {
    const ignoring = '{ ignoreChanges: ["metadata", "maxParticipants"] }';
    const { server, stack, rooms } = await newWorld(standup({ metadata: { team: "core" } }, ignoring));
    await stack.up();
    const made = (await rooms())["standup"];

    stack.write(standup({ metadata: { team: "web" }, maxParticipants: 3 }, ignoring));
    await stack.expectNoChanges();
    const edited = { team: "edited", $owner: made?.owner };
    await server.service.updateRoomMetadata("standup", JSON.stringify(edited));
    expect(changesIn(await stack.up(["--refresh"]))).toEqual([]);
    expect(await rooms()).toEqual({ standup: { ...made, metadata: { team: "edited" } } });
    await stack.expectNoChanges(["--refresh"]);
  });
});

describe("Options that make a new room, and only one:", () => {
  test("replaceOnChanges does so for what would change in place", async () => {
    const replacing = '{ replaceOnChanges: ["metadata"] }';
    const { stack, rooms } = await newWorld(standup({ metadata: { team: "core" } }, replacing));
    await stack.up();
    const made = (await rooms())["standup"];

    stack.write(standup({ metadata: { team: "web" } }, replacing));
    expect(changesIn(await stack.preview())).toEqual(["replace standup"]);
    expect(changesIn(await stack.up())).toEqual(["replace standup"]);
    const { standup: left, ...others } = await rooms();
    expect(others).toEqual({});
    expect(left?.sid).not.toBe(made?.sid);
    expect(left?.metadata).toEqual({ team: "web" });
    await stack.expectNoChanges(["--refresh"]);
  });

  test.each(["--target-replace", "pulumi state taint", "replacementTrigger"])(
    "%s deletes the old one first, even with deleteBeforeReplace: false",
    async (way) => {
      const options = (trigger: number) =>
        `{ deleteBeforeReplace: false${way === "replacementTrigger" ? `, replacementTrigger: ${trigger}` : ""} }`;
      const { stack, rooms } = await newWorld(standup({ metadata: { team: "core" } }, options(1)));
      await stack.up();
      const made = (await rooms())["standup"];
      const { urn } = await resourceOf(stack, "standup");

      stack.write(standup({ metadata: { team: "core" } }, options(2)));
      if (way === "pulumi state taint") await stack.run(["state", "taint", urn, "--yes"]);
      const up = await stack.up(way === "--target-replace" ? [way, urn] : []);
      expect(changesIn(up)).toEqual(["replace standup"]);
      const { standup: left, ...others } = await rooms();
      expect(others).toEqual({});
      expect(left).toEqual({ ...made, sid: left?.sid });
      expect(left?.sid).not.toBe(made?.sid);
      await stack.expectNoChanges(["--refresh"]);
    },
  );
});
