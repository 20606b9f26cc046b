import { beforeAll, describe, expect, test } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { declaring } from "../support/programs.ts";
import { metadataAt, remembered, roomAt } from "../support/rooms.ts";
import { newStack } from "../support/stack.ts";
import { isTheNine } from "../support/through.ts";

const MARK = /^[0-9a-f]{12}-[0-9a-f]{12}$/;

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit();
});

/** A room that is none of ours. */
function makeForeign(name: string, metadata: object) {
  const options = { name, maxParticipants: 5, emptyTimeout: 600, departureTimeout: 300 };
  return server.service.createRoom({ ...options, metadata: JSON.stringify(metadata) });
}

test("a room that somebody else made is refused with every difference, and without its metadata", async () => {
  await makeForeign("theirs", { team: "not to be printed" });
  const before = await roomAt(server, "theirs");
  const program = declaring({
    theirs: { maxParticipants: 12, emptyTimeoutSeconds: 90, metadata: { team: "nor this" } },
  });
  const stack = await newStack({ program, env: server.env });

  const { output } = await stack.up([], { code: 1 });

  expect(output).toContain("ALREADY_EXISTS: room livekit:theirs exists already and carries no owner mark");
  expect(output).toContain("maxParticipants is 5, asked for 12");
  expect(output).toContain("emptyTimeoutSeconds is 600 (300 after the last departure), asked for 90");
  expect(output).toContain("metadata is another");
  expect(output).toContain("adopt: true");
  expect(output).not.toMatch(/not to be printed|nor this/);
  expect(await remembered(stack)).toEqual({});
  expect(await roomAt(server, "theirs")).toEqual(before);
});

describe("adopt: true", () => {
  test("takes a room over whose limits agree, sets its metadata, and leaves its timeouts with a warning", async () => {
    const { sid } = await makeForeign("adopted", { team: "theirs" });
    const program = declaring({ adopted: { maxParticipants: 5, metadata: { team: "ours" }, adopt: true } });
    const stack = await newStack({ program, env: server.env });

    const { output, counts } = await stack.up();

    expect(counts.create).toBe(1);
    expect(output).toContain("warning: room livekit:adopted is taken over with its own timeouts");
    expect(await roomAt(server, "adopted")).toMatchObject({ sid, emptyTimeout: 600, departureTimeout: 300 });
    const mark = (await remembered(stack))["adopted"]?.outputs["owner"];
    expect(mark).toMatch(MARK);
    expect(await metadataAt(server, "adopted")).toEqual({ team: "ours", $owner: mark });
    await stack.expectNoChanges(["--refresh"]);
    await stack.refresh(["--expect-no-changes"]);
    await stack.expectNoChanges();
    await stack.destroy();
    expect(await roomAt(server, "adopted")).toBeUndefined();
  });

  test("keeps metadata that is not declared, and adds the mark", async () => {
    await makeForeign("described", { team: "theirs", since: 2019 });
    const program = declaring({ described: { maxParticipants: 5, adopt: true } });
    const stack = await newStack({ program, env: server.env });

    await stack.up();

    expect((await remembered(stack))["described"]?.outputs).not.toHaveProperty("metadata");
    const kept = { team: "theirs", since: 2019 };
    const mark = isTheNine ? {} : { $owner: expect.stringMatching(MARK) };
    expect(await metadataAt(server, "described")).toEqual({ ...kept, ...mark });
    await stack.expectNoChanges(["--refresh"]);
  });

  test("is refused where a limit differs", async () => {
    await makeForeign("bigger", {});
    const before = await roomAt(server, "bigger");
    const program = declaring({ bigger: { maxParticipants: 50, adopt: true } });
    const stack = await newStack({ program, env: server.env });

    const { output } = await stack.up([], { code: 1 });

    expect(output).toContain("ALREADY_EXISTS");
    expect(output).toContain("maxParticipants is 5, asked for 50");
    expect(await roomAt(server, "bigger")).toEqual(before);
  });
});

test("a room that two stacks declare belongs to the first; the second is refused and changes nothing", async () => {
  const program = declaring({ standup: { maxParticipants: 12, metadata: { team: "core" } } });
  const first = await newStack({ program, env: server.env, project: "acme", stack: "one" });
  await first.up();
  const before = await roomAt(server, "standup");
  const second = await newStack({ program, env: server.env, project: "acme", stack: "two" });

  const { output } = await second.up([], { code: 1 });
  expect(output).toContain("carries the owner mark of another resource; its settings are as declared");
  await second.up(["--refresh"], { code: 1 });
  await second.refresh();
  await second.destroy();

  expect(await roomAt(server, "standup")).toEqual(before);
  await first.expectNoChanges(["--refresh"]);
});

test("a room that another stack has since made anew is not ours: no change touches it, a refresh lets it go", async () => {
  const ours = declaring({ handed: { metadata: { turn: 1 } } });
  const first = await newStack({ program: ours, env: server.env });
  await first.up();
  await server.service.deleteRoom("handed");
  const second = await newStack({
    program: declaring({ handed: { metadata: { turn: "theirs" } } }),
    env: server.env,
  });
  await second.up();
  const theirs = await roomAt(server, "handed");

  first.write(declaring({ handed: { metadata: { turn: 2 } } }));
  const update = await first.up([], { code: 1 });
  first.write(declaring({ handed: { maxParticipants: 3, metadata: { turn: 1 } } }));
  const replacement = await first.up([], { code: 1 });
  const destroy = await first.destroy([], { code: 1 });
  for (const { output } of [update, replacement, destroy])
    expect(output).toContain(
      "room livekit:handed has since been made anew by another owner and is left alone",
    );
  expect(Object.keys(await remembered(first))).toEqual(["handed"]);

  const refresh = await first.refresh();
  expect(refresh.output).toContain("room livekit:handed is no longer this stack's");
  expect(await remembered(first)).toEqual({});
  const again = await first.up([], { code: 1 });
  expect(again.output).toContain("carries the owner mark of another resource");
  await first.destroy();

  expect(await roomAt(server, "handed")).toEqual(theirs);
  await second.expectNoChanges(["--refresh"]);
});

describe("rtc:ownerMark false", () => {
  test("leaves the metadata as declared; then only adopt takes a room over that state does not know", async () => {
    const inputs = { maxParticipants: 4, metadata: { team: "core" } };
    const config = { "rtc:ownerMark": "false" };
    const stack = await newStack({ program: declaring({ plain: inputs }), env: server.env, config });

    await stack.up();
    expect(await metadataAt(server, "plain")).toEqual({ team: "core" });
    expect((await remembered(stack))["plain"]?.outputs).not.toHaveProperty("owner");
    await stack.expectNoChanges(["--refresh"]);

    const { sid } = (await roomAt(server, "plain")) ?? {};
    await stack.run(["state", "delete", (await remembered(stack))["plain"]?.urn ?? "", "--yes"]);
    const { output } = await stack.up([], { code: 1 });
    expect(output).toContain("carries no owner mark; its settings are as declared");
    stack.write(declaring({ plain: { ...inputs, adopt: true } }));
    await stack.up();
    expect(await roomAt(server, "plain")).toMatchObject({ sid });
    expect(await metadataAt(server, "plain")).toEqual({ team: "core" });
  });

  test("with the mark, the room that state has lost is taken over without being told to", async () => {
    const program = declaring({ marked: { maxParticipants: 4 } });
    const stack = await newStack({ program, env: server.env });
    await stack.up();
    const { sid } = (await roomAt(server, "marked")) ?? {};
    await stack.run(["state", "delete", (await remembered(stack))["marked"]?.urn ?? "", "--yes"]);

    await stack.up();

    expect(await roomAt(server, "marked")).toMatchObject({ sid });
  });
});
