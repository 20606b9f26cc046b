import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import autocannon from "autocannon";
import { AccessToken } from "livekit-server-sdk";
import { beforeAll, expect, inject, test } from "vitest";
import { killAtTheEnd } from "../support/cleanup.ts";
import { type LivekitServer, startLivekit } from "../support/livekit.ts";
import { type Measure, measured } from "../support/measures.ts";
import { median } from "../support/paired.ts";
import { SHORT_LIVED } from "../support/short-lived.mts";

/*
 * What `rtc gateway` answers under load, beside a server of the same framework that does nothing else, and beside LiveKit's own
 * API. The load comes from this process; the servers are processes of their own.
 */

const ROUNDS = Number(process.env["RTC_BENCH_ROUNDS"] ?? 5);
const SECONDS = Number(process.env["RTC_BENCH_SECONDS"] ?? 10);
const MINUTES = 60_000;
const KEY = "a-trial-key-of-this-benchmark";
const ROOMS = 20;
/** What a client of the gateway sends and takes, beside the path. */
const headers = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
const tokenBody = JSON.stringify({ room: "livekit:room-1", identity: "alice" });

/** A server on loopback, and what it costs. */
interface Target {
  address: string;
  pid: number;
}

let livekit: LivekitServer;
let livekitToken: string;
let gateway: Target;
let bare: Target;

beforeAll(async () => {
  livekit = await startLivekit();
  const token = new AccessToken(livekit.apiKey, livekit.apiSecret, { ttl: "6h" });
  token.addGrant({ roomList: true, roomAdmin: true, room: "room-1" });
  livekitToken = await token.toJwt();
  for (let index = 0; index < ROOMS; index++)
    await livekit.service.createRoom({
      name: `room-${index}`,
      emptyTimeout: 3_600,
      metadata: '{"team":"core"}',
    });
  gateway = await start([join(__dirname, "without-quotas.cjs"), "gateway", "--port", "0"], {
    ...livekit.env,
    RTC_GATEWAY_KEY: KEY,
  });
  const issued = await fetch(`${gateway.address}/v1/rtc/token/issue`, {
    method: "POST",
    headers,
    body: tokenBody,
  });
  expect(issued.status).toBe(200);
  bare = await start([join(__dirname, "bare-server.cjs")], {
    KEY,
    ANSWER: await issued.text(),
    LIVEKIT_URL: livekit.url.replace(/^ws/, "http"),
    LIVEKIT_TOKEN: livekitToken,
  });
});

/** Starts a server that prints its address. */
async function start(args: string[], env: Record<string, string>): Promise<Target> {
  const child = spawn(process.execPath, args, {
    cwd: mkdtempSync(join(inject("scratch"), "gateway-")),
    env: { PATH: process.env["PATH"], ...SHORT_LIVED, ...env },
    // A log that this process read would cost the load, too.
    stdio: ["ignore", "ignore", "pipe"],
  });
  killAtTheEnd(() => child.kill("SIGKILL"));
  const listening = new Promise<string>((resolve) => {
    createInterface(child.stderr).on("line", (line) => {
      const address = /Listening on (\S+)/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
  });
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`${args.join(" ")} ended with ${code}`);
  });
  const address = await Promise.race([listening, ended]);
  return { address, pid: child.pid ?? 0 };
}

/** User and system time that a process has taken, in seconds. */
function cpuOf({ pid }: Target): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** The resident memory of a process, in MB. */
function memoryOf({ pid }: Target): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) / 1_024;
}

/** Requests that are sent over ten connections, as many as are answered, or so many a second. */
async function load(
  { address }: Pick<Target, "address">,
  request: Pick<autocannon.Options, "method" | "body" | "headers"> & { path: string },
  options: Pick<autocannon.Options, "overallRate" | "duration"> = {},
): Promise<autocannon.Result> {
  const { path, ...rest } = request;
  const result = await autocannon({
    ...{ url: `${address}${path}`, headers, connections: 10, duration: SECONDS, ...rest, ...options },
  });
  expect([result.non2xx, result.errors, result.timeouts], path).toEqual([0, 0, 0]);
  return result;
}

const issuing = { path: "/v1/rtc/token/issue", method: "POST", body: tokenBody } as const;
const constant = { path: "/constant", method: "POST", body: tokenBody } as const;

const RATES = {
  "token.issue": { ours: issuing, bare: constant, beside: "a constant answer", target: 0.6 },
  // Both ask LiveKit for the room and for its participants.
  "room.get": {
    ...{ ours: { path: "/v1/rtc/room/get/livekit:room-1" }, bare: { path: "/rooms/room-1" } },
    ...{ beside: "a bare proxy", target: 0.7 },
  },
  "room.list": {
    ...{ ours: { path: "/v1/rtc/room/list" }, bare: { path: "/rooms" } },
    ...{ beside: "a bare proxy", target: 0.7 },
  },
};

test.for(Object.entries(RATES))(
  "requests a second of %s, and of the same framework alone",
  { timeout: 20 * MINUTES },
  async ([what, { ours, bare: other, beside, target }], { task }) => {
    const rates: Record<"ours" | "bare", { requests: number[]; cpu: number[] }> = {
      ours: { requests: [], cpu: [] },
      bare: { requests: [], cpu: [] },
    };
    for (let round = 0; round <= ROUNDS; round++)
      for (const [name, server, request] of [
        ["ours", gateway, ours],
        ["bare", bare, other],
      ] as const) {
        const before = cpuOf(server);
        const { requests } = await load(server, request);
        if (round === 0) continue;
        rates[name].requests.push(requests.average);
        rates[name].cpu.push(((cpuOf(server) - before) / requests.total) * 1e6);
      }
    const row = (unit: "requests" | "cpu"): Pick<Measure, "ours" | "beside"> => ({
      ours: median(rates.ours[unit]),
      beside: { [beside]: median(rates.bare[unit]) },
    });
    measured(
      task,
      {
        what: `${what} through a gateway`,
        unit: "requests/s",
        ...row("requests"),
        targets: { [beside]: target },
        isRate: true,
      },
      { what: `${what} through a gateway, CPU for one`, unit: "µs", ...row("cpu"), targets: {} },
    );
  },
);

/** LiveKit's own API, asked for the same. */
const vendor = {
  path: "/twirp/livekit.RoomService/ListRooms",
  method: "POST",
  body: "{}",
} as const;
const RATE_STEPS = [25, 50, 100, 200];

test("the latency of room.list at 25 to 200 requests/s, and LiveKit's own", {
  timeout: 30 * MINUTES,
}, async ({ task }) => {
  const direct = { address: livekit.url.replace(/^ws/, "http") };
  for (const overallRate of RATE_STEPS) {
    const times = { ours: [] as number[], vendor: [] as number[] };
    for (let round = 0; round <= ROUNDS; round++) {
      const options = { overallRate, duration: round === 0 ? 2 : SECONDS };
      const through = await load(gateway, { path: "/v1/rtc/room/list" }, options);
      const asked = { ...vendor, headers: { ...headers, authorization: `Bearer ${livekitToken}` } };
      const own = await load(direct, asked, options);
      if (round === 0) continue;
      times.ours.push(through.latency.p99);
      times.vendor.push(own.latency.p99);
    }
    measured(task, {
      ...{ what: `p99 of room.list at ${overallRate} requests/s`, unit: "ms", ours: median(times.ours) },
      ...{ beside: { "LiveKit's own": median(times.vendor) }, targets: {} },
      ...(overallRate === 200 && { most: median(times.vendor) + 2 }),
      plot: { name: "latency against rate", x: overallRate, xUnit: "requests/s" },
    });
  }
});

test("the memory of a gateway after a minute of tokens", { timeout: 5 * MINUTES }, async ({ task }) => {
  await load(gateway, issuing, { overallRate: 200, duration: 60 });
  measured(task, {
    ...{
      what: "memory of a gateway after a minute of 200 token.issue/s",
      unit: "MB",
      ours: memoryOf(gateway),
    },
    ...{ beside: { "the same framework": memoryOf(bare) }, targets: {}, most: 120 },
  });
});
