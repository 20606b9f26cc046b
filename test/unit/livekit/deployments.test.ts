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
    ["https://rtc.example/some/path?x=1", "https://rtc.example"],
    ["http://127.0.0.1:7880", "http://127.0.0.1:7880"],
    ["https://user:password@rtc.example", "https://rtc.example"],
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

  it("work without a deployment that has none, and say what to set where one is asked for", async () => {
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
