import { describe, expect, test } from "vitest";
import { startLivekit } from "../support/livekit.ts";
import { isThrough, NEVER } from "../support/through.ts";
import {
  changesIn,
  declare,
  expectPlainRefusal,
  newWorld,
  program,
  reasonsFor,
  resourceOf,
  roomsOf,
  saidOn,
} from "../support/world.ts";

const standup = (inputs: object) => program(declare("standup", inputs));

describe("A declared room", () => {
  test("is shown in the preview with its vendor, made by up, and then nothing is left to do", async () => {
    const { stack, rooms } = await newWorld(standup({ maxParticipants: 12, metadata: { team: "core" } }));

    const preview = await stack.preview(["--diff"]);
    expect(changesIn(preview)).toEqual(["create standup"]);
    // A gateway chooses, and tells it when the room is made.
    if (!isThrough) expect(preview.stdout).toMatch(/vendor +: "livekit"/);
    expect(preview.stdout).toMatch(/name +: "standup"/);
    expect(await rooms()).toEqual({});

    expect(changesIn(await stack.up())).toEqual(["create standup"]);
    const { standup: made, ...others } = await rooms();
    expect(others).toEqual({});
    expect(made).toMatchObject({
      maxParticipants: 12,
      emptyTimeout: NEVER,
      departureTimeout: NEVER,
      metadata: { team: "core" },
    });
    const { id, outputs } = await resourceOf(stack, "standup");
    expect(id).toBe("livekit:standup");
    expect(outputs).toMatchObject({ room: id, vendor: "livekit", sid: made?.sid, owner: made?.owner });

    await stack.expectNoChanges();
  });

  test("takes new metadata in place, and loses it when it is no longer declared", async () => {
    const { stack, rooms } = await newWorld(standup({ metadata: { team: "core" } }));
    await stack.up();
    const before = (await rooms())["standup"];

    stack.write(standup({ metadata: { team: "web", floor: 3 } }));
    const preview = await stack.preview();
    expect(changesIn(preview)).toEqual(["update standup"]);
    expect(reasonsFor(preview, "standup")).toEqual(["metadata"]);
    expect(changesIn(await stack.up())).toEqual(["update standup"]);
    expect(await rooms()).toEqual({ standup: { ...before, metadata: { team: "web", floor: 3 } } });
    await stack.expectNoChanges();

    stack.write(standup({}));
    expect(changesIn(await stack.up())).toEqual(["update standup"]);
    expect(await rooms()).toEqual({ standup: { ...before, metadata: {} } });
    await stack.expectNoChanges(["--refresh"]);
  });

  test("is deleted when it is taken out of the program, and by destroy, even when it is gone already", async () => {
    const { server, stack, rooms } = await newWorld(
      program(declare("kept"), declare("dropped"), declare("lost")),
    );
    await stack.up();

    stack.write(program(declare("kept"), declare("lost")));
    expect(changesIn(await stack.preview())).toEqual(["delete dropped"]);
    expect(changesIn(await stack.up())).toEqual(["delete dropped"]);
    expect(Object.keys(await rooms()).sort()).toEqual(["kept", "lost"]);

    await server.service.deleteRoom("lost");
    expect(changesIn(await stack.destroy()).sort()).toEqual(["delete kept", "delete lost"]);
    expect(await rooms()).toEqual({});
  });
});

describe("What cannot change in place makes a new room, the preview says why, and one room is left:", () => {
  test("name, maxParticipants, emptyTimeoutSeconds", async () => {
    const declared = (name: string, people: object, limit: object, timeout: object) =>
      program(
        declare("called", { name }),
        declare("narrowed", people),
        declare("widened", limit),
        declare("hurried", timeout),
      );
    const { stack, rooms } = await newWorld(
      declared("first", { maxParticipants: 3 }, { maxParticipants: 3 }, {}),
    );
    await stack.up();
    const before = await rooms();

    stack.write(declared("second", { maxParticipants: 2 }, {}, { emptyTimeoutSeconds: 600 }));
    const preview = await stack.preview();
    for (const [resource, input] of [
      ["called", "name"],
      ["narrowed", "maxParticipants"],
      ["widened", "maxParticipants"],
      ["hurried", "emptyTimeoutSeconds"],
    ] as const) {
      expect(reasonsFor(preview, resource)).toEqual([input]);
      const why = `livekit cannot change ${input} of a room in place`;
      expect(saidOn(preview, resource).join()).toContain(why);
    }
    const replaced = ["replace called", "replace hurried", "replace narrowed", "replace widened"];
    expect(changesIn(preview).sort()).toEqual(replaced);
    expect(await rooms()).toEqual(before);

    expect(changesIn(await stack.up()).sort()).toEqual(replaced);
    const { second, narrowed, widened, hurried, ...others } = await rooms();
    expect(others).toEqual({});
    expect(narrowed?.maxParticipants).toBe(2);
    expect(widened?.maxParticipants).toBe(0);
    expect(hurried).toMatchObject({ emptyTimeout: 600, departureTimeout: 600 });
    const sids = Object.values(before).map(({ sid }) => sid);
    for (const room of [second, narrowed, widened, hurried]) expect(sids).not.toContain(room?.sid);
    await stack.expectNoChanges(["--refresh"]);
  });

  test("region, to another server", async () => {
    const elsewhere = await startLivekit();
    const { url, apiKey, apiSecret } = elsewhere;
    const { stack, rooms } = await newWorld(standup({}), {
      env: { RTC_LIVEKIT_REGIONS: JSON.stringify({ eu: { url, apiKey, apiSecret } }) },
    });
    await stack.up();
    expect(Object.keys(await rooms())).toEqual(["standup"]);

    stack.write(standup({ region: "eu" }));
    const preview = await stack.preview();
    expect(changesIn(preview)).toEqual(["replace standup"]);
    expect(saidOn(preview, "standup").join()).toContain("livekit cannot change region of a room in place");
    await stack.up();
    expect(await rooms()).toEqual({});
    expect(Object.keys(await roomsOf(elsewhere))).toEqual(["standup"]);
    expect(await resourceOf(stack, "standup")).toMatchObject({ id: "livekit@eu:standup" });
    await stack.expectNoChanges(["--refresh"]);

    await stack.destroy();
    expect(await roomsOf(elsewhere)).toEqual({});
  });
});

describe("What cannot be is refused in the preview, and nothing is touched:", () => {
  test("a region that is not there", async () => {
    const { stack, rooms } = await newWorld(standup({ region: "mars" }));
    const words = "INVALID_ARGUMENT: livekit: has no region mars";
    expectPlainRefusal(await stack.preview([], { code: "any" }), words);
    expect(await rooms()).toEqual({});
  });

  test("a vendor that is not there", async () => {
    const { stack, rooms } = await newWorld(standup({}));
    await stack.up();
    const before = await rooms();

    stack.write(standup({ vendor: "nobody" }));
    const words = isThrough
      ? "NOT_CONFIGURED: nobody: the gateway does not know it"
      : "INVALID_ARGUMENT: nobody: is not a vendor of this version";
    const preview = await stack.preview([], { code: "any" });
    expect(preview.output).toContain(isThrough ? "up will refuse this: nobody: the gateway" : words);
    expectPlainRefusal(await stack.up([], { code: "any" }), words);
    expect(await rooms()).toEqual(before);
  });

  test("two resources that declare the same room", async () => {
    const { stack, rooms } = await newWorld(program(declare("one", { name: "shared" }), declare("shared")));
    const words = "shared is declared twice in this program: also by urn:";
    expectPlainRefusal(await stack.preview([], { code: "any" }), words);
    expect(await rooms()).toEqual({});
  });
});
