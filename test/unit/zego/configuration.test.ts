import { describe, expect, it, vi } from "vitest";
import type { RtcConfig } from "../../../src/client/config.ts";
import type { Capability } from "../../../src/contract/index.ts";
import { exchange } from "../../../src/support/http.ts";
import { zego } from "../../../src/vendors/zego/adapter.ts";
import { failure, place, SECRET, tokenSpec, zegoWith } from "./fixture.ts";

vi.mock("../../../src/support/http.ts", { spy: true });

const missing = (config: RtcConfig) => zego.adapter(config).missing(null, "rtc.token.issue");

describe("ZEGO without its keys", () => {
  it("names those that are missing", () => {
    expect(missing({})).toBe(
      "rtc:zegoAppId (or ZEGO_APP_ID), rtc:zegoServerSecret (or ZEGO_SERVER_SECRET) are not set",
    );
    expect(missing({ zegoAppId: 1 })).toBe("rtc:zegoServerSecret (or ZEGO_SERVER_SECRET) is not set");
    expect(missing({ zegoAppId: 1, zegoServerSecret: SECRET })).toBeUndefined();
  });

  it.each(["short", `${SECRET}0`, "ä".repeat(32), " ".repeat(32)])(
    "does not take %j for a secret, and does not print it",
    async (zegoServerSecret) => {
      expect(missing({ zegoAppId: 1, zegoServerSecret })).toBe(
        "rtc:zegoServerSecret (or ZEGO_SERVER_SECRET) is not ZEGO's ServerSecret, which has 32 characters",
      );
    },
  );

  it("rejects everything, without a call", async () => {
    const adapter = zego.adapter({});
    const all = [
      () => adapter.createRoom(place("hall")),
      () => adapter.updateRoom(place("hall"), {}, undefined),
      () => adapter.getRoom(place("hall")),
      () => adapter.listRooms(null, ["hall"]),
      () => adapter.listRooms(null),
      () => adapter.deleteRoom(place("hall")),
      () => adapter.listParticipants(place("hall")),
      () => adapter.kickParticipant(place("hall"), "alice"),
      () => adapter.issueToken(tokenSpec()),
    ];
    for (const call of all) {
      const error = await failure(call());
      expect(error).toMatchObject({ code: "NOT_CONFIGURED", vendor: "zego" });
      expect(error.message).toContain("rtc:zegoAppId (or ZEGO_APP_ID)");
    }
    expect(() => adapter.endpoint(null)).toThrow("rtc:zegoAppId");
    expect(adapter.secrets()).toEqual([]);
  });
});

describe("what ZEGO can do", () => {
  const { abilities } = zego.adapter({});

  it("is all but recording and listing rooms that are not named, each with the reason", () => {
    const cannot = (Object.keys(abilities) as Capability[]).filter((name) => !abilities[name].can);
    expect(cannot).toEqual([
      "rtc.room.list",
      "rtc.recording.start",
      "rtc.recording.stop",
      "rtc.recording.get",
      "rtc.recording.list",
      "rtc.recording.update",
    ]);
    expect(abilities["rtc.room.list"]).toMatchObject({ reason: expect.stringMatching(/support team/) });
    expect(abilities["rtc.recording.start"]).toMatchObject({ reason: expect.stringMatching(/LiveKit/) });
    expect(zego.adapter({}).recordings).toBeUndefined();
  });

  it("is rejected with that reason where it cannot", async () => {
    const { adapter, server } = await zegoWith();
    const list = await failure(adapter.listRooms(null));
    expect(list).toMatchObject({ code: "UNSUPPORTED", vendor: "zego" });
    expect(list.message).toMatch(/zego cannot rtc\.room\.list: .*support team/);
    const recording = { layout: "grid", audioOnly: false, outputUri: "s3://acme/" };
    const recorded = await failure(adapter.createRoom({ ...place("hall"), recording }));
    expect(recorded).toMatchObject({ code: "UNSUPPORTED" });
    expect(recorded.message).toContain("rtc.recording.start");
    expect(server.calls).toEqual([]);
  });

  it("is not to limit a room, which is reported before one is made", () => {
    expect(zego.adapter({}).roomWarnings({ maxParticipants: 5 })).toEqual([
      expect.stringContaining("maxParticipants is not enforced"),
    ]);
    expect(zego.adapter({}).roomWarnings({ emptyTimeoutSeconds: 60, metadata: {} })).toEqual([]);
  });

  it("changes a record in place, but for what names the room", () => {
    expect(zego.adapter({}).changesInPlace).not.toContain("name");
    expect(zego.adapter({}).changesInPlace).not.toContain("vendor");
    expect(zego.adapter({}).changesInPlace).not.toContain("region");
    expect(zego.adapter({}).changesInPlace).toContain("maxParticipants");
  });
});

describe("ZEGO's regions", () => {
  it("are its hosts, each of which serves the rooms of the whole app", () => {
    const adapter = zego.adapter({ zegoAppId: 1, zegoServerSecret: SECRET });
    expect(adapter.regions()).toEqual(["sha", "hkg", "fra", "lax", "bom", "sgp"]);
    expect(adapter.deployments()).toEqual([null]);
    expect(adapter.missing("eu", "rtc.room.get")).toBe("there is no region eu");
    expect(adapter.endpoint("fra")).toBe("1");
    expect(adapter.endpoint(null)).toBe("1");
  });

  it.each([
    [null, "https://rtc-api.zego.im/"],
    ["fra", "https://rtc-api-fra.zego.im/"],
    ["sgp", "https://rtc-api-sgp.zego.im/"],
  ])("%s is called at %s", async (region, host) => {
    const text = '{"Code":0,"Data":{}}';
    vi.mocked(exchange).mockClear().mockResolvedValueOnce({ status: 200, headers: {}, text });
    await zego.adapter({ zegoAppId: 7, zegoServerSecret: SECRET }).getRoom({ region, name: "hall" });
    expect(vi.mocked(exchange).mock.calls.map(([{ url }]) => url.split("?")[0])).toEqual([host]);
  });

  it("are all called at the address that is configured, if one is", async () => {
    const { adapter, server } = await zegoWith();
    await adapter.getRoom({ region: "fra", name: "hall" });
    expect(server.calls).toHaveLength(1);
  });
});

describe("a room's name at ZEGO", () => {
  const { badName } = zego.adapter({});
  it.each(["a", "a".repeat(127), "Az09~!@#$%^&*()_+=-`;',.<>"])("may be %j", (name) => {
    expect(badName(name)).toBeUndefined();
  });
  it.each(["", "a".repeat(128), "two words", "höhle", "a/b", "a:b", "a\n", "a|b"])("cannot be %j", (name) => {
    expect(badName(name)).toContain("1 to 127 bytes of A-Z");
  });
});
