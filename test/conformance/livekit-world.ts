import { createHmac } from "node:crypto";
import { localClient } from "../../src/client/local.ts";
import { type JsonObject, STATUSES } from "../../src/contract/index.ts";
import { type Clock, systemClock } from "../../src/support/clock.ts";
import { registry } from "../../src/vendors/registry.ts";
import type { LivekitServer } from "../support/livekit.ts";
import { join } from "../support/people.ts";
import { type Fault as Answer, type Proxy as ServerProxy, startProxy } from "../support/proxy.ts";
import { joinAsAgent } from "../support/tokens.ts";
import type { Fault } from "./memory.ts";
import type { Grants, RecordingWorld, World } from "./world.ts";

const CALLS = [
  "CreateRoom",
  "ListRooms",
  "UpdateRoomMetadata",
  "DeleteRoom",
  "ListParticipants",
  "RemoveParticipant",
  "StartRoomCompositeEgress",
  "ListEgress",
  "StopEgress",
  "UpdateLayout",
];

const OUTPUT = "s3://acme/";
const STORAGE = {
  s3AccessKeyId: "canary-key-id",
  s3SecretAccessKey: "canary-secret-key",
  s3SessionToken: "canary-session",
};

/** Waits a quarter as long as it is asked to: a local server is quicker than what the times are made for. */
const hurriedClock: Clock = {
  now: () => systemClock.now() * 4,
  sleep: (milliseconds) => systemClock.sleep(milliseconds / 4),
};

let names = 0;

/** A real LiveKit server as a world; the proxy between counts calls and breaks them. */
export async function livekitWorld(server: LivekitServer): Promise<World> {
  const [proxy, elsewhere] = [await startProxy(server.url), await startProxy(server.url)];
  const connectTo = ({ url }: { url: string }) => {
    const keys = { livekitUrl: url, livekitApiKey: server.apiKey, livekitApiSecret: server.apiSecret };
    const config = { ...keys, ...STORAGE, recordingOutput: OUTPUT };
    return () => localClient(config, registry);
  };
  return {
    vendor: "livekit",
    connect: connectTo(proxy),
    connectElsewhere: connectTo(elsewhere),
    freshName: () => `room-${++names}`,
    calls: () => proxy.calls.length,
    secrets: [server.apiKey, server.apiSecret, "eyJ", ...Object.values(STORAGE)],
    patienceMs: 10_000,
    look: async (name) => {
      const [room] = await server.service.listRooms([name]);
      if (!room) return undefined;
      return {
        maxParticipants: room.maxParticipants === 0 ? null : room.maxParticipants,
        emptyTimeoutSeconds: room.emptyTimeout,
        metadata: JSON.parse(room.metadata || "{}"),
      };
    },
    make: async (name, { maxParticipants = 0, metadata = {} } = {}) => {
      const text = Object.keys(metadata).length === 0 ? "" : JSON.stringify(metadata);
      await server.service.createRoom({ name, maxParticipants, metadata: text });
    },
    edit: async (name, metadata) => {
      await server.service.updateRoomMetadata(name, JSON.stringify(metadata));
    },
    lose: (name) => server.service.deleteRoom(name),
    join: async (token) => {
      const person = await join(server.url, token);
      return person.leave;
    },
    joinAsAgent: async (name) => {
      await joinAsAgent(server, name);
    },
    read: (token) => grantsOf(token, server.apiSecret),
    break: (fault) => {
      for (const call of CALLS) proxy.fail(call, answerTo(fault, server));
    },
    mend: () => proxy.reset(),
    loseNextAnswer: () => proxy.fail("CreateRoom", "reset", { times: 1, when: "after" }),
    ...recordingWorld(server, proxy),
  };
}

function recordingWorld(server: LivekitServer, proxy: ServerProxy): RecordingWorld {
  const { egress, recordings } = server;
  return {
    clock: hurriedClock,
    outputUri: OUTPUT,
    storageKeys: Object.values(STORAGE),
    recordings: async (roomName) => {
      const all = await recordings.listEgress({ roomName });
      all.sort((a, b) => Number(a.startedAt - b.startedAt));
      return all.map(({ egressId: id, status }) => ({ id, status: STATUSES[status] ?? "failed" }));
    },
    publish: async (token) => {
      const person = await join(server.url, token);
      await person.publishAudio();
      return person.leave;
    },
    killRecorder: egress.killRecorder,
    forget: egress.forget,
    loseNextStart: () => proxy.fail("StartRoomCompositeEgress", "reset", { times: 1, when: "after" }),
    failStarts: (room, startFailure) => egress.faults({ room, startFailure }),
    failStorage: (room, uploadFailure) => egress.faults({ room, uploadFailure }),
  };
}

/** What a LiveKit server, or something in front of it, answers when it fails. */
function answerTo(fault: Fault, { apiKey, apiSecret }: LivekitServer): Answer {
  const answers: Record<Fault, Answer> = {
    // The real one quotes the token that it was sent; this one goes further.
    denied: {
      status: 401,
      body: `invalid token: eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln, key ${apiKey}, secret ${apiSecret}`,
      headers: { "content-type": "text/plain" },
    },
    throttled: { status: 429, body: { code: "resource_exhausted", msg: `slow down, ${apiKey}` } },
    broken: { status: 500, body: { code: "internal", msg: `something broke for ${apiSecret}` } },
    garbled: { status: 200, body: '{"rooms":[{"name":"stan' },
    unreachable: "reset",
  };
  return answers[fault];
}

interface Claims {
  sub?: string;
  name?: string;
  metadata?: string;
  exp?: number;
  video?: Record<string, unknown>;
}

/** Reads and verifies a LiveKit token with nothing but node:crypto. */
function grantsOf(token: string, secret: string): Grants {
  const [header = "", payload = "", signature] = token.split(".");
  const expected = createHmac("sha256", secret).update(`${header}.${payload}`).digest("base64url");
  if (signature !== expected) throw new Error("The token is not signed with the secret.");
  const claims: Claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  const { roomJoin, room, canPublish, canSubscribe, canPublishData, roomAdmin, ...more } = claims.video ?? {};
  if (roomJoin !== true) throw new Error("The token is not for joining.");
  const metadata: JsonObject | null = claims.metadata === undefined ? null : JSON.parse(claims.metadata);
  return {
    room: String(room),
    identity: claims.sub ?? "",
    displayName: claims.name ?? null,
    metadata,
    // What LiveKit finds left out, it allows.
    canPublish: canPublish !== false,
    canSubscribe: canSubscribe !== false,
    canPublishData: canPublishData !== false,
    isAdmin: roomAdmin === true,
    more: Object.keys(more),
    expiresAt: new Date((claims.exp ?? 0) * 1_000).toISOString(),
  };
}
