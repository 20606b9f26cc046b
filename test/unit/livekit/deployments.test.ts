import { describe, expect, it } from "vitest";
import type { RtcConfig } from "../../../src/client/config.ts";
import { localClient } from "../../../src/client/local.ts";
import { livekit } from "../../../src/vendors/livekit/adapter.ts";
import { startTwirp } from "../../support/twirp.ts";

const KEYS = { livekitApiKey: "key", livekitApiSecret: "a-secret" };

describe("the address of a LiveKit server", () => {
  it.each([
    ["ws://rtc.example", "http://rtc.example"],
    ["wss://rtc.example", "https://rtc.example"],
    ["WSS://RTC.Example:443/", "https://rtc.example"],
    ["https://rtc.example/some/path//", "https://rtc.example/some/path"],
    ["wss://rtc.example/rtc", "https://rtc.example/rtc"],
    ["http://127.0.0.1:7880", "http://127.0.0.1:7880"],
    ["http://[::1]:7880/", "http://[::1]:7880"],
  ])("%s is remembered as %s", (livekitUrl, endpoint) => {
    expect(livekit.adapter({ ...KEYS, livekitUrl }).endpoint(null)).toBe(endpoint);
  });

  it.each(["rtc.example", "ftp://rtc.example", "http://", "http://a b", "wss:rtc.example"])(
    "%s is none, and the key is named but not the value",
    (livekitUrl) => {
      const reason = livekit.adapter({ ...KEYS, livekitUrl }).missing(null, "rtc.room.create");
      expect(reason).toBe("rtc:livekitUrl (or LIVEKIT_URL) is no http(s) or ws(s) address");
    },
  );
});

describe("the parts of an address that a LiveKit server cannot have", () => {
  it.each([
    "https://rtc.example/?x=1",
    "wss://rtc.example/sfu#x",
    "https://canary:password@rtc.example",
    "https://canary@rtc.example",
  ])("in %s are rejected before any call, and not repeated", async (livekitUrl) => {
    const client = localClient({ ...KEYS, livekitUrl });
    const error = { code: "NOT_CONFIGURED", message: expect.not.stringMatching(/canary|x=1/) };
    await expect(client.room.get("livekit:hall")).rejects.toMatchObject(error);
    await expect(client.room.get("livekit:hall")).rejects.toThrow(
      "rtc:livekitUrl (or LIVEKIT_URL) must be an address without credentials, query or fragment",
    );
  });

  it("are rejected of a region's server too", () => {
    const livekitRegions = { eu: { url: "https://u:p@rtc.example", apiKey: "k", apiSecret: "s" } };
    expect(livekit.adapter({ livekitRegions }).missing("eu", "rtc.room.create")).toMatch(
      /^livekitRegions\.eu\.url must be an address without credentials/,
    );
  });
});

describe("a LiveKit server behind a path", () => {
  it("is called there, and nowhere else", async () => {
    const server = await startTwirp();
    const client = localClient({ ...KEYS, livekitUrl: `${server.url}/livekit/sfu/` });
    await client.room.list();
    expect(server.paths).toEqual(["/livekit/sfu/twirp/livekit.RoomService/ListRooms"]);
    expect(client.endpoint("livekit:hall")).toBe(`${server.url}/livekit/sfu`);
  });
});

describe("what is missing", () => {
  it("is named, each key with its variable", () => {
    const cases: [RtcConfig, string | undefined][] = [
      [
        {},
        "rtc:livekitUrl (or LIVEKIT_URL), rtc:livekitApiKey (or LIVEKIT_API_KEY), rtc:livekitApiSecret (or LIVEKIT_API_SECRET) are not set",
      ],
      [{ ...KEYS }, "rtc:livekitUrl (or LIVEKIT_URL) is not set"],
      [{ ...KEYS, livekitUrl: "ws://x" }, undefined],
    ];
    for (const [config, reason] of cases)
      expect(livekit.adapter(config).missing(null, "rtc.room.create")).toBe(reason);
  });

  it("ends a call before it is made, as NOT_CONFIGURED", async () => {
    const create = localClient({}).room.create({ name: "hall" });
    await expect(create).rejects.toMatchObject({
      code: "NOT_CONFIGURED",
      message: expect.stringContaining("livekit: rtc:livekitUrl (or LIVEKIT_URL)"),
    });
  });
});

describe("regions", () => {
  it("are deployments of their own: address, rooms and ids", async () => {
    const [home, eu] = [await startTwirp(), await startTwirp()];
    eu.on("ListRooms", { body: { rooms: [{ name: "hall" }] } });
    const livekitRegions = { eu: { url: eu.url, apiKey: "eu-key", apiSecret: "eu-secret" } };
    const client = localClient({ ...KEYS, livekitUrl: home.url, livekitRegions });
    const { items } = await client.room.list();
    expect(items).toMatchObject([{ room: "livekit@eu:hall", region: "eu", endpoint: eu.url }]);
    expect(client.endpoint("hall")).toBe(home.url);
    expect(client.endpoint("livekit@eu:hall")).toBe(eu.url);
    expect([home.methods(), eu.methods()]).toEqual([["ListRooms"], ["ListRooms"]]);
  });

  it("work without a deployment that has none, and report what to set where one is asked for", async () => {
    const eu = await startTwirp();
    const client = localClient({ livekitRegions: { eu: { url: eu.url, apiKey: "k", apiSecret: "s" } } });
    expect(await client.room.list()).toEqual({ items: [] });
    await expect(client.room.get("hall")).rejects.toMatchObject({ code: "NOT_CONFIGURED" });
    await expect(client.room.get("livekit@us:hall")).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(/^livekit: has no region us; there is eu(;|$)/),
    });
  });
});
