import { randomBytes } from "node:crypto";
import type { RtcConfig } from "../../src/client/config.ts";
import { openAccessToken2 } from "../emulators/access-token2.ts";
import { agoraAnswers, startAgora } from "../emulators/agora.ts";
import type { Fault as Answer } from "../emulators/faults.ts";
import type { Fault } from "./memory.ts";
import { type Nature, type Running, recordSubject, type Variant } from "./record-world.ts";
import type { Subject } from "./suite.ts";
import type { Grants } from "./world.ts";

const id = () => randomBytes(16).toString("hex");

/** What Agora is like: a channel is there while participants are in it, and its server API addresses them by integer uids. */
export const agoraNature: Nature = {
  vendor: "agora",
  lacks: { agents: "Agora does not distinguish agents from participants" },
  tokenGrants: new Set(["canPublishData"]),
  pageOfRooms: 500,
  elsewhere: (own) => ({ ...own, agoraAppId: id() }),
  stranger: (own) => ({ ...own, agoraAppCertificate: id(), agoraCustomerSecret: id() }),
  read: (token, { agoraAppCertificate = "" }) => grantsOf(token, agoraAppCertificate),
  secrets: ({ agoraAppCertificate, agoraCustomerId, agoraCustomerSecret }) => [
    ...[agoraAppCertificate, agoraCustomerId, agoraCustomerSecret].filter((secret) => secret !== undefined),
    Buffer.from(`${agoraCustomerId}:${agoraCustomerSecret}`).toString("base64"),
  ],
};

/** Agora's stand-in as a subject of the suite. */
export function agoraSubject(variant?: Variant): Subject {
  return recordSubject(agoraNature, start, configFor("http://127.0.0.1:1"), variant);
}

function configFor(agoraBaseUrl: string) {
  const keys = {
    agoraAppId: id(),
    agoraAppCertificate: id(),
    agoraCustomerId: id(),
    agoraCustomerSecret: id(),
  };
  return { ...keys, agoraBaseUrl } satisfies RtcConfig;
}

async function start(): Promise<Running> {
  const keys = configFor("");
  const server = await startAgora({
    appId: keys.agoraAppId,
    appCertificate: keys.agoraAppCertificate,
    customerId: keys.agoraCustomerId,
    customerSecret: keys.agoraCustomerSecret,
  });
  const config = { ...keys, agoraBaseUrl: server.url };
  return {
    config,
    calls: () => server.calls.length,
    stop: server.stop,
    participants: {
      alice: "1001",
      bob: "1002",
      join: async (token, room) => {
        if (room === undefined) return left(server.joinWith(token));
        const { uid } = openAccessToken2(token, keys.agoraAppCertificate);
        return left(server.join(room, { uid: Number(uid) }, { token }));
      },
      in: async (room) => server.participants(room).map(String),
    },
    faults: {
      break: (fault) => {
        server.faults.clear();
        server.faults.plan(answerTo(fault, config));
      },
      repair: () => server.faults.clear(),
    },
  };
}

function left(guest: { leave(): void }): () => Promise<void> {
  return async () => guest.leave();
}

/** What Agora, or something in front of it, answers when it fails; what it quotes it should not. */
function answerTo(fault: Fault, config: RtcConfig): Answer {
  const quoted = agoraNature.secrets(config).join(", ");
  const answers: Record<Fault, Answer> = {
    denied: agoraAnswers(401, `these are not known: ${quoted}`),
    throttled: agoraAnswers(429, `slow down, ${quoted}`),
    broken: agoraAnswers(500, `something broke for ${quoted}`),
    garbled: { kind: "answer", status: 200, body: '{"success":true,"data":{"chan' },
    unreachable: { kind: "reset" },
    misdirected: { kind: "answer", status: 404, body: "<html><h1>404 Not Found</h1></html>" },
  };
  return answers[fault];
}

function grantsOf(token: string, certificate: string): Grants {
  const { channel, uid, issuedAt, expire, privileges } = openAccessToken2(token, certificate);
  const { join, audio, video, data, ...more } = privileges;
  const isOdd = [join, audio, video, data].some((until) => until !== undefined && until !== expire);
  if (join === undefined) throw new Error("The token is not for joining.");
  return {
    room: channel,
    identity: uid,
    displayName: null,
    metadata: null,
    canPublish: audio !== undefined && video !== undefined,
    canSubscribe: true,
    canPublishData: data !== undefined,
    isAdmin: false,
    more: [
      ...Object.keys(more),
      ...((audio === undefined) === (video === undefined) ? [] : ["only one of audio and video"]),
      ...(isOdd ? ["something for longer, or shorter, than the token"] : []),
    ],
    expiresAt: new Date((issuedAt + expire) * 1_000).toISOString(),
  };
}
