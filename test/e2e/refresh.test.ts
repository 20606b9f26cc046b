import { describe, expect, test } from "vitest";
import { isTheNine, UPDATE } from "../support/through.ts";
import { changesIn, declare, newWorld, program, resourceOf } from "../support/world.ts";

describe.each([{ how: [] }, { how: ["--run-program"] }])("With options $how", ({ how }) => {
  test("refresh finds nothing; an edit from outside is seen and repaired; destroy leaves nothing", async () => {
    const { server, stack, rooms } = await newWorld(
      program(declare("standup", { metadata: { team: "core" } })),
    );
    await stack.up();
    const made = await rooms();
    const { inputs, outputs } = await resourceOf(stack, "standup");

    expect((await stack.refresh(how)).output).not.toContain("warning");
    expect(await resourceOf(stack, "standup")).toMatchObject({ inputs, outputs });
    const owner = made["standup"]?.owner;
    await server.service.updateRoomMetadata("standup", JSON.stringify({ team: "edited", $owner: owner }));
    const drifted = await stack.preview(["--refresh", "--expect-no-changes", ...how], { code: "any" });
    expect(drifted.code).not.toBe(0);
    expect(changesIn(drifted)).toEqual([`${UPDATE} standup`]);
    expect(changesIn(await stack.up(["--refresh", ...how]))).toEqual([`${UPDATE} standup`]);
    const { standup } = await rooms();
    expect(standup).toEqual({ ...made["standup"], ...(isTheNine && { sid: standup?.sid }) });
    await stack.expectNoChanges(["--refresh", ...how]);

    expect(changesIn(await stack.destroy(how))).toEqual(["delete standup"]);
    expect(await rooms()).toEqual({});
  });
});
