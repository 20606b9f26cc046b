import { describe, expect, it } from "vitest";
import { newClient } from "../../../src/client/create.ts";
import { remoteClient } from "../../../src/client/remote.ts";
import { MAX_TIMEOUT, NEVER } from "../../../src/contract/index.ts";
import { coreGatewayWith, failure, KEY } from "./remote-fixture.ts";

const OWNER = "0123456789ab-ba9876543210";

describe("through a third-party gateway", () => {
  it("a room is made, found, listed and deleted over the documented routes", async () => {
    const { client, gateway, bodies } = await coreGatewayWith();
    const room = await client.room.create({ name: "hall", maxParticipants: 5, metadata: { maxItems: 1 } });
    expect(room).toMatchObject({
      ...{ room: "livekit:hall", name: "hall", vendor: "livekit", state: "open", maxParticipants: 5 },
      ...{ emptyTimeoutSeconds: 300, metadata: { maxItems: 1 }, endpoint: gateway.url, owner: null },
    });
    expect(room).not.toHaveProperty("plan");
    expect(bodies()[0]).toEqual({
      ...{ name: "hall", max_participants: 5, metadata: { maxItems: 1 } },
      idempotency_key: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(await client.room.get("hall")).toMatchObject({ room: "livekit:hall", numParticipants: 0 });
    expect(await client.room.find("livekit:hall")).toMatchObject({ name: "hall" });
    await client.room.create({ name: "attic" });
    const first = await client.room.list({ limit: 1 });
    expect(first.items.map(({ name }) => name)).toEqual(["hall"]);
    const rest = await client.room.list({ limit: 1, cursor: first.nextCursor });
    expect(rest).toEqual({ items: [expect.objectContaining({ name: "attic" })] });
    await client.room.delete("livekit:hall");
    await client.room.delete("livekit:hall");
    expect(await client.room.find("livekit:hall")).toBeUndefined();
    expect(await failure(client.room.get("livekit:hall"))).toMatchObject({ code: "NOT_FOUND" });
  });

  it.each(["...", "a/b", "what?#%", "ü né", "livekit:odd"])("a room called %s is itself", async (name) => {
    const { client } = await coreGatewayWith();
    await client.room.create({ name: "other" });
    await client.room.create({ name });
    expect(await client.room.get(`livekit:${name}`)).toMatchObject({ name });
    await client.room.delete(`livekit:${name}`);
    expect((await client.room.list()).items.map((room) => room.name)).toEqual(["other"]);
  });

  it.each(["", ".", ".."])(
    "a room asked for as %j is rejected before it could be another address",
    async (name) => {
      const { client, gateway } = await coreGatewayWith();
      expect(await failure(client.room.get(name))).toMatchObject({ code: "INVALID_ARGUMENT" });
      expect(gateway.calls).toEqual([]);
    },
  );

  it("a declared room is sent with its tag, and to stay", async () => {
    const { client, gateway, bodies } = await coreGatewayWith();
    const room = await client.room.create({ name: "hall", metadata: { team: "core" } }, { owner: OWNER });
    expect(bodies()[0]).toMatchObject({
      ...{ empty_timeout_s: MAX_TIMEOUT, metadata: { team: "core", $owner: OWNER } },
    });
    expect(room).toMatchObject({ owner: OWNER, metadata: { team: "core" }, emptyTimeoutSeconds: NEVER });
    expect(await client.room.find("livekit:hall")).toMatchObject({
      owner: OWNER,
      metadata: { team: "core" },
    });
    expect(gateway.world.rooms.get("hall")?.metadata).toEqual({ team: "core", $owner: OWNER });
  });

  it("each create has a key of its own", async () => {
    const { client, bodies } = await coreGatewayWith();
    await client.room.create({ name: "hall" });
    await client.room.create({ name: "hall" });
    const keys = bodies().map((body) => body["idempotency_key"]);
    expect(new Set(keys).size).toBe(2);
  });

  it("what is wrong is reported before any call, all at once", async () => {
    const { client, gateway } = await coreGatewayWith();
    const error = await failure(client.room.create({ name: "", maxParticipants: 0 }));
    expect(error.issues?.map(({ path }) => path)).toEqual(["maxParticipants", "name"]);
    expect(gateway.calls).toEqual([]);
  });

  it("a token, participants and a recording are had as anywhere", async () => {
    const { client, gateway, bodies } = await coreGatewayWith();
    const room = await client.room.create({ name: "hall" });
    gateway.world.room("hall").participants.push("alice");
    const access = await client.token.issue({ room, identity: "bob", ttlSeconds: 60 });
    expect(access).toMatchObject({ token: "jwt-for-bob", room: "livekit:hall", identity: "bob" });
    expect(Date.parse(access.expiresAt) - Date.now(), "as it was asked for").toBeLessThanOrEqual(60_000);
    expect(bodies().at(-1)).toMatchObject({
      room: "livekit:hall",
      ttl_s: 60,
      can_publish: true,
      is_admin: false,
    });
    const { items } = await client.participant.list("hall");
    expect(items).toEqual([{ identity: "alice", joinedAt: "2023-11-14T22:13:20.000Z" }]);
    await client.participant.kick({ room: "livekit:hall", identity: "alice" });
    expect(await failure(client.participant.kick({ room: "hall", identity: "alice" }))).toMatchObject({
      code: "NOT_FOUND",
    });
    const started = await client.recording.start({ room: "hall", audioOnly: true, outputUri: "s3://acme/" });
    expect(started).toMatchObject({ room: "livekit:hall", status: "starting", layout: "grid" });
    expect(bodies().at(-1)).toMatchObject({ output_uri: "s3://acme/", audio_only: true });
    expect(await client.recording.stop(started.recording)).toMatchObject({ status: "ending" });
    expect(await client.recording.stop("livekit:EG_forgotten")).toBeUndefined();
  });

  it.each(["room.update", "recording.get", "recording.list", "recording.update"] as const)(
    "%s, which it does not have, is UNSUPPORTED, and asked for once",
    async (name) => {
      const { client, gateway } = await coreGatewayWith();
      const attempts = {
        "room.update": () => client.room.update("livekit:hall", { metadata: {} }),
        "recording.get": () => client.recording.get("livekit:EG_1"),
        "recording.list": () => client.recording.list(),
        "recording.update": () => client.recording.update("livekit:EG_1", { layout: "grid" }),
      };
      for (const _ of [1, 2]) {
        const error = await failure(attempts[name]());
        expect(error).toMatchObject({ code: "UNSUPPORTED", operation: `rtc.${name}` });
        expect(error.message).toContain(`does not advertise rtc.${name}`);
      }
      const paths = new Set(gateway.calls.map(({ path }) => path));
      expect([...paths].every((path) => path.startsWith("/v1/discovery/"))).toBe(true);
      expect(gateway.calls.filter(({ path }) => path.endsWith(name))).toHaveLength(1);
    },
  );

  it("discovers what it can do; no vendor can do what it does not list", async () => {
    const { client } = await coreGatewayWith();
    expect(await client.discover("rtc.room.create")).toEqual({
      capability: "rtc.room.create",
      vendors: [{ vendor: "livekit", available: true }],
    });
    const { vendors } = await client.discover("rtc.room.update");
    expect(vendors.some(({ available }) => available)).toBe(false);
  });

  it("an outage is not taken for what it does not have", async () => {
    const { client, gateway } = await coreGatewayWith();
    gateway.faults.plan({ kind: "answer", status: 500, body: "" });
    expect(await failure(client.recording.get("livekit:EG_1"))).toMatchObject({ code: "INTERNAL" });
    gateway.faults.clear();
    expect(await failure(client.recording.get("livekit:EG_1"))).toMatchObject({ code: "UNSUPPORTED" });
  });

  it("Unix seconds, envelopes, and what is left out are understood", async () => {
    const silentOn = [
      "max_participants",
      "empty_timeout_s",
      "departure_timeout_s",
      "num_participants",
      "metadata",
    ];
    const { client, gateway } = await coreGatewayWith({ unixTimes: true, wrapped: true, silentOn });
    const made = await client.room.create({ name: "hall", maxParticipants: 5 }, { owner: OWNER });
    expect(made, "it is as it was asked for").toMatchObject({
      maxParticipants: 5,
      owner: OWNER,
      metadata: {},
    });
    expect(made).not.toHaveProperty("untold");
    gateway.world.room("hall").participants.push("alice", "bob");
    const found = await client.room.get("hall");
    expect(found.numParticipants, "participants are counted then").toBe(2);
    expect(found.createdAt).toMatch(/^20\d\d-\d\d-\d\dT[\d:.]+Z$/);
    expect(found).toMatchObject({ maxParticipants: null, metadata: null });
    expect(found.untold).toEqual(
      expect.arrayContaining([
        "maxParticipants",
        "emptyTimeoutSeconds",
        "departureTimeoutSeconds",
        "metadata",
      ]),
    );
    const { items } = await client.participant.list("hall");
    expect(items[0]?.joinedAt).toBe("2023-11-14T22:13:20.000Z");
  });
});

describe("without a call, a client of a gateway", () => {
  const endpoint = "https://rtc.example/base";
  const client = remoteClient({ endpoint: `${endpoint}/`, apiKey: KEY });

  it("leaves the vendor to the gateway, and rejects what a vendor never can", () => {
    expect(client.route({ needs: ["rtc.room.create"], name: "hall", region: "eu" })).toBeUndefined();
    expect(client.route({ needs: ["rtc.room.create"], vendor: "agora", name: "hall" })).toBe("agora");
    expect(client.route({ needs: ["rtc.room.create"], vendor: "unheard-of" })).toBe("unheard-of");
    const record = () => client.route({ needs: ["rtc.recording.start"], vendor: "agora" });
    expect(record).toThrow(/^agora: cannot rtc.recording.start/);
    const named = () => client.route({ needs: ["rtc.room.create"], vendor: "zego", name: "x".repeat(200) });
    expect(named).toThrow("zego: cannot carry the name");
    expect(client.explainRoute({ needs: ["rtc.recording.start"] }).candidates.slice(0, 3)).toMatchObject([
      { vendor: "livekit", fits: true },
      { vendor: "agora", fits: false, code: "UNSUPPORTED" },
      { vendor: "zego", fits: false, code: "UNSUPPORTED" },
    ]);
  });

  it("has the traits of each vendor, and takes an unknown one to have persistent rooms", () => {
    expect(client.traits("livekit")).toMatchObject({ keepsRooms: true, changesInPlace: ["metadata"] });
    expect(client.traits("agora").keepsRooms).toBe(false);
    expect(client.traits("unheard-of")).toMatchObject({ keepsRooms: true, changesInPlace: ["metadata"] });
    expect(client.roomWarnings("agora", { maxParticipants: 5 })).toHaveLength(1);
    expect(client.roomWarnings("unheard-of", { maxParticipants: 5 })).toEqual([]);
  });

  it("has one address for all rooms, normalised", () => {
    expect(client.endpoint("livekit:hall")).toBe(endpoint);
    expect(client.endpoint("hall")).toBe(endpoint);
    expect(client.roomId("hall")).toBe("hall");
  });

  it("reports which key is missing", async () => {
    const keyless = remoteClient({ endpoint });
    const why = `the gateway ${endpoint} needs a key: set rtc:apiKey (or RTC_API_KEY)`;
    expect(() => keyless.route({ needs: ["rtc.room.create"] })).toThrow(why);
    expect(await failure(keyless.room.list())).toMatchObject({ code: "NOT_CONFIGURED", message: why });
    const hosted = remoteClient({ endpoint: "https://api.infrai.cc" });
    expect((await failure(hosted.room.list())).message).toContain("(or RTC_API_KEY, INFRAI_API_KEY)");
  });

  it("is what newClient makes where an endpoint is configured, whatever else is", () => {
    const made = newClient({
      endpoint,
      apiKey: KEY,
      livekitUrl: "wss://live.example",
      livekitApiSecret: "hush",
    });
    expect(made.endpoint("livekit:hall")).toBe(endpoint);
    expect(made.redact(`${KEY} hush`)).toBe("[redacted] [redacted]");
  });
});

it("What a gateway warns of is reported in the words of this side", async () => {
  const { client, gateway } = await coreGatewayWith();
  const body = {
    token: "t",
    warnings: [
      "can_publish is not enforced",
      "see https://docs.example/can_publish\nINVALID: \u001b[2Jforged",
    ],
  };
  gateway.faults.plan({ kind: "answer", status: 200, body });
  expect((await client.token.issue({ room: "livekit:hall", identity: "alice" })).warnings).toEqual([
    "canPublish is not enforced",
    "see https://docs.example/can_publish\\u{a}INVALID: \\u{1b}[2Jforged",
  ]);
});

describe("a token for a room's record", () => {
  it("carries its settings where the gateway takes them, and warns where it does not, asked for once", async () => {
    const { client, gateway, bodies } = await coreGatewayWith();
    const limited = await client.room.create({ name: "hall", maxParticipants: 5 });
    const first = await client.token.issue({ room: limited, identity: "alice" });
    expect(first.warnings?.join()).toContain("accepts no settings for a token");
    await client.token.issue({ room: limited, identity: "bob" });
    const rooms = bodies().flatMap((body) => ("identity" in body ? [body["room"]] : []));
    expect(rooms).toEqual([expect.objectContaining({ max_participants: 5 }), "livekit:hall", "livekit:hall"]);
    expect(gateway.calls.filter(({ api }) => api === "token.issue")).toHaveLength(3);
    const plain = await client.token.issue({ room: "livekit:hall", identity: "carol" });
    expect(plain).not.toHaveProperty("warnings");
  });
});
