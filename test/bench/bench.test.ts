import { spawn } from "node:child_process";
import { once } from "node:events";
import { AccessToken } from "livekit-server-sdk";
import { expect, test } from "vitest";
import { newClient } from "../../src/client/create.ts";
import { startLivekit } from "../support/livekit.ts";
import { median, paired, time } from "../support/paired.ts";
import { RtcFolder } from "../support/rtc-folder.ts";

/** What the package costs, each beside what it is compared with, in the same run: see `npm run bench`. */

const MINUTES = 60_000;

test("the start of the command line, and Node's own", { timeout: 5 * MINUTES }, async () => {
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
  const { a } = await paired({ name: "rtc --help", run: help }, { name: "node -e 0", run: node }, 15);
  expect(median(a), "seconds").toBeLessThan(0.15);
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
  const looked = await paired(
    { name: "rtc drift, 110 rooms", run: many.timed("drift") },
    { name: "rtc drift, 10 rooms", run: few.timed("drift") },
    3,
  );
  console.log(`  a room looked at: ${time((median(looked.a) - median(looked.b)) / 100)}`);
  await many.folder.run(0, "destroy");
  await few.folder.run(0, "destroy");
});

test("a join token, and one by the vendor's own library", { timeout: 5 * MINUTES }, async () => {
  const keys = { livekitApiKey: "devkey", livekitApiSecret: "secret-of-at-least-32-characters" };
  const client = newClient({ livekitUrl: "ws://127.0.0.1:7880", ...keys });
  const TIMES = 500;
  const each = (run: () => Promise<unknown>) => async () => {
    const began = performance.now();
    for (let time = 0; time < TIMES; time++) await run();
    return (performance.now() - began) / 1_000 / TIMES;
  };
  await paired(
    {
      name: "client.token.issue",
      run: each(() => client.token.issue({ room: "livekit:standup", identity: "alice" })),
    },
    {
      name: "livekit-server-sdk",
      run: each(() => {
        const token = new AccessToken(keys.livekitApiKey, keys.livekitApiSecret, { identity: "alice" });
        token.addGrant({ room: "standup", roomJoin: true });
        return token.toJwt();
      }),
    },
    9,
  );
});
