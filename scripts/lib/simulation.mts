/*
 * A day of rooms at three vendors, second by second: what calls it makes, and which limit it reaches first. A model, without a
 * network: calls come at random (Poisson) at a rate that follows the hour, and wait where a vendor takes no more in a second.
 */

/** The parameters, each with its default; numbers per room are means. */
export const DEFAULTS = {
  /** The same seed gives the same day. */
  seed: 1,
  "rooms-per-day": 1_000_000,
  /** The share of each vendor in the rooms, of their sum. */
  livekit: 5,
  agora: 3,
  zego: 2,
  /** The rate at 14:00 as a multiple of the mean, 1 to 2; at 02:00 it is as far below. */
  peak: 2,
  /** How long a room is open. */
  minutes: 30,
  /** Requests for each room: join tokens, reads of the room and of its participants, removals, and rooms closed by a call. */
  tokens: 4,
  reads: 1,
  lists: 0.5,
  kicks: 0.02,
  closes: 0.2,
  /** Rooms that are declared in stacks, and stay. */
  declared: 100_000,
  "rooms-per-stack": 1_000,
  /** How often each stack is compared with its vendors, and how many of these comparisons run at once. */
  "reconcile-minutes": 60,
  workers: 8,
  /** What one comparison of a stack takes: its start, and each room. */
  "seconds-per-stack": 3,
  "seconds-per-room": 0.01,
  /** Requests that one gateway answers in a second: measure yours. */
  "requests-per-gateway": 300,
};

export type Parameters = typeof DEFAULTS;

const DAY = 86_400;
/** Requests that a key may make in a second (src/gateway/middleware/limits.ts). */
const REQUESTS_PER_KEY = 100;
/** Rooms of usual size in the largest answer that is read, 32 MiB: docs/reliability.md. */
const ROOMS_PER_LIST = 25_000;

type Vendor = "livekit" | "agora" | "zego";
type Need = "create" | "reads" | "lists" | "kicks" | "closes";

/** An API of a vendor: its documented limit in calls a second, for an account or an app, and the requests that call it once. */
interface Api {
  vendor: Vendor;
  name: string;
  limit: number | undefined;
  needs: readonly Need[];
}

/** Agora: https://docs.agora.io/en/api-reference/api-ref/rtc; ZEGO: its server API reference; a LiveKit server documents none. */
const APIS: readonly Api[] = [
  { vendor: "livekit", name: "CreateRoom", limit: undefined, needs: ["create"] },
  { vendor: "livekit", name: "ListRooms", limit: undefined, needs: ["reads"] },
  { vendor: "livekit", name: "ListParticipants", limit: undefined, needs: ["reads", "lists"] },
  { vendor: "livekit", name: "RemoveParticipant", limit: undefined, needs: ["kicks"] },
  { vendor: "livekit", name: "DeleteRoom", limit: undefined, needs: ["closes"] },
  { vendor: "agora", name: "GET channel/user", limit: 20, needs: ["reads", "lists"] },
  { vendor: "agora", name: "POST kicking-rule", limit: 10, needs: ["kicks", "closes"] },
  { vendor: "zego", name: "DescribeUserNum", limit: 10, needs: ["reads"] },
  { vendor: "zego", name: "DescribeUserList", limit: 200, needs: ["lists"] },
  { vendor: "zego", name: "KickoutUser", limit: 50, needs: ["kicks"] },
  { vendor: "zego", name: "CloseRoom", limit: 1, needs: ["closes"] },
];

/** What a day does to one API. */
export interface ApiDay {
  vendor: Vendor;
  api: string;
  limit?: number;
  calls: number;
  /** Of the busiest minute, a second. */
  peakPerSecond: number;
  /** Seconds in which calls wait. */
  secondsBehind: number;
  /** The longest that a call waits. */
  longestWaitSeconds: number;
  /** Calls that still wait at midnight. */
  left: number;
}

/** A quantity beside its limit. */
export interface Load {
  what: string;
  load: number;
  limit: number;
  /** Load divided by limit: what is above 1 breaks. */
  ratio: number;
}

/** The outcome of a day. */
export interface Outcome {
  apis: ApiDay[];
  requestsPerSecond: number;
  gateways: number;
  keys: number;
  stacks: number;
  /** How long it takes to compare all stacks with their vendors once. */
  reconcileSeconds: number;
  livekitRoomsAtOnce: number;
  livekitDeployments: number;
  /** The fullest limit first. */
  loads: Load[];
}

/** Simulates a day. */
export function simulate(given: Partial<Parameters> = {}): Outcome {
  const all = { ...DEFAULTS, ...given };
  const perSecond = all["rooms-per-day"] / DAY;
  const sum = all.livekit + all.agora + all.zego;
  const share = (vendor: Vendor) => all[vendor] / sum;
  const random = mulberry32(all.seed);
  const perRoom = (need: Need) => (need === "create" ? 1 : all[need]);
  const stacks = Math.ceil(all.declared / all["rooms-per-stack"]);
  const apis = APIS.map((api) => {
    const mean = api.needs.reduce((total, need) => total + perRoom(need), 0) * share(api.vendor) * perSecond;
    // Each comparison of a stack lists the rooms once.
    const steady = api.name === "ListRooms" ? stacks / (all["reconcile-minutes"] * 60) : 0;
    return dayOf(api, (second) => mean * rateAt(second, all.peak) + steady, random);
  });
  const requestsPerRoom = 1 + all.tokens + all.reads + all.lists + all.kicks + all.closes;
  const requestsPerSecond = perSecond * all.peak * requestsPerRoom;
  const reconcileSeconds =
    Math.ceil(stacks / all.workers) *
    (all["seconds-per-stack"] + all["seconds-per-room"] * all["rooms-per-stack"]);
  const livekitRoomsAtOnce = Math.round(
    share("livekit") * (all.declared + perSecond * all.peak * all.minutes * 60),
  );
  const loads = [
    ...apis.flatMap(({ vendor, api, limit, peakPerSecond }) =>
      limit === undefined ? [] : [loadOf(`${vendor} ${api}, calls/s`, peakPerSecond, limit)],
    ),
    loadOf("LiveKit rooms in one list", livekitRoomsAtOnce, ROOMS_PER_LIST),
    loadOf("requests/s at one gateway", requestsPerSecond, all["requests-per-gateway"]),
    loadOf("requests/s of one key", requestsPerSecond, REQUESTS_PER_KEY),
    loadOf("seconds to reconcile all stacks", reconcileSeconds, all["reconcile-minutes"] * 60),
  ];
  return {
    ...{
      apis,
      requestsPerSecond: round(requestsPerSecond),
      stacks,
      reconcileSeconds: round(reconcileSeconds),
    },
    // One may be away.
    gateways: Math.ceil(requestsPerSecond / all["requests-per-gateway"]) + 1,
    keys: Math.ceil(requestsPerSecond / REQUESTS_PER_KEY),
    livekitRoomsAtOnce,
    livekitDeployments: Math.ceil(livekitRoomsAtOnce / ROOMS_PER_LIST),
    loads: loads.sort((a, b) => b.ratio - a.ratio),
  };
}

/** The outcome as two tables of Markdown. */
export function tablesOf({ apis, loads, ...rest }: Outcome): string {
  const apiRows = apis.map(
    (one) =>
      `| ${one.vendor} | ${one.api} | ${one.limit ?? "none"} | ${one.calls} | ${one.peakPerSecond} | ${one.secondsBehind} | ${one.longestWaitSeconds} | ${one.left} |`,
  );
  const loadRows = loads.map(({ what, load, limit, ratio }) => `| ${what} | ${load} | ${limit} | ${ratio} |`);
  return [
    "| Vendor | API | Limit/s | Calls a day | Busiest minute, calls/s | Seconds with calls that wait | Longest wait, s | Waiting at midnight |",
    "|---|---|--:|--:|--:|--:|--:|--:|",
    ...apiRows,
    "",
    "| What | Load | Limit | Load / limit |",
    "|---|--:|--:|--:|",
    ...loadRows,
    "",
    `${rest.gateways} gateways, ${rest.keys} keys, ${rest.livekitDeployments} LiveKit deployments, ${rest.stacks} stacks.`,
  ].join("\n");
}

function dayOf({ vendor, name, limit }: Api, rate: (second: number) => number, random: () => number): ApiDay {
  const taken = limit ?? Number.POSITIVE_INFINITY;
  let [calls, behind, secondsBehind, mostBehind] = [0, 0, 0, 0];
  let [minute, busiest] = [0, 0];
  for (let second = 0; second < DAY; second++) {
    const arriving = poisson(rate(second), random);
    calls += arriving;
    behind = Math.max(0, behind + arriving - taken);
    if (behind > 0) secondsBehind++;
    mostBehind = Math.max(mostBehind, behind);
    minute = second % 60 === 0 ? arriving : minute + arriving;
    busiest = Math.max(busiest, minute);
  }
  return {
    ...{ vendor, api: name, ...(limit === undefined ? {} : { limit }) },
    ...{ calls, peakPerSecond: round(busiest / 60), secondsBehind },
    ...{ longestWaitSeconds: round(mostBehind / taken), left: behind },
  };
}

/** The rate of a second as a multiple of the mean. */
function rateAt(second: number, peak: number): number {
  return 1 + (peak - 1) * Math.cos((2 * Math.PI * (second - 14 * 3_600)) / DAY);
}

function loadOf(what: string, load: number, limit: number): Load {
  return { what, load: round(load), limit, ratio: round(load / limit) };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** A number of events at a mean rate; by Knuth's method, in parts, since e^-rate vanishes for a large rate. */
function poisson(rate: number, random: () => number): number {
  let count = 0;
  for (let rest = rate; rest > 0; rest -= 30) {
    const end = Math.exp(-Math.min(rest, 30));
    for (let product = random(); product > end; product *= random()) count++;
  }
  return count;
}

/** Random numbers below 1, by a seed: Mulberry32, which is in the public domain. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
