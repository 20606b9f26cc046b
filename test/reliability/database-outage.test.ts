import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { type Answer, RunningGateway } from "../support/gateway.ts";
import { startLivekit } from "../support/livekit.ts";
import { type PostgresServer, startPostgres } from "../support/postgres.ts";
import { report } from "../support/reliability.ts";
import { roomsOf } from "../support/world.ts";

const SECONDS = 30;
/** How often the database is killed under load before that, and by how many clients. */
const [KILLS, WORKERS] = [3, 8];
const KEY = "a-trial-key-of-this-test";

let database: PostgresServer | undefined;
afterAll(() => database?.stop());

/** What requests of one kind got, and how long the slowest of them took. */
class Tally {
  readonly statuses: Record<number, number> = {};
  slowestMs = 0;

  async add(ask: Promise<Answer>): Promise<Answer> {
    const began = performance.now();
    const answer = await ask;
    this.slowestMs = Math.max(this.slowestMs, performance.now() - began);
    this.statuses[answer.status] = (this.statuses[answer.status] ?? 0) + 1;
    return answer;
  }

  /** Resolves when so many more answers have had a status. */
  async more(status: number, answers: number): Promise<void> {
    const count = () => this.statuses[status] ?? 0;
    const enough = count() + answers;
    await expect.poll(count, { interval: 50, timeout: 30_000 }).toBeGreaterThanOrEqual(enough);
  }
}

test(`Two gateways whose database is unavailable for ${SECONDS} seconds issue tokens, reject what needs it with 503, and recover by themselves`, {
  timeout: 240_000,
}, async ({ task }) => {
  const [server, postgres] = await Promise.all([startLivekit(), startPostgres()]);
  database = postgres;
  const store = await postgres.database();
  const env = { ...server.env, RTC_GATEWAY_KEY: KEY, RTC_GATEWAY_STORE: store };
  const gateways = await Promise.all([RunningGateway.start({ env }), RunningGateway.start({ env })]);
  const create = (one: RunningGateway, name: string) =>
    one.ask("/v1/rtc/room/create", { body: { name, vendor: "livekit", idempotency_key: name } });
  const issue = (one: RunningGateway) =>
    one.ask("/v1/rtc/token/issue", { body: { room: "livekit:before", identity: "alice" } });
  for (const one of gateways) {
    expect((await create(one, "before")).status).toBe(200);
    expect((await issue(one)).status).toBe(200);
  }

  // Taken away under load, also in the middle of transactions.
  const underLoad = new Tally();
  let isLoaded = true;
  const load = Array.from({ length: WORKERS }, async (_, worker) => {
    for (let round = 0; isLoaded; round++)
      await underLoad.add(create(gateways[worker % 2] as RunningGateway, `load-${worker}-${round % 10}`));
  });
  for (let time = 0; time < KILLS; time++) {
    await underLoad.more(200, WORKERS);
    await postgres.kill();
    await underLoad.more(503, WORKERS);
    await postgres.restart();
  }
  isLoaded = false;
  await Promise.all(load);
  expect(Object.keys(underLoad.statuses).filter((status) => !/^(200|409|429|503)$/.test(status))).toEqual([]);
  for (const one of gateways)
    await expect.poll(async () => (await create(one, "after")).status, { interval: 500 }).toBe(200);
  const before = Object.keys(await roomsOf(server)).sort();

  const [tokens, rooms] = [new Tally(), new Tally()];
  const rejected: string[] = [];
  await postgres.kill();
  const until = performance.now() + SECONDS * 1_000;
  const asking = gateways.map(async (one, index) => {
    for (let round = 0; performance.now() < until; round++) {
      await tokens.add(issue(one));
      const name = `away-${index}-${round}`;
      const { status, headers, body } = await rooms.add(create(one, name));
      expect({ status, body }).toMatchObject({ status: 503, body: { code: "UNAVAILABLE", retryable: true } });
      expect(Number(headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
      rejected.push(name);
      await sleep(200);
    }
    expect((await one.ask("/readyz")).status).toBe(503);
    expect((await one.ask("/livez")).status).toBe(200);
  });
  await Promise.all(asking);
  expect(Object.keys(tokens.statuses)).toEqual(["200"]);
  expect(Object.keys(rooms.statuses)).toEqual(["503"]);
  expect(rejected.length).toBeGreaterThan(SECONDS);
  expect(rooms.slowestMs).toBeLessThan(4_000);
  expect(Object.keys(await roomsOf(server)).sort()).toEqual(before);

  await postgres.restart();
  const back = performance.now();
  for (const one of gateways)
    await expect.poll(async () => (await one.ask("/readyz")).status, { interval: 50 }).toBe(200);
  const recovered = (performance.now() - back) / 1_000;
  // What was rejected is repeated at the other gateway, and made once.
  for (const [index, name] of rejected.entries()) {
    const other = gateways[index % 2] as RunningGateway;
    await expect.poll(async () => (await create(other, name)).status, { interval: 1_000 }).toBe(200);
  }
  expect(Object.keys(await roomsOf(server)).sort()).toEqual([...before, ...rejected].sort());
  for (const one of gateways) expect(await one.end()).toBe(0);
  report(task, {
    promise: `Two gateways whose PostgreSQL is unavailable for ${SECONDS} s: tokens for rooms by id are issued, what needs it is 503 with Retry-After and has no effect, and they recover by themselves`,
    figure: `${tokens.statuses[200]} of ${tokens.statuses[200]} tokens issued; ${rejected.length} requests rejected, the slowest in ${(rooms.slowestMs / 1_000).toFixed(1)} s; ready ${recovered.toFixed(1)} s after the database`,
  });
});
