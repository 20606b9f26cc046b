import { beforeAll, describe, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { declaring } from "../support/programs.ts";
import { metadataAt, roomAt } from "../support/rooms.ts";
import { newStack, type Stack } from "../support/stack.ts";
import { NEVER, UPDATE } from "../support/through.ts";
import { joinPlainly } from "../support/tokens.ts";

/** What the server gives a room that nobody has configured: it closes soon, but not within a test. */
const DEFAULTS = { empty_timeout: 600, departure_timeout: 600 };

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit({ config: { room: DEFAULTS } });
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

async function everybodyHasLeft(name: string): Promise<void> {
  await expect.poll(() => server.service.listParticipants(name)).toEqual([]);
}

describe("a deleted room that somebody with an old token has brought back with the server's defaults", () => {
  test("is refused while occupied where limits differ, and made as declared once it is empty", async () => {
    const stack = await started("revived", { maxParticipants: 12, metadata: { team: "core" } });
    await server.service.deleteRoom("revived");
    const alice = await joinPlainly(server, "revived", "alice");
    expect(await roomAt(server, "revived")).toMatchObject({ maxParticipants: 0, metadata: "" });

    const { output } = await stack.up(["--refresh"], { code: 1 });
    expect(output).toContain("ROOM_OCCUPIED: 1 person is in room livekit:revived");
    expect(alice.room.isConnected).toBe(true);
    await alice.leave();
    await everybodyHasLeft("revived");
    expect((await stack.up(["--refresh"])).counts.replace).toBe(1);

    expect(await roomAt(server, "revived")).toMatchObject({ maxParticipants: 12, emptyTimeout: NEVER });
    expect(await metadataAt(server, "revived")).toMatchObject({ team: "core" });
    await expectConverged(stack);
  });

  test("is made as declared by a plain up as well, after a refresh, however often", async () => {
    const stack = await started("refreshed", { maxParticipants: 12 });
    await server.service.deleteRoom("refreshed");
    const alice = await joinPlainly(server, "refreshed", "alice");
    await stack.refresh();
    await stack.refresh();
    await alice.leave();
    await everybodyHasLeft("refreshed");

    expect((await stack.up()).counts.replace).toBe(1);

    expect(await roomAt(server, "refreshed")).toMatchObject({ maxParticipants: 12, emptyTimeout: NEVER });
    await expectConverged(stack);
  });

  test("is made as declared at once where forced", async () => {
    const stack = await started("hurried", { maxParticipants: 12, forceDestroy: true });
    await server.service.deleteRoom("hurried");
    const alice = await joinPlainly(server, "hurried", "alice");

    expect((await stack.up(["--refresh"])).counts.replace).toBe(1);

    await alice.disconnected;
    expect(await roomAt(server, "hurried")).toMatchObject({ maxParticipants: 12 });
    await expectConverged(stack);
  });

  test("is left alone with a warning while occupied where only its timeouts differ, and replaced when empty", async () => {
    const stack = await started("lasting", {});
    await server.service.deleteRoom("lasting");
    const alice = await joinPlainly(server, "lasting", "alice");

    const occupied = await stack.expectNoChanges(["--refresh"]);
    expect(occupied.output).toContain(
      "warning: room livekit:lasting closes by itself after 600 seconds, which is not as declared",
    );
    expect((await stack.up(["--refresh"])).counts).toMatchObject({ same: 1, replace: 0, update: 0 });
    expect(alice.room.isConnected).toBe(true);
    await alice.leave();
    await everybodyHasLeft("lasting");
    expect((await stack.up(["--refresh"])).counts.replace).toBe(1);

    expect(await roomAt(server, "lasting")).toMatchObject({
      emptyTimeout: NEVER,
      departureTimeout: NEVER,
    });
    await expectConverged(stack);
  });

  test("is mended in two steps where metadata differs as well: metadata at once, timeouts when it is empty", async () => {
    const stack = await started("described", { metadata: { team: "core" } });
    await server.service.deleteRoom("described");
    const alice = await joinPlainly(server, "described", "alice");

    expect((await stack.up(["--refresh"])).counts[UPDATE]).toBe(1);
    expect(await metadataAt(server, "described")).toMatchObject({
      team: "core",
      $owner: expect.any(String),
    });
    await expectConverged(stack);
    await alice.leave();
    await everybodyHasLeft("described");
    expect((await stack.up(["--refresh"])).counts.replace).toBe(1);

    expect(await roomAt(server, "described")).toMatchObject({ emptyTimeout: NEVER });
    await expectConverged(stack);
  });

  test("is not taken for ours after a destroy: the next up refuses it, until it has closed", async () => {
    const own = await startLivekit({ config: { room: { empty_timeout: 1, departure_timeout: 1 } } });
    const stack = await newStack({ program: declaring({ stale: { maxParticipants: 2 } }), env: own.env });
    await stack.up();
    await stack.destroy();
    const alice = await joinPlainly(own, "stale", "alice");

    const { output } = await stack.up([], { code: 1 });
    expect(output).toContain("room livekit:stale exists already and carries no owner mark");
    await alice.leave();
    await expect.poll(() => roomAt(own, "stale")).toBeUndefined();
    await stack.up();

    expect(await roomAt(own, "stale")).toMatchObject({ maxParticipants: 2, emptyTimeout: NEVER });
    await expectConverged(stack);
  });
});
