import { beforeAll, describe, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { join } from "../support/people.ts";
import { metadataAt, remembered, roomAt } from "../support/rooms.ts";
import { newStack, type Stack } from "../support/stack.ts";
import { joinPlainly } from "../support/tokens.ts";

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit();
});

/** A room, and tokens issued from the resource and by its bare name. */
const program = (name: string, inputs: object) => `
  const rtc = require("pulumi-rtc");
  const room = new rtc.RtcRoom("${name}", ${JSON.stringify(inputs)});
  exports.token = rtc.issueTokenOutput({ room, identity: "alice" }).token;
`;

/** A stack with a room that has expired already. */
async function dormant(name: string, inputs: object): Promise<Stack> {
  const stack = await newStack({ program: program(name, inputs), env: server.env });
  await stack.up();
  await expect.poll(() => roomAt(server, name), { timeout: 15_000 }).toBeUndefined();
  return stack;
}

async function expectNoDrift(stack: Stack): Promise<void> {
  await stack.refresh(["--expect-no-changes"]);
  await stack.expectNoChanges();
  await stack.expectNoChanges(["--refresh"]);
}

/** Somebody joins with the token that the stack exports. */
async function joinFromResource(stack: Stack) {
  return join(server.url, String((await stack.outputs())["token"]));
}

describe("a room with a timeout that has expired is dormant", () => {
  test("which is no drift, and comes back with its settings when somebody joins", async () => {
    const settings = { maxParticipants: 3, emptyTimeoutSeconds: 2, metadata: { team: "core" } };
    const stack = await dormant("class", settings);
    await expectNoDrift(stack);
    expect((await stack.up(["--refresh"])).counts).toMatchObject({ same: 1, create: 0 });
    expect(await roomAt(server, "class")).toBeUndefined();

    const alice = await joinFromResource(stack);

    expect(await roomAt(server, "class")).toMatchObject({
      maxParticipants: 3,
      emptyTimeout: 2,
      departureTimeout: 2,
    });
    expect(await metadataAt(server, "class")).toEqual({ team: "core" });
    await expectNoDrift(stack);
    const { sid } = (await roomAt(server, "class")) ?? {};
    await stack.refresh();
    expect((await remembered(stack))["class"]?.outputs["sid"]).toBe(sid);
    await alice.leave();
    await expect.poll(() => roomAt(server, "class"), { timeout: 15_000 }).toBeUndefined();
    await expectNoDrift(stack);
  });

  test("and an update of its metadata changes the record only; the next join brings the new metadata", async () => {
    const stack = await dormant("seminar", { emptyTimeoutSeconds: 1, metadata: { term: 1 } });

    stack.write(program("seminar", { emptyTimeoutSeconds: 1, metadata: { term: 2 } }));
    expect((await stack.up()).counts.update).toBe(1);

    expect(await roomAt(server, "seminar")).toBeUndefined();
    expect((await remembered(stack))["seminar"]?.outputs["metadata"]).toEqual({ term: 2 });
    await expectNoDrift(stack);
    await joinFromResource(stack);
    expect(await metadataAt(server, "seminar")).toEqual({ term: 2 });
    await expectNoDrift(stack);
  });

  test("and the next update of the room that has come back restores its owner mark", async () => {
    const stack = await dormant("lecture", { emptyTimeoutSeconds: 1, metadata: { term: 1 } });
    const mark = (await remembered(stack))["lecture"]?.outputs["owner"];
    expect(mark).toMatch(/^[0-9a-f]{12}-[0-9a-f]{12}$/);
    await joinFromResource(stack);
    expect(await metadataAt(server, "lecture")).toEqual({ term: 1 });

    stack.write(program("lecture", { emptyTimeoutSeconds: 1, metadata: { term: 2 } }));
    expect((await stack.up()).counts.update).toBe(1);

    expect(await metadataAt(server, "lecture")).toEqual({ term: 2, $owner: mark });
    await expectNoDrift(stack);
  });

  test("and one that a token without settings has brought back is drift, mended when it is empty", async () => {
    const stack = await dormant("workshop", { maxParticipants: 3, emptyTimeoutSeconds: 2 });
    const alice = await joinPlainly(server, "workshop", "alice");
    expect(await roomAt(server, "workshop")).toMatchObject({ maxParticipants: 0, emptyTimeout: 300 });

    const { output } = await stack.up(["--refresh"], { code: 1 });
    expect(output).toContain("ROOM_OCCUPIED: 1 person is in room livekit:workshop");
    await alice.leave();
    await expect.poll(() => server.service.listParticipants("workshop")).toEqual([]);
    expect((await stack.up(["--refresh"])).counts.replace).toBe(1);

    expect((await remembered(stack))["workshop"]?.outputs).toMatchObject({
      maxParticipants: 3,
      emptyTimeoutSeconds: 2,
    });
    await expectNoDrift(stack);
  });

  test("and is made anew where another limit is declared, and destroyed without a complaint", async () => {
    const stack = await dormant("exam", { emptyTimeoutSeconds: 1 });

    stack.write(program("exam", { emptyTimeoutSeconds: 600, maxParticipants: 9 }));
    expect((await stack.up()).counts.replace).toBe(1);
    expect(await roomAt(server, "exam")).toMatchObject({ maxParticipants: 9, emptyTimeout: 600 });
    stack.write(program("exam", { emptyTimeoutSeconds: 1 }));
    await stack.up();
    await expect.poll(() => roomAt(server, "exam"), { timeout: 15_000 }).toBeUndefined();

    expect((await stack.destroy()).counts.delete).toBe(1);
    expect(await remembered(stack)).toEqual({});
  });
});
