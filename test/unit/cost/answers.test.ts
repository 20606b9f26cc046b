import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, it } from "vitest";
import { localClient } from "../../../src/client/local.ts";
import { remoteClient } from "../../../src/client/remote.ts";
import type { RtcClient } from "../../../src/client/types.ts";
import { RtcError } from "../../../src/contract/index.ts";
import { parseManifest } from "../../../src/manifest/parse.ts";
import { account } from "../agora/fixture.ts";
import { HEAD } from "../manifest/fixture.ts";
import { growsLinearly, TIMEOUT } from "./cost.ts";

/* What vendors and other gateways answer, and what stands in manifests. */

const answer = { status: 200, text: "" };
const server = createServer((_, response) => {
  response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.text);
});
let local: RtcClient;
let remote: RtcClient;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  local = localClient({
    ...{
      livekitUrl: url,
      livekitApiKey: "canary-key",
      livekitApiSecret: "canary-secret-of-livekit-32-chars",
    },
    ...{
      ...account(),
      agoraBaseUrl: url,
      zegoAppId: 1,
      zegoServerSecret: "0123456789abcdef0123456789abcdef",
    },
    zegoBaseUrl: url,
  });
  remote = remoteClient({ endpoint: url, apiKey: "canary-key-of-the-gateway" });
});
afterAll(() => server.close());

/** A call that may fail, as every call may, with an error of the contract. */
async function survives(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (!RtcError.isInstance(error) || error.code === "INTERNAL") throw error;
  });
}

type Call = () => Promise<unknown>;
const text = JSON.stringify;
const room = (metadata: string) => text({ rooms: [{ name: "hall", sid: "RM_1", metadata }] });

/** Answers that are not tried again, since that takes its time. */
const PLACES: readonly [call: Call, status: number, body: (hostile: string) => string][] = [
  [() => local.room.list(), 400, (hostile) => text({ code: "invalid_argument", msg: hostile })],
  [() => local.room.list(), 400, (hostile) => hostile],
  [() => local.room.list(), 200, room],
  [() => local.room.list(), 200, (hostile) => room(`{"a":[${hostile}1]}`)],
  [() => local.room.list(), 200, (hostile) => room(`{"a":${text(hostile)}}`)],
  [() => local.participant.list("agora:hall"), 400, (hostile) => text({ message: hostile })],
  [() => local.participant.list("agora:hall"), 400, (hostile) => hostile],
  [
    () => local.participant.list("zego:hall"),
    400,
    (hostile) => text({ Code: 4, Message: hostile, RequestId: "" }),
  ],
  [() => local.participant.list("zego:hall"), 400, (hostile) => hostile],
  ...["detail", "error", "message", "code", "url", "vendor"].map((field): (typeof PLACES)[number] => [
    () => remote.room.get("hall"),
    400,
    (hostile) => text({ [field]: hostile }),
  ]),
  [() => remote.room.get("hall"), 400, (hostile) => text({ errors: [{ message: hostile, path: hostile }] })],
  [() => remote.room.get("hall"), 400, (hostile) => `{"errors":[${hostile}`],
  [() => remote.room.get("hall"), 400, (hostile) => hostile],
  [() => remote.room.get("hall"), 200, (hostile) => text({ room: "livekit:hall", metadata: hostile })],
  [() => remote.room.get("hall"), 200, (hostile) => text({ room: "livekit:hall", warnings: [hostile] })],
];

const MANIFESTS: readonly ((hostile: string) => string)[] = [
  (hostile) => hostile,
  (hostile) => `${HEAD}rooms:\n  hall: { metadata: { a: ${text(hostile)} } }\n`,
  (hostile) => `${HEAD}rooms:\n  hall: { name: ${text(hostile)} }\n`,
  (hostile) => `${HEAD}rooms:\n  ${text(hostile)}: {}\n`,
  (hostile) => `${HEAD}rooms: { hall: ${hostile}`,
  (hostile) => `${HEAD}rooms: { hall: { metadata: { a: [${hostile}1] } } }`,
  (hostile) => `${HEAD}rooms:\n  hall: {}\nrecordings:\n${hostile}`,
];

describe("what others answer", () => {
  it("costs in proportion to its length, and is never a defect of ours", TIMEOUT, async () => {
    await growsLinearly(PLACES, 400_000, ([call, status, body], hostile) => {
      Object.assign(answer, { status, text: body(hostile) });
      return survives(call());
    });
  });
});

describe("a manifest", () => {
  it("costs in proportion to its length, whatever is in it, and is read or rejected", TIMEOUT, async () => {
    await growsLinearly(MANIFESTS, 60_000, (manifest, hostile) =>
      survives((async () => parseManifest(manifest(hostile), "rtc.yaml", { environment: {} }))()),
    );
  });
});
