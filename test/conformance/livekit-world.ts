import { localClient } from "../../src/client/local.ts";
import { everyVendor } from "../../src/client/vendors.ts";
import { STATUSES } from "../../src/contract/index.ts";
import { type Clock, systemClock } from "../../src/support/clock.ts";
import type { LivekitServer } from "../support/livekit.ts";
import { join } from "../support/participants.ts";
import { type Fault as Answer, startProxy } from "../support/proxy.ts";
import { joinAsAgent } from "../support/tokens.ts";
import { clientsOf, freshName } from "./clients.ts";
import { LIVEKIT_TOKENS_SAY, livekitGrants } from "./livekit-grants.ts";
import type { Fault } from "./memory.ts";
import type { Subject } from "./suite.ts";
import type { Parts, World } from "./world.ts";

/** The kind of a participant that is a person, in LiveKit's API. */
const STANDARD = 0;

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

/** A LiveKit server without any of our code in between: one of the test's own, or a real account. */
export type LivekitAccount = Pick<LivekitServer, "url" | "apiKey" | "apiSecret" | "service" | "recordings">;

/** A real LiveKit server as a subject; the proxy between counts calls and breaks them. */
export function livekitSubject(server: () => LivekitServer): Subject {
  const keys = {
    ...{ livekitUrl: "ws://127.0.0.1:1", livekitApiKey: "key", livekitApiSecret: "secret" },
    livekitCustomTemplate: true,
  };
  return { vendor: "livekit", client: localClient(keys), lacks: {}, open: () => livekitWorld(server()) };
}

async function livekitWorld(server: LivekitServer): Promise<World> {
  const [proxy, elsewhere] = [await startProxy(server.url), await startProxy(server.url)];
  const { apiKey, apiSecret, egress } = server;
  const own = {
    ...{ livekitUrl: proxy.url, livekitApiKey: apiKey, livekitApiSecret: apiSecret },
    // The stand-in notifies its recorders of a new layout, as for a custom template that follows it.
    livekitCustomTemplate: true,
    ...{ ...STORAGE, recordingOutput: OUTPUT },
  };
  return {
    ...clientsOf("livekit", everyVendor, {
      own,
      elsewhere: { ...own, livekitUrl: elsewhere.url },
      stranger: { ...own, livekitApiSecret: "another-accounts-secret" },
    }),
    freshName,
    calls: () => proxy.calls.length,
    secrets: [apiKey, apiSecret, "eyJ", ...Object.values(STORAGE)],
    timeoutMs: 10_000,
    tokenGrants: LIVEKIT_TOKENS_SAY,
    read: (token) => livekitGrants(token, apiSecret),
    close: async () => {
      await Promise.all([proxy.stop(), elsewhere.stop()]);
    },
    ...livekitParts(server),
    recorder: {
      clock: hurriedClock,
      outputUri: OUTPUT,
      storageKeys: Object.values(STORAGE),
      ...livekitRecordings(server),
    },
    faults: {
      break: (fault) => {
        for (const call of CALLS) proxy.fail(call, answerTo(fault, server));
      },
      repair: () => proxy.reset(),
    },
    lostAnswers: {
      loseNextAnswer: () => proxy.fail("CreateRoom", "reset", { times: 1, when: "after" }),
    },
    mishaps: {
      killRecorder: egress.killRecorder,
      forget: egress.forget,
      loseNextStart: () => proxy.fail("StartRoomCompositeEgress", "reset", { times: 1, when: "after" }),
      failStarts: (room, startFailure) => egress.faults({ room, startFailure }),
      failStorage: (room, uploadFailure) => egress.faults({ room, uploadFailure }),
    },
  };
}

/** What goes on at a server. */
export function livekitParts(server: LivekitAccount): Pick<Parts, "rooms" | "participants" | "agents"> {
  const { service, url } = server;
  return {
    rooms: {
      observe: async (name) => {
        const [room] = await service.listRooms([name]);
        if (!room) return undefined;
        return {
          maxParticipants: room.maxParticipants === 0 ? null : room.maxParticipants,
          emptyTimeoutSeconds: room.emptyTimeout,
          metadata: JSON.parse(room.metadata || "{}"),
        };
      },
      make: async (name, { maxParticipants = 0, metadata = {} } = {}) => {
        const text = Object.keys(metadata).length === 0 ? "" : JSON.stringify(metadata);
        await service.createRoom({ name, maxParticipants, metadata: text });
      },
      edit: async (name, metadata) => {
        await service.updateRoomMetadata(name, JSON.stringify(metadata));
      },
      lose: (name) => service.deleteRoom(name),
    },
    participants: {
      alice: "alice",
      bob: "bob",
      // The token alone names the room.
      join: async (token) => (await join(url, token)).leave,
      in: async (room) => {
        const inside = await service.listParticipants(room);
        return inside.filter(({ kind }) => kind === STANDARD).map(({ identity }) => identity);
      },
    },
    agents: {
      join: async (name) => {
        await joinAsAgent(server, name);
      },
    },
  };
}

/** What a server records. */
export function livekitRecordings({
  url,
  recordings,
}: LivekitAccount): Pick<Parts["recorder"], "list" | "publish"> {
  return {
    list: async (roomName) => {
      const all = await recordings.listEgress({ roomName });
      all.sort((a, b) => Number(a.startedAt - b.startedAt));
      return all.map(({ egressId: id, status }) => ({ id, status: STATUSES[status] ?? "failed" }));
    },
    publish: async (token) => {
      const person = await join(url, token);
      await person.publishAudio();
      return person.leave;
    },
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
    misdirected: {
      status: 404,
      body: "<html><h1>404 Not Found</h1></html>",
      headers: { "content-type": "text/html" },
    },
  };
  return answers[fault];
}
