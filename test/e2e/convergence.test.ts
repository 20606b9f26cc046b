import { beforeAll, describe, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { declaring } from "../support/programs.ts";
import { metadataAt, remembered, roomAt } from "../support/rooms.ts";
import { newStack, type Stack } from "../support/stack.ts";
import { isTheNine, NEVER, UPDATE } from "../support/through.ts";
import { joinPlainly } from "../support/tokens.ts";

/** The exit code of --expect-no-changes where there are some. */
const CHANGES = 7;

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit();
});

async function started(name: string, inputs: object): Promise<Stack> {
  const stack = await newStack({ program: declaring({ [name]: inputs }), env: server.env });
  await stack.up();
  return stack;
}

/** After an `up --refresh` there is nothing left to do, for a plain preview and for one that looks. */
async function expectConverged(stack: Stack): Promise<void> {
  await stack.expectNoChanges();
  await stack.expectNoChanges(["--refresh"]);
}

describe("up --refresh mends", () => {
  test("a room that was deleted behind its back", async () => {
    const stack = await started("deleted", { maxParticipants: 12, metadata: { team: "core" } });
    await server.service.deleteRoom("deleted");

    await stack.preview(["--refresh", "--expect-no-changes"], { code: CHANGES });
    expect((await stack.up(["--refresh"])).counts.create).toBe(1);

    expect(await roomAt(server, "deleted")).toMatchObject({ maxParticipants: 12, emptyTimeout: NEVER });
    await expectConverged(stack);
  });

  test("metadata that was edited by hand, in place and without losing the owner mark", async () => {
    const stack = await started("edited", { metadata: { team: "core" } });
    const { sid } = (await roomAt(server, "edited")) ?? {};
    const declared = await metadataAt(server, "edited");
    await server.service.updateRoomMetadata("edited", JSON.stringify({ team: "sales" }));

    expect((await stack.preview(["--refresh"])).counts[UPDATE]).toBe(1);
    expect((await stack.up(["--refresh"])).counts[UPDATE]).toBe(1);

    expect(await metadataAt(server, "edited")).toEqual(declared);
    if (!isTheNine) expect(await roomAt(server, "edited")).toMatchObject({ sid });
    await expectConverged(stack);
  });

  test("what a refresh has found before it, however often", async () => {
    const stack = await started("noticed", { metadata: { team: "core" } });
    await server.service.updateRoomMetadata("noticed", JSON.stringify({ team: "sales" }));

    await stack.refresh();
    await stack.refresh();
    expect((await stack.up()).counts[UPDATE]).toBe(1);

    expect(await metadataAt(server, "noticed")).toMatchObject({ team: "core" });
    await expectConverged(stack);
  });

  test("metadata that is no JSON any more", async () => {
    const stack = await started("scribbled", { metadata: { team: "core" } });
    await server.service.updateRoomMetadata("scribbled", "call me later");

    expect((await stack.up(["--refresh"])).counts[UPDATE]).toBe(1);

    expect(await metadataAt(server, "scribbled")).toMatchObject({ team: "core" });
    await expectConverged(stack);
  });

  test("a server that has restarted and lost every room", async () => {
    const own = await startLivekit();
    const rooms = { one: { maxParticipants: 3 }, two: { metadata: { team: "core" } }, three: {} };
    const stack = await newStack({ program: declaring(rooms), env: own.env });
    await stack.up();
    await own.restart();
    expect(await own.service.listRooms()).toEqual([]);

    expect((await stack.up(["--refresh"])).counts.create).toBe(3);

    expect(await roomAt(own, "one")).toMatchObject({ maxParticipants: 3, emptyTimeout: NEVER });
    expect(await metadataAt(own, "two")).toMatchObject({ team: "core" });
    await expectConverged(stack);
  });
});

test("a declared room outlives its last participant", async () => {
  const own = await startLivekit({ config: { room: { empty_timeout: 1, departure_timeout: 1 } } });
  const stack = await newStack({ program: declaring({ lasting: {} }), env: own.env });
  await stack.up();
  const { sid } = (await roomAt(own, "lasting")) ?? {};
  const people = await Promise.all([
    joinPlainly(own, "lasting", "alice"),
    joinPlainly(own, "undeclared", "bob"),
  ]);

  for (const person of people) await person.leave();
  await expect.poll(() => roomAt(own, "undeclared")).toBeUndefined();

  expect(await roomAt(own, "lasting")).toMatchObject({ sid });
  await expectConverged(stack);
  expect((await remembered(stack))["lasting"]?.outputs["sid"]).toBe(sid);
});
