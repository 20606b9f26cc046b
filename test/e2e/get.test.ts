import { describe, expect, test } from "vitest";
import { changesIn, declare, expectPlainRefusal, newWorld, program, resourceOf } from "../support/world.ts";

describe("RtcRoom.get", () => {
  const reading = program(
    'const hall = rtc.RtcRoom.get("hall", "livekit:lobby");',
    "const { name, vendor, sid, maxParticipants, emptyTimeoutSeconds, metadata, endpoint, owner } = hall;",
    "exports.hall = { id: hall.id, name, vendor, sid, maxParticipants, emptyTimeoutSeconds, metadata, endpoint, owner };",
    'new rtc.RtcRoom("beside", { metadata: { hall: hall.sid } });',
  );

  test("reads a room that is not managed here, and never touches it", async () => {
    const { server, stack, rooms } = await newWorld(reading);
    const metadata = JSON.stringify({ floor: 2 });
    await server.service.createRoom({ name: "lobby", maxParticipants: 7, emptyTimeout: 900, metadata });
    const { lobby } = await rooms();

    expect(changesIn(await stack.preview())).toContain("create beside");
    await stack.up();
    expect((await stack.outputs())["hall"]).toEqual({
      id: "livekit:lobby",
      name: "lobby",
      vendor: "livekit",
      sid: lobby?.sid,
      maxParticipants: 7,
      emptyTimeoutSeconds: 900,
      metadata: { floor: 2 },
      endpoint: server.endpoint,
    });
    expect((await rooms())["beside"]?.metadata).toEqual({ hall: lobby?.sid });
    await stack.expectNoChanges();
    await stack.expectNoChanges(["--refresh"]);
    await stack.refresh();
    const { inputs } = await resourceOf(stack, "hall");
    expect(inputs).not.toHaveProperty("__rtc");

    await stack.destroy();
    expect(await rooms()).toEqual({ lobby });
  });

  test("fails where there is no such room, or no longer, in the preview already", async () => {
    const { server, stack, rooms } = await newWorld(reading);
    const refused = async () => {
      const words = "NOT_FOUND: there is no room livekit:lobby";
      expectPlainRefusal(await stack.preview([], { code: "any" }), words);
      expectPlainRefusal(await stack.up([], { code: "any" }), words);
    };
    await refused();
    expect(await rooms()).toEqual({});

    await server.service.createRoom({ name: "lobby" });
    await stack.up();
    await server.service.deleteRoom("lobby");
    await refused();
    expect(Object.keys(await rooms())).toEqual(["beside"]);
    await stack.refresh();
    await stack.destroy();
    expect(await rooms()).toEqual({});
  });

  test("knows nothing of a room that is yet to be made", async () => {
    const { stack, rooms } = await newWorld(
      program(
        `const hall = ${declare("hall", { maxParticipants: 5 })}`,
        'const seen = rtc.RtcRoom.get("seen", hall.room);',
        'seen.maxParticipants.apply((limit) => console.log("the limit is " + limit));',
      ),
    );
    expect((await stack.preview()).output).not.toContain("the limit is");
    expect((await stack.up()).output).toContain("the limit is 5");
    expect((await stack.expectNoChanges()).output).toContain("the limit is 5");
    await stack.destroy();
    expect(await rooms()).toEqual({});
  });
});
