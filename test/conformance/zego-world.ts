import { randomBytes, randomInt } from "node:crypto";
import type { Fault as Answer } from "../emulators/faults.ts";
import { openToken04 } from "../emulators/token04.ts";
import { startZego } from "../emulators/zego.ts";
import type { Fault } from "./memory.ts";
import { type Nature, type Running, recordSubject, type Variant } from "./record-world.ts";
import type { Subject } from "./suite.ts";
import type { Grants } from "./world.ts";

const secret = () => randomBytes(16).toString("hex");
const id = () => randomInt(1, 2 ** 32);

/** What Zego is like: a room is there while participants are in it, and its tokens say whether to publish, and no more. */
export const zegoNature: Nature = {
  vendor: "zego",
  lacks: {},
  tokenGrants: new Set(),
  elsewhere: (own) => ({ ...own, zegoAppId: id() }),
  stranger: (own) => ({ ...own, zegoServerSecret: secret() }),
  read: (token, { zegoServerSecret = "" }) => grantsOf(token, zegoServerSecret),
  secrets: ({ zegoServerSecret = "" }) => [zegoServerSecret],
};

/** Zego's stand-in as a subject of the suite. */
export function zegoSubject(variant?: Variant): Subject {
  return recordSubject(zegoNature, start, { zegoAppId: id(), zegoServerSecret: secret() }, variant);
}

async function start(): Promise<Running> {
  const [appId, serverSecret] = [id(), secret()];
  const server = await startZego({ appId, serverSecret });
  return {
    config: { zegoAppId: appId, zegoServerSecret: serverSecret, zegoBaseUrl: server.url },
    calls: () => server.calls.length,
    stop: server.stop,
    participants: {
      alice: "alice",
      bob: "bob",
      join: async (token, room) => {
        const user =
          room === undefined
            ? server.joinWith(token)
            : server.join(room, openToken04(token, serverSecret).userId, { token });
        return async () => user.leave();
      },
      in: async (room) => server.participants(room),
    },
    agents: {
      join: async (room) => void server.join(room, "recorder", { role: "admin" }),
    },
    faults: {
      break: (fault) => {
        server.faults.clear();
        server.faults.plan(answerTo(fault, serverSecret));
      },
      repair: () => server.faults.clear(),
    },
  };
}

/** What Zego, or something in front of it, answers when it fails; what it quotes it should not. */
function answerTo(fault: Fault, serverSecret: string): Answer {
  const rejection = (Code: number): Answer => ({
    kind: "answer",
    status: 200,
    body: { Code, Message: `this went wrong with ${serverSecret}`, RequestId: "1" },
  });
  const answers: Record<Fault, Answer> = {
    denied: rejection(100000005),
    throttled: rejection(206),
    broken: { kind: "answer", status: 500, body: `something broke for ${serverSecret}` },
    garbled: { kind: "answer", status: 200, body: '{"Code":0,"Mess' },
    unreachable: { kind: "reset" },
    misdirected: { kind: "answer", status: 404, body: "<html><h1>404 Not Found</h1></html>" },
  };
  return answers[fault];
}

function grantsOf(token: string, serverSecret: string): Grants {
  const { userId, expiresAt, binding } = openToken04(token, serverSecret);
  if (binding !== null && !binding.login) throw new Error("The token is not for logging in.");
  return {
    room: binding?.room ?? "",
    identity: userId,
    displayName: null,
    metadata: null,
    canPublish: binding?.publish ?? true,
    canSubscribe: true,
    canPublishData: binding?.publish ?? true,
    isAdmin: false,
    more: binding === null ? ["every room"] : [],
    expiresAt: new Date(expiresAt * 1_000).toISOString(),
  };
}
