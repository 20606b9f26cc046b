import { spawn } from "node:child_process";
import { createCipheriv, randomBytes } from "node:crypto";
import { once } from "node:events";
import { RtcRole, RtcTokenBuilder } from "agora-token";
import { AccessToken } from "livekit-server-sdk";
import { expect, test } from "vitest";
import { newClient } from "../../src/client/create.ts";
import { startLivekit } from "../support/livekit.ts";
import { measured } from "../support/measures.ts";
import { median, paired, time } from "../support/paired.ts";
import { RtcFolder } from "../support/rtc-folder.ts";

/** What the package costs, each beside what it is compared with, in the same run: see `npm run bench`. */

const MINUTES = 60_000;

test("the start of the command line, and Node's own", { timeout: 5 * MINUTES }, async ({ task }) => {
  const folder = new RtcFolder({});
  const node = async () => {
    const [code] = await once(spawn(process.execPath, ["-e", "0"], { stdio: "ignore" }), "exit");
    expect(code).toBe(0);
    return undefined;
  };
  const help = async () => {
    await folder.run(0, "--help");
    return undefined;
  };
  const shown = await paired({ name: "rtc --help", run: help }, { name: "node -e 0", run: node }, 15);
  folder.manifest("rooms:", "  room: { count: 10 }");
  const validate = async () => {
    await folder.run(0, "validate");
    return undefined;
  };
  const valid = await paired(
    { name: "rtc validate, 10 rooms", run: validate },
    { name: "node -e 0", run: node },
    15,
  );
  for (const [what, { a, b }, most] of [
    ["rtc --help", shown, 1.6],
    ["rtc validate of 10 rooms", valid, 3],
  ] as const)
    measured(task, {
      ...{ what, unit: "s", ours: median(a), beside: { "node -e 0": median(b) } },
      targets: { "node -e 0": most },
    });
});

test("a manifest of 10,000 rooms, and one of 1,000", { timeout: 5 * MINUTES }, async () => {
  const validating = (rooms: number) => {
    const folder = new RtcFolder({});
    const room = (_: unknown, index: number) =>
      `  room-${index}: { maxParticipants: ${(index % 50) + 1}, metadata: { team: core, index: ${index} } }`;
    folder.manifest("rooms:", ...Array.from({ length: rooms }, room));
    return async () => {
      await folder.run(0, "validate");
      return undefined;
    };
  };
  const { a, b } = await paired(
    { name: "rtc validate, 10,000 rooms", run: validating(10_000) },
    { name: "rtc validate, 1,000 rooms", run: validating(1_000) },
    5,
  );
  console.log(`  a room: ${time((median(a) - median(b)) / 9_000)}`);
  expect(median(a), "seconds").toBeLessThan(2);
});

test("a stack of 110 rooms, and one of 10, on a real server", { timeout: 20 * MINUTES }, async () => {
  const server = await startLivekit();
  const stackOf = (rooms: number) => {
    const folder = new RtcFolder({ ...server.env, PULUMI_STACK: `of-${rooms}` });
    folder.manifest("rooms:", `  of-${rooms}: { count: ${rooms} }`);
    const timed = (line: string) => async () => {
      await folder.run(0, line);
      return undefined;
    };
    return { folder, timed };
  };
  const many = stackOf(110);
  const few = stackOf(10);
  const rest = { few: [] as number[], many: [] as number[] };
  /** Seconds of `up` alone; what comes before and after it is not counted. */
  const up =
    ({ folder, timed }: typeof many, destroys: number[]) =>
    async () => {
      const began = performance.now();
      await timed("up")();
      const seconds = (performance.now() - began) / 1_000;
      const ended = performance.now();
      await folder.run(0, "destroy");
      destroys.push((performance.now() - ended) / 1_000);
      return seconds;
    };
  const made = await paired(
    { name: "rtc up, 110 new rooms", run: up(many, rest.many) },
    { name: "rtc up, 10 new rooms", run: up(few, rest.few) },
    3,
  );
  console.log(`  a new room: ${time((median(made.a) - median(made.b)) / 100)}`);
  console.log(`  a room destroyed: ${time((median(rest.many) - median(rest.few)) / 100)}`);
  await many.folder.run(0, "up");
  await few.folder.run(0, "up");
  const same = await paired(
    { name: "rtc up, 110 rooms without a change", run: many.timed("up") },
    { name: "rtc up, 10 rooms without a change", run: few.timed("up") },
    3,
  );
  console.log(`  a room without a change: ${time((median(same.a) - median(same.b)) / 100)}`);
  const read = await paired(
    { name: "rtc drift, 110 rooms", run: many.timed("drift") },
    { name: "rtc drift, 10 rooms", run: few.timed("drift") },
    3,
  );
  console.log(`  a room read: ${time((median(read.a) - median(read.b)) / 100)}`);
  await many.folder.run(0, "destroy");
  await few.folder.run(0, "destroy");
});

const IDS = { livekit: "livekit:standup", agora: "agora:standup", zego: "zego:standup" };

test("join tokens, and those of the vendors' own libraries", { timeout: 5 * MINUTES }, async ({ task }) => {
  const keys = { livekitApiKey: "devkey", livekitApiSecret: "secret-of-at-least-32-characters" };
  const agora = {
    agoraAppId: "970ca35de60c44645bbae8a215061b33",
    agoraAppCertificate: "5cfd2fd1755d40ecb72977518be15d3b",
  };
  const zego = { zegoAppId: 1_234_567_890, zegoServerSecret: "fa94dd0f974cf2e293728a526b028271" };
  const client = newClient({ livekitUrl: "ws://127.0.0.1:7880", ...keys, ...agora, ...zego });
  const TIMES = 500;
  const each = (run: () => unknown) => async () => {
    const began = performance.now();
    for (let time = 0; time < TIMES; time++) await run();
    return (performance.now() - began) / 1_000 / TIMES;
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
        const cipher = createCipheriv("aes-256-gcm", zego.zegoServerSecret, randomBytes(12));
        const text = JSON.stringify({ app_id: zego.zegoAppId, user_id: "alice", payload: "" });
        return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString("base64");
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
      9,
    );
    measured(task, {
      ...{ what: `a join token, ${vendor}`, unit: "µs", ours: median(a) * 1e6 },
      ...{ beside: { [library]: median(b) * 1e6 }, targets: { [library]: 1.3 } },
    });
  }
});
