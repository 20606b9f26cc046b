import { createClient, type RtcClient, type TokenInput } from "pulumi-rtc";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { join } from "../support/participants.ts";

let server: LivekitServer;
let client: RtcClient;
beforeAll(async () => {
  server = await startLivekit();
  const { url: livekitUrl, apiKey: livekitApiKey, apiSecret: livekitApiSecret } = server;
  client = createClient({ livekitUrl, livekitApiKey, livekitApiSecret });
});

const http = () => server.url.replace("ws:", "http:");

async function issue(input: TokenInput): Promise<string> {
  return (await client.token.issue(input)).token;
}

/** The server's answer to a token, without a join: 200 or 401. */
async function judged(token: string): Promise<number> {
  const { status } = await fetch(`${http()}/rtc/validate?access_token=${token}`);
  return status;
}

/** Whether the server lets the holder of a token manage a room. */
async function mayManage(token: string, room: string): Promise<boolean> {
  const { ok } = await fetch(`${http()}/twirp/livekit.RoomService/ListParticipants`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ room }),
  });
  return ok;
}

async function permissionOf(room: string, identity: string) {
  const participants = await server.service.listParticipants(room);
  return participants.find((person) => person.identity === identity)?.permission;
}

describe("a token", () => {
  test("lets its holder into its room, under its identity and name", async () => {
    await client.room.create({ name: "here" });
    await client.room.create({ name: "there" });
    const metadata = { seat: 4 };
    const token = await issue({ room: "here", identity: "alice", displayName: "Alice", metadata });

    const alice = await join(server.url, token);

    expect(alice.room.name).toBe("here");
    const [person] = await server.service.listParticipants("here");
    expect(person).toMatchObject({ identity: "alice", name: "Alice", metadata: JSON.stringify(metadata) });
    expect(await server.service.listParticipants("there")).toEqual([]);
  });

  test.each(["sub", "room"])("is rejected with a changed %s", async (claim) => {
    const token = await issue({ room: "here", identity: "alice" });
    const [header, payload = "", signature] = token.split(".");
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
    if (claim === "room") claims.video.room = "there";
    else claims.sub = "mallory";
    const changed = Buffer.from(JSON.stringify(claims)).toString("base64url");

    expect(await judged(token)).toBe(200);
    expect(await judged(`${header}.${changed}.${signature}`)).toBe(401);
  });

  test("is rejected by a server with another secret", async () => {
    const { url: livekitUrl, apiKey: livekitApiKey } = server;
    const stranger = createClient({ livekitUrl, livekitApiKey, livekitApiSecret: "s".repeat(43) });
    expect(await judged((await stranger.token.issue({ room: "here", identity: "alice" })).token)).toBe(401);
  });
});

describe("the life of a token", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A token that was issued an hour ago. */
  async function issuedAnHourAgo(ttlSeconds: number): Promise<string> {
    vi.useFakeTimers({ now: Date.now() - 3_600_000, toFake: ["Date"] });
    const token = await issue({ room: "here", identity: "alice", ttlSeconds });
    vi.useRealTimers();
    return token;
  }

  test("ends when its time is over", async () => {
    expect(await judged(await issuedAnHourAgo(3_600 + 60))).toBe(200);
    // The server forgives a minute.
    expect(await judged(await issuedAnHourAgo(3_600 - 90))).toBe(401);
    expect(await judged(await issuedAnHourAgo(1))).toBe(401);
  });
});

describe("the permissions of a token", () => {
  const everything = { canPublish: true, canSubscribe: true, canPublishData: true };

  test.each([
    {},
    { canPublish: false },
    { canSubscribe: false },
    { canPublishData: false },
    { canPublish: false, canSubscribe: false, canPublishData: false },
    { isAdmin: true },
  ])("are those that were asked for and no others: %j", async (asked) => {
    const identity = JSON.stringify(asked);
    await join(server.url, await issue({ room: "permitted", identity, ...asked }));

    const { isAdmin, ...expected } = { isAdmin: false, ...everything, ...asked };
    expect(await permissionOf("permitted", identity)).toMatchObject({
      ...expected,
      canPublishSources: [],
      canUpdateMetadata: false,
      hidden: false,
      recorder: false,
      agent: false,
    });
  });

  test("to manage reach as far as the room of the token", async () => {
    await client.room.create({ name: "mine" });
    await client.room.create({ name: "yours" });
    const admin = await issue({ room: "mine", identity: "alice", isAdmin: true });
    const guest = await issue({ room: "mine", identity: "bob" });

    expect(await mayManage(admin, "mine")).toBe(true);
    expect(await mayManage(admin, "yours")).toBe(false);
    expect(await mayManage(guest, "mine")).toBe(false);
  });

  test("are enforced: no track, no data and no subscription without the right to it", async () => {
    const room = await client.room.create({ name: "stage" });
    const speaker = await join(server.url, await issue({ room, identity: "speaker" }));
    const mute = await join(server.url, await issue({ room, identity: "mute", canPublish: false }));
    const silent = await join(server.url, await issue({ room, identity: "silent", canPublishData: false }));
    const deaf = await join(server.url, await issue({ room, identity: "deaf", canSubscribe: false }));
    const heard: (string | undefined)[] = [];
    mute.room.on("dataReceived", (_data, sender) => heard.push(sender?.identity));
    const tracksOf = (listener: typeof mute, identity: string) =>
      [...(listener.room.remoteParticipants.get(identity)?.trackPublications.values() ?? [])].map(
        ({ subscribed }) => subscribed,
      );

    const rejected = expect(mute.publishAudio()).rejects.toThrow("publication timed out");
    await speaker.publishAudio();
    const data = new TextEncoder().encode("hello");
    await silent.room.localParticipant?.publishData(data, { reliable: true });
    await speaker.room.localParticipant?.publishData(data, { reliable: true });

    await expect.poll(() => tracksOf(mute, "speaker")).toEqual([true]);
    await expect.poll(() => heard).toEqual(["speaker"]);
    await rejected;
    expect(tracksOf(deaf, "speaker")).toEqual([false]);
    expect(tracksOf(speaker, "mute")).toEqual([]);
    expect(heard).toEqual(["speaker"]);
  });
});

// That the resource makes a room with this limit: lifecycle.test.ts.
test("a room lets no more participants in than its limit", async () => {
  await client.room.create({ name: "duo", maxParticipants: 2 });
  const enter = async (identity: string) => join(server.url, await issue({ room: "duo", identity }));
  const alice = await enter("alice");
  await enter("bob");

  await expect(enter("carol")).rejects.toThrow();
  expect(await server.service.listParticipants("duo")).toHaveLength(2);
  await alice.leave();
  await expect.poll(() => server.service.listParticipants("duo")).toHaveLength(1);
  await enter("carol");

  expect((await client.room.get("duo")).numParticipants).toBe(2);
});
