import { beforeAll, expect, test } from "vitest";
import { failure, JWT } from "../support/failure.ts";
import {
  after,
  before,
  type Failing,
  OPERATIONS,
  type Operation,
  QUICK,
  rejection,
  SLOW,
} from "../support/fault-matrix.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { declaring } from "../support/programs.ts";
import { startProxy } from "../support/proxy.ts";
import { egressesOf, nameOf } from "../support/recordings.ts";
import { report } from "../support/reliability.ts";
import { roomsInState } from "../support/rooms.ts";
import { newStack } from "../support/stack.ts";
import { messagesOn, roomsOf } from "../support/world.ts";

/** What no command exceeds: two calls after each other with 30 seconds each, and what a loaded machine needs. */
const BOUND_SECONDS = 150;
const TIMEOUT_MS = 10 * 60_000;

let server: LivekitServer;
beforeAll(async () => {
  server = await startLivekit({ egress: "worker" });
});

const repaired: string[] = [];
let slowest = 0;

test.each(Object.entries(QUICK))("%s, in every operation", expectRepair, TIMEOUT_MS);
test.concurrent.each(Object.entries(SLOW))("%s, in every operation", expectRepair, TIMEOUT_MS);

async function expectRepair(what: string, { fault, when, cause, succeed = [] }: Failing): Promise<void> {
  const key = what.replaceAll(" ", "-");
  const proxy = await startProxy(server.url);
  const stack = await newStack({ program: before(key), env: { ...server.env, LIVEKIT_URL: proxy.url } });
  await stack.up();
  const sids = await sidsOf(key);

  for (const method of Object.values(OPERATIONS)) proxy.fail(method, fault, { when });
  stack.write(after(key));
  const up = await timed(() => stack.up(["--continue-on-error"], { code: "any" }));
  const targets = ["delete", "stop"].flatMap((operation) => ["--target", `**::${key}-${operation}`]);
  const destroy = await timed(() => stack.destroy(["--continue-on-error", ...targets], { code: "any" }));
  for (const { code, output } of [up, destroy]) {
    expect(code, output).not.toBe(0);
    expect(output).not.toContain(JWT);
    expect(output).not.toContain(server.apiSecret);
  }
  for (const [operation, method] of Object.entries(OPERATIONS) as [Operation, string][]) {
    const messages = [up, destroy].flatMap((result) => messagesOn(result, `${key}-${operation}`)).join("\n");
    if (succeed.includes(operation)) {
      expect(messages, operation).not.toContain("livekit ");
      continue;
    }
    expect(messages, operation).toContain(`livekit ${method}: `);
    // A start that is never answered is one that no worker has accepted.
    expect(messages, operation).toMatch(
      operation === "start" && fault === "silence" ? /no egress worker/ : cause,
    );
    expect(messages, operation).not.toMatch(/^\s+at \S/m);
  }

  proxy.reset();
  proxy.fail("ListRooms", fault, { when });
  const state = await roomsInState(stack);
  const rejected = await timed(() => failure(stack, ["refresh"]));
  expect(rejected).toContain("livekit ListRooms: ");
  expect(rejected).toMatch(cause);
  expect(await roomsInState(stack)).toEqual(state);

  proxy.reset();
  await stack.up(["--refresh"]);
  await expectAsDeclared(key, sids);
  await stack.expectNoChanges(["--refresh"]);
  repaired.push(...Object.keys(OPERATIONS), "refresh");
}

test("each of them ends in time, reports why, and recovers", ({ task }) => {
  const wanted = (Object.keys(OPERATIONS).length + 1) * Object.keys({ ...QUICK, ...SLOW }).length;
  expect(repaired).toHaveLength(wanted);
  report(task, {
    promise:
      "Whatever goes wrong between the package and the server, a command ends in time and names vendor, operation and cause; the next `up --refresh` makes everything as declared: one room, one recording",
    figure: `${repaired.length} of ${wanted} pairs of a fault and an operation; the slowest command took ${Math.round(slowest)} s`,
  });
});

test("A server that is slow, and asks every client to come again in a second, fails nothing", async ({
  task,
}) => {
  const proxy = await startProxy(server.url);
  const stack = await newStack({ program: before("slow"), env: { ...server.env, LIVEKIT_URL: proxy.url } });
  await stack.up();
  const sids = await sidsOf("slow");
  proxy.delay(1_000);
  const methods = [...Object.values(OPERATIONS).filter((method) => method !== OPERATIONS.start), "ListRooms"];
  for (const method of methods)
    proxy.fail(method, rejection(429, "slow down", { "retry-after": "1" }), { times: 1 });
  proxy.calls.length = 0;

  stack.write(after("slow"));
  await timed(() => stack.up(["--refresh"]));

  const again = methods.filter((method) => proxy.calls.filter((call) => call === method).length > 1);
  expect(again).toEqual(methods);
  await expectAsDeclared("slow", sids);
  await stack.expectNoChanges(["--refresh"]);
  report(task, {
    promise: "A server that is a second away, and asks to wait a second more, fails no command",
    figure: `${again.length} of ${methods.length} calls made again, and the run succeeded`,
  });
});

test("a destroy carries on with the others where one room cannot be deleted, and the next ends it", async ({
  task,
}) => {
  const names = Array.from({ length: 20 }, (_, index) => `many-${index}`);
  const proxy = await startProxy(server.url);
  const env = { ...server.env, LIVEKIT_URL: proxy.url };
  const stack = await newStack({
    program: declaring(Object.fromEntries(names.map((name) => [name, {}]))),
    env,
  });
  await stack.up();
  proxy.fail(
    ({ method, body }) => method === "DeleteRoom" && body.includes('"many-7"'),
    rejection(500, "boom"),
  );

  const output = await failure(stack, ["destroy", "--continue-on-error"]);

  expect(output).toContain("VENDOR_ERROR: livekit DeleteRoom: HTTP 500: boom");
  expect(Object.keys(await sidsOf("many"))).toEqual(["7"]);
  expect(Object.keys(await roomsInState(stack))).toEqual(["many-7"]);
  const left = Object.keys(await sidsOf("many")).length;
  proxy.reset();
  expect((await stack.destroy()).counts.delete).toBe(1);
  expect(await sidsOf("many")).toEqual({});
  report(task, {
    promise:
      "`destroy --continue-on-error` carries on where one of many rooms cannot be deleted; the next one ends it",
    figure: `${names.length - left} of ${names.length} rooms gone, the last with the next`,
  });
});

/** The rooms of a stack, with what identifies them. */
async function sidsOf(key: string): Promise<Record<string, string>> {
  const rooms = Object.entries(await roomsOf(server)).filter(([name]) => name.startsWith(`${key}-`));
  return Object.fromEntries(rooms.map(([name, { sid }]) => [name.slice(key.length + 1), sid]));
}

async function expectAsDeclared(key: string, before: Record<string, string>): Promise<void> {
  const { create, ...others } = await sidsOf(key);
  const { delete: gone, ...kept } = before;
  expect(create).toBeDefined();
  expect(gone).toBeDefined();
  expect(others).toEqual(kept);
  expect((await roomsOf(server))[`${key}-update`]?.metadata).toEqual({ v: 2 });
  const statuses = async (room: string) =>
    (await egressesOf(server, `${key}-${room}`)).map(({ status }) => nameOf(status));
  expect(await statuses("hall")).toEqual(["EGRESS_STARTING"]);
  expect(await statuses("stage")).toEqual(["EGRESS_ABORTED"]);
}

/** Measures a command, which must end in time. */
async function timed<T>(run: () => Promise<T>): Promise<T> {
  const since = Date.now();
  const result = await run();
  const seconds = (Date.now() - since) / 1_000;
  expect(seconds).toBeLessThan(BOUND_SECONDS);
  slowest = Math.max(slowest, seconds);
  return result;
}
