import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { localClient } from "../../../src/client/local.ts";
import { NEVER, type RoomSettings } from "../../../src/contract/index.ts";
import type { TokenInput } from "../../../src/contract/types.ts";
import { API_KEY, API_SECRET } from "./fixture.ts";

const client = localClient({
  livekitUrl: "ws://127.0.0.1:1",
  livekitApiKey: API_KEY,
  livekitApiSecret: API_SECRET,
});

const record: RoomSettings = {
  room: "livekit:hall",
  maxParticipants: 12,
  emptyTimeoutSeconds: 600,
  departureTimeoutSeconds: 60,
  metadata: { team: "core" },
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-01-02T03:04:05.678Z") });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a LiveKit token", () => {
  // Made by a few lines of Python, not by this code.
  it("is this one, for this input at this time", async () => {
    const issued = await client.token.issue({ room: record, identity: "alice" });
    expect(issued).toEqual({
      token:
        "eyJhbGciOiJIUzI1NiJ9.eyJ2aWRlbyI6eyJyb29tSm9pbiI6dHJ1ZSwicm9vbSI6ImhhbGwiLCJjYW5QdWJsaXNoIjp0cnVlLCJjYW5TdWJzY3JpYmUiOnRydWUsImNhblB1Ymxpc2hEYXRhIjp0cnVlfSwicm9vbUNvbmZpZyI6eyJtYXhQYXJ0aWNpcGFudHMiOjEyLCJlbXB0eVRpbWVvdXQiOjYwMCwiZGVwYXJ0dXJlVGltZW91dCI6NjAsIm1ldGFkYXRhIjoie1widGVhbVwiOlwiY29yZVwifSJ9LCJpc3MiOiJBUEljYW5hcnkxMjM0IiwiZXhwIjoxNzY3MzI2NjQ1LCJuYmYiOjE3NjczMjMwNDUsInN1YiI6ImFsaWNlIn0.kLXY1za-_PXMSQVSgP6-V-iMkAp1gakFCZBUKRBYluU",
      room: "livekit:hall",
      identity: "alice",
      expiresAt: "2026-01-02T04:04:05.000Z",
      serverUrl: "ws://127.0.0.1:1",
    });
  });

  it("that is signed while the second changes expires when the token itself reports it", async () => {
    const now = Date.now();
    const clock = vi
      .spyOn(Date, "now")
      .mockReturnValueOnce(now)
      .mockReturnValue(now + 1_000);
    const { token, expiresAt } = await client.token.issue({ room: record, identity: "alice" });
    expect(clock).toHaveBeenCalledTimes(2);
    clock.mockRestore();
    expect(decoded(token.split(".")[1])).toMatchObject({ exp: Date.parse(expiresAt) / 1_000 });
  });

  it("is signed with the secret, and claims exactly what was asked for", async () => {
    const { token } = await client.token.issue({
      room: {
        ...record,
        maxParticipants: null,
        metadata: null,
        emptyTimeoutSeconds: null,
        departureTimeoutSeconds: null,
      },
      identity: "älice",
      displayName: "Älice",
      ttlSeconds: 90,
      canPublish: false,
      canSubscribe: true,
      canPublishData: false,
      isAdmin: true,
      metadata: { seat: 1 },
    });
    const [header, payload, signature] = token.split(".");
    expect(signature).toBe(
      createHmac("sha256", API_SECRET).update(`${header}.${payload}`).digest("base64url"),
    );
    expect(decoded(header)).toEqual({ alg: "HS256" });
    expect(decoded(payload)).toEqual({
      iss: API_KEY,
      sub: "älice",
      nbf: 1_767_323_045,
      exp: 1_767_323_135,
      name: "Älice",
      metadata: '{"seat":1}',
      video: {
        roomJoin: true,
        room: "hall",
        canPublish: false,
        canSubscribe: true,
        canPublishData: false,
        roomAdmin: true,
      },
    });
  });

  it("reports nothing of managing the room unless that was asked for", async () => {
    expect((await claims({ room: record })).video).toEqual({
      roomJoin: true,
      room: "hall",
      canPublish: true,
      canSubscribe: true,
      canPublishData: true,
    });
  });

  it("is for the room's own region, and reports it", async () => {
    const eu = { url: "ws://127.0.0.1:2", apiKey: "eu-key", apiSecret: "eu-secret" };
    const regional = localClient({ livekitRegions: { eu } });
    const { token, room } = await regional.token.issue({ room: "livekit@eu:hall", identity: "alice" });
    expect(room).toBe("livekit@eu:hall");
    expect(decoded(token.split(".")[1])).toMatchObject({ iss: "eu-key", video: { room: "hall" } });
  });
});

describe("the settings with which a join recreates the room", () => {
  it("are those of the record, as older servers return them", async () => {
    expect((await claims({ room: record })).roomConfig).toEqual({
      maxParticipants: 12,
      emptyTimeout: 600,
      departureTimeout: 60,
      metadata: '{"team":"core"}',
    });
  });

  it("are never the endless timeout: a room that a stale token brings back dies by itself", async () => {
    const lasting = { ...record, emptyTimeoutSeconds: NEVER, departureTimeoutSeconds: NEVER };
    expect((await claims({ room: lasting })).roomConfig).toEqual({
      maxParticipants: 12,
      metadata: '{"team":"core"}',
    });
  });

  it("are left out where there are none", async () => {
    const bare = {
      room: "livekit:hall",
      maxParticipants: null,
      metadata: {},
      emptyTimeoutSeconds: NEVER,
      departureTimeoutSeconds: null,
    };
    const { token, warnings } = await client.token.issue({ room: bare, identity: "alice" });
    expect(decoded(token.split(".")[1])).not.toHaveProperty("roomConfig");
    expect(warnings).toBeUndefined();
  });

  it("hold nothing but the settings, whatever the record holds", async () => {
    const full = { ...record, owner: "abc-def", sid: "RM_1", name: "other", egress: { room: {} } };
    expect(await claims({ room: full })).toEqual(await claims({ room: record }));
  });

  it("hold no ownership tag, whatever the record holds", async () => {
    const tagged = { ...record, metadata: { ...record.metadata, $owner: "6fb62d6da514-79acfd58658e" } };
    expect((await claims({ room: tagged })).roomConfig).toMatchObject({ metadata: '{"team":"core"}' });
  });

  it("hold metadata up to 4 KB, above that none, with a warning", async () => {
    const metadataOf = (bytes: number) => ({ a: "x".repeat(bytes - 8) });
    const fits = await client.token.issue({
      room: { ...record, metadata: metadataOf(4_096) },
      identity: "alice",
    });
    expect(fits.warnings).toBeUndefined();
    const large = { ...record, metadata: metadataOf(4_097) };
    const { token, warnings } = await client.token.issue({ room: large, identity: "alice" });
    expect(warnings).toEqual([expect.stringContaining("longer than 4096 bytes and is left out")]);
    expect(decoded(token.split(".")[1])).toMatchObject({
      roomConfig: { maxParticipants: 12, emptyTimeout: 600, departureTimeout: 60 },
    });
    expect(token.length).toBeLessThan(1_000);
  });

  it("are not known by a bare name or an id, which the answer reports", async () => {
    for (const room of ["hall", "livekit:hall"]) {
      const { token, warnings } = await client.token.issue({ room, identity: "alice" });
      expect(warnings).toEqual([expect.stringContaining("carries only the name of room hall")]);
      expect(decoded(token.split(".")[1])).not.toHaveProperty("roomConfig");
    }
  });

  it("are those of a declaration, whose one timeout means both", async () => {
    const declared = { room: "livekit:hall", emptyTimeoutSeconds: 600 };
    expect((await claims({ room: declared })).roomConfig).toEqual({
      emptyTimeout: 600,
      departureTimeout: 600,
    });
  });

  it("may be partly known, in a JavaScript program", async () => {
    const half = { room: "livekit:hall", maxParticipants: 5 } as RoomSettings;
    expect((await claims({ room: half })).roomConfig).toEqual({ maxParticipants: 5 });
  });
});

interface Claims {
  video: object;
  roomConfig?: object;
}

async function claims(input: Pick<TokenInput, "room">): Promise<Claims> {
  const { token } = await client.token.issue({ identity: "alice", ...input });
  return decoded(token.split(".")[1]) as Claims;
}

function decoded(part = ""): object {
  return JSON.parse(Buffer.from(part, "base64url").toString());
}
