import { createCipheriv, randomBytes, randomInt } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";
import { RtcRole, RtcTokenBuilder } from "agora-token";
import { test } from "vitest";
import { repo } from "../support/clone.ts";
import { measured } from "../support/measures.ts";
import { median, paired } from "../support/paired.ts";

/** Join tokens, each vendor's beside the least that makes the same one. */

const MINUTES = 60_000;
/** So many in each round, the two in turn. */
const TIMES = 2_000;
const ROUNDS = 31;

// As a program loads them: what a test imports is rewritten for its coverage and mocks, and slower.
const require = createRequire(__filename);
const { createClient } = require(join(repo, "dist/index.js")) as typeof import("../../src/index.ts");
const { AccessToken } = require("livekit-server-sdk") as typeof import("livekit-server-sdk");

const IDS = { livekit: "livekit:standup", agora: "agora:standup", zego: "zego:standup" };

test("join tokens, and those of the vendors' own libraries", { timeout: 5 * MINUTES }, async ({ task }) => {
  const keys = { livekitApiKey: "devkey", livekitApiSecret: "secret-of-at-least-32-characters" };
  const agora = {
    agoraAppId: "970ca35de60c44645bbae8a215061b33",
    agoraAppCertificate: "5cfd2fd1755d40ecb72977518be15d3b",
  };
  const zego = { zegoAppId: 1_234_567_890, zegoServerSecret: "fa94dd0f974cf2e293728a526b028271" };
  const client = createClient({ livekitUrl: "ws://127.0.0.1:7880", ...keys, ...agora, ...zego });
  const each = (run: () => unknown) => async () => {
    const began = process.threadCpuUsage();
    for (let time = 0; time < TIMES; time++) await run();
    const { user, system } = process.threadCpuUsage(began);
    return (user + system) / 1e6 / TIMES;
  };
  const bare: Record<keyof typeof IDS, [library: string, issue: () => unknown]> = {
    livekit: [
      "livekit-server-sdk",
      () => {
        const token = new AccessToken(keys.livekitApiKey, keys.livekitApiSecret, { identity: "alice" });
        token.addGrant({
          ...{ room: "standup", roomJoin: true },
          ...{ canPublish: true, canSubscribe: true, canPublishData: true },
        });
        return token.toJwt();
      },
    ],
    agora: [
      "agora-token",
      () =>
        RtcTokenBuilder.buildTokenWithUserAccount(
          ...([agora.agoraAppId, agora.agoraAppCertificate, "standup", "alice"] as const),
          ...([RtcRole.PUBLISHER, 3_600, 3_600] as const),
        ),
    ],
    zego: [
      "the bare cipher",
      () => {
        const ctime = Math.floor(Date.now() / 1_000);
        const privileges = { room_id: "standup", privilege: { 1: 1, 2: 1 }, stream_id_list: null };
        const content = {
          ...{ app_id: zego.zegoAppId, user_id: "alice", nonce: randomInt(2 ** 31), ctime },
          ...{ expire: ctime + 3_600, payload: JSON.stringify(privileges) },
        };
        const iv = randomBytes(16);
        const cipher = createCipheriv("aes-256-cbc", zego.zegoServerSecret, iv);
        const sealed = Buffer.concat([cipher.update(JSON.stringify(content)), cipher.final()]);
        const head = Buffer.alloc(10);
        head.writeBigInt64BE(BigInt(content.expire));
        head.writeUInt16BE(iv.length, 8);
        const length = Buffer.of(sealed.length >> 8, sealed.length & 0xff);
        return `04${Buffer.concat([head, iv, length, sealed]).toString("base64")}`;
      },
    ],
  };
  for (const vendor of Object.keys(IDS) as (keyof typeof IDS)[]) {
    const [library, issue] = bare[vendor];
    const { a, b } = await paired(
      {
        name: `client.token.issue, ${vendor}`,
        run: each(() => client.token.issue({ room: IDS[vendor], identity: "alice" })),
      },
      { name: library, run: each(issue) },
      ROUNDS,
    );
    measured(task, {
      ...{ what: `a join token, ${vendor}`, unit: "µs", ours: median(a) * 1e6 },
      ...{ beside: { [library]: median(b) * 1e6 }, targets: { [library]: 1.3 } },
    });
  }
});
