import { describe, expect, it } from "vitest";
import { createLog, requestLog } from "../../../src/gateway/middleware/log.ts";
import { HOSTILE_BODIES } from "../../support/hostile-bodies.ts";
import { gateway } from "../gateway/fixture.ts";
import { growsLinearly, TIMEOUT } from "./cost.ts";

/* Requests to a gateway, with its log. The headers of a request have 16 KiB at most, as Node takes them. */

const BODY = 500_000;
const HEAD = 8_000;

function served() {
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line), secrets: ["canary-secret"] });
  const g = gateway({ both: true, parts: { first: [requestLog(log)] } });
  /** Asks, and throws where the gateway has failed. */
  const ask = async (...request: Parameters<typeof g.ask>) => {
    const answer = await g.ask(...request);
    expect(answer.status, answer.text.slice(0, 500)).toBeLessThan(500);
    return answer;
  };
  return { ask, lines };
}

const text = JSON.stringify;
const create = "/v1/rtc/room/create";
const issue = "/v1/rtc/token/issue";
const start = "/v1/rtc/recording/start";
const update = "/v1/rtc/room/update/memory:hall";
const field =
  (name: string, others: object = {}) =>
  (value: string) =>
    text({ ...others, [name]: value });

/** Where a body has room for something. */
const BODIES: readonly [path: string, body: (hostile: string) => string][] = [
  ...[create, issue, start, update, "/v1/rtc/participant/kick/hall", "/v1/rtc/recording/stop/EG_1"].map(
    (path): [string, (hostile: string) => string] => [path, (hostile) => hostile],
  ),
  ...["name", "vendor", "region", "idempotency_key", "metadata"].map(
    (name): [string, (hostile: string) => string] => [create, field(name, { name: "hall" })],
  ),
  ...["room", "identity", "display_name"].map((name): [string, (hostile: string) => string] => [
    issue,
    field(name, { room: "hall", identity: "a" }),
  ]),
  [start, field("output_uri", { room: "memory:hall" })],
  [start, field("layout", { room: "memory:hall" })],
  [create, (hostile) => text({ name: "hall", [hostile]: 1 })],
  [create, (hostile) => text({ name: "hall", metadata: { [hostile]: hostile } })],
  [create, (hostile) => `{"name":"hall","metadata":{"a":[${hostile}1]}}`],
  [update, (hostile) => `{"metadata":{"a":[${hostile}1]}}`],
  [issue, (hostile) => `{"identity":"a","room":{"room":"hall","metadata":{"a":[${hostile}1]}}}`],
  [create, (hostile) => `{"name":"hall",${hostile}"a":1}`],
  [create, (hostile) => `{"name":"hall","a":${hostile}`],
];

const HEADS: readonly ((hostile: string) => [path: string, headers?: Record<string, string>])[] = [
  (hostile) => [`/${encodeURI(hostile)}`],
  (hostile) => [`/v1/rtc/room/get/${encodeURIComponent(hostile)}`],
  (hostile) => [`/v1/rtc/room/list?cursor=${encodeURIComponent(hostile)}`],
  (hostile) => [`/v1/rtc/room/list?${inUrl(hostile)}`],
  (hostile) => [`/v1/discovery/${inUrl(hostile)}`],
  ...["authorization", "idempotency-key", "x-request-id", "content-type", "x-forwarded-for", "accept"].map(
    (name) =>
      (hostile: string): [string, Record<string, string>] => [
        "/v1/rtc/room/list",
        { [name]: hostile.replaceAll(/[^\x20-\x7e]/g, "_") },
      ],
  ),
];

/** As it is, but for what no address has. */
function inUrl(hostile: string): string {
  return hostile.replaceAll(/[^\x21-\x7e]|[#"<>\\^`{|}]/g, "-");
}

describe("a request", () => {
  it("costs in proportion to its body, whatever is in it", TIMEOUT, async () => {
    const { ask } = served();
    await growsLinearly(BODIES, BODY, ([path, body], hostile) =>
      ask("POST", path, body(hostile).slice(0, 520_000)),
    );
  });

  it("costs in proportion to its path, query and headers, with a key or without", TIMEOUT, async () => {
    const { ask } = served();
    await growsLinearly(HEADS, HEAD, (head, hostile) => {
      // No address holds half a character.
      const [path, headers] = head(hostile.replaceAll(/\p{Surrogate}/gu, "_"));
      return ask("GET", path, undefined, headers);
    });
  });
});

const memory = () => {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

describe("a body up to the limit", () => {
  it.each(HOSTILE_BODIES)("blocks no client for long: %s", async (_what, path, body) => {
    const { ask, lines } = served();
    const costs: number[] = [];
    const megabytes: number[] = [];
    let answered = 0;
    for (let time = 0; time < 4; time += 1) {
      const [before, heapBefore] = [process.cpuUsage(), memory()];
      answered = (await ask("POST", path, body)).text.length;
      const { user, system } = process.cpuUsage(before);
      costs.push((user + system) / 1_000);
      megabytes.push((memory() - heapBefore) / 2 ** 20);
    }
    // 2 to 38 ms on a machine that has nothing else to do; the first time is the compiler's.
    expect(Math.min(...costs)).toBeLessThan(100);
    // A collection in between makes it less.
    expect(Math.max(...megabytes)).toBeLessThan(32);
    expect(answered).toBeLessThan(64_000);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(4_000);
  });
});
