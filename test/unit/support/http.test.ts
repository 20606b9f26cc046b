import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import https from "node:https";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { exchange, retryAfterSeconds, TransportError } from "../../../src/support/http.ts";
import type { Fault } from "../../emulators/faults.ts";
import { report } from "../../support/reliability.ts";
import { addressOfNobody, startTwirp } from "../../support/twirp.ts";

vi.setConfig({ testTimeout: 60_000 }); // a loaded machine is slow

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

const MiB = 2 ** 20;
const SECONDS = 0.3;
/** What a loaded machine may need on top of a deadline. */
const SLACK_MS = 5_000;

/** How an exchange fails, and what is reported. */
const FAULTS: Record<string, [Fault, problem: string, message: RegExp]> = {
  "a server that never answers": [{ kind: "silence" }, "timed out", /did not answer within 0.3 seconds$/],
  "an answer that is late": [{ kind: "latency", ms: 60_000 }, "timed out", /did not answer/],
  "a body that drips": [{ kind: "drip", ms: 100 }, "timed out", /did not answer/],
  "a connection that is reset": [{ kind: "reset" }, "reset", /broke off the connection \(ECONNRESET\)$/],
  "an answer that ends in its middle": [{ kind: "truncated" }, "reset", /broke off the connection/],
  "a body of 100 MB": [{ kind: "huge", bytes: 100 * MiB }, "too large", /answered with more than 1 MiB$/],
};

describe("an exchange over HTTP", () => {
  it("brings status, headers and text, whatever the status", async () => {
    const server = await startTwirp();
    server.on("Hello", { body: { hello: "wörld" } }, { status: 503, body: "busy", headers: { "x-a": "b" } });
    const send = () => exchange({ method: "POST", url: `${server.url}/Hello`, body: "{}", seconds: 10 });
    expect(await send()).toMatchObject({ status: 200, text: '{"hello":"wörld"}' });
    const answer = await send();
    expect([answer.status, answer.text, answer.headers["x-a"]]).toEqual([503, "busy", "b"]);
  });

  it("reads a body without its byte order mark, which no JSON may begin with", async () => {
    const server = await startTwirp();
    server.on("Hello", { body: "\uFEFF{}" });
    const { text } = await exchange({ method: "POST", url: `${server.url}/Hello`, seconds: 10 });
    expect(JSON.parse(text)).toEqual({});
  });

  it("follows no redirect, which would carry the credentials elsewhere", async () => {
    const [here, there] = [await startTwirp(), await startTwirp()];
    for (const status of [301, 302, 303, 307, 308]) {
      here.on("Hello", { status, headers: { location: `${there.url}/Hello` } });
      const headers = { authorization: "Bearer canary" };
      expect(
        await exchange({ method: "POST", url: `${here.url}/Hello`, headers, seconds: 10 }),
      ).toMatchObject({ status });
    }
    expect(there.calls).toEqual([]);
  });

  it.each(Object.entries(FAULTS))("ends in time, and reports why, with %s", async (_name, expected) => {
    const [fault, problem, message] = expected;
    const server = await startTwirp();
    server.on("Hello", { body: { text: "x".repeat(200) }, fault });
    const url = `${server.url}/canary/Hello`;
    const since = Date.now();
    const error = await failure(exchange({ method: "GET", url, seconds: SECONDS }));
    expect(Date.now() - since).toBeLessThan(SECONDS * 1_000 + SLACK_MS);
    expect(error.problem).toBe(problem);
    expect(error.message).toMatch(message);
    expect(error.message).toContain(server.url);
    expect(error.message).not.toContain("canary");
  });

  it("ends in time with headers that drip, and with a connection that is not read", async () => {
    for (const drip of [true, false]) {
      const url = await plainServer((socket) => {
        if (!drip) return;
        socket.write("HTTP/1.1 200 OK\r\n");
        const dripping = setInterval(() => socket.write("x-more: x\r\n"), 50);
        socket.on("close", () => clearInterval(dripping));
      });
      const since = Date.now();
      expect(await failure(exchange({ method: "GET", url, seconds: SECONDS }))).toMatchObject({
        problem: "timed out",
      });
      expect(Date.now() - since).toBeLessThan(SECONDS * 1_000 + SLACK_MS);
    }
  });

  it("reports what answers that is no HTTP server", async () => {
    const url = await plainServer((socket) => socket.end("220 mail.example ESMTP\r\n"));
    expect(await failure(exchange({ method: "GET", url, seconds: 10 }))).toMatchObject({
      problem: "reset",
      message: `${url} broke off the connection (HPE_INVALID_CONSTANT)`,
    });
  });

  it("reports at once that a server has changed to another protocol", async () => {
    const url = await plainServer((socket) =>
      socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"),
    );
    const error = await failure(exchange({ method: "GET", url, seconds: 60 }));
    expect(error).toMatchObject({ problem: "reset", message: `${url} broke off the connection` });
  });

  it("identifies its owner, which some servers require", async () => {
    let asked = "";
    const url = await plainServer((socket) => {
      socket.on("data", (bytes) => {
        asked += bytes;
        socket.end("HTTP/1.1 204 No Content\r\n\r\n");
      });
    });
    expect(await exchange({ method: "GET", url, seconds: 10 })).toMatchObject({ status: 204, text: "" });
    expect(asked).toMatch(/^user-agent: pulumi-rtc\r$/im);
  });

  it("reports an address where no server listens", async () => {
    const url = await addressOfNobody();
    const error = await failure(exchange({ method: "GET", url: `${url}/a?b=canary`, seconds: 10 }));
    expect(error).toMatchObject({ problem: "unreachable", message: `cannot reach ${url} (ECONNREFUSED)` });
  });

  it("reports a proxy variable that Node does not use, where the connection is not made", async () => {
    onTestFinished(() => void vi.unstubAllEnvs());
    const reach = (host: string) =>
      failure(exchange({ method: "GET", url: `https://${host}/`, seconds: 10 }));
    vi.stubEnv("https_proxy", "http://ann:hush@127.0.0.1:1");
    const hint = "https_proxy is set, and Node uses it only with NODE_USE_ENV_PROXY=1, from 22.21 or 24.5 on";
    const { message } = await reach("rtc.invalid");
    expect(message).toMatch(/^cannot reach https:\/\/rtc.invalid \((ENOTFOUND|EAI_AGAIN): /);
    expect(message).toContain(hint);
    expect(message).not.toContain("hush");
    vi.stubEnv("NO_PROXY", "other.example, .invalid");
    expect(await reach("rtc.invalid")).toMatchObject({ message: expect.not.stringContaining("https_proxy") });
    vi.stubEnv("NO_PROXY", "other.example");
    vi.stubEnv("NODE_USE_ENV_PROXY", "1");
    expect(await reach("rtc.invalid")).toMatchObject({ message: expect.not.stringContaining("https_proxy") });
    vi.stubEnv("NODE_USE_ENV_PROXY", "");
    expect(await reach("127.0.0.1:9")).toMatchObject({ message: expect.not.stringContaining("https_proxy") });
  });

  it("reports how a certificate of a private authority is made known", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rtc-tls-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
    const files = ["-keyout", key, "-out", cert, "-days", "2"];
    execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...files, ...subject], {
      stdio: "ignore",
    });
    const server = https
      .createServer({ key: readFileSync(key), cert: readFileSync(cert) })
      .listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await failure(exchange({ method: "GET", url, seconds: 10 }))).toMatchObject({
      problem: "unreachable",
      message: expect.stringMatching(/\(DEPTH_ZERO_SELF_SIGNED_CERT: .*NODE_EXTRA_CA_CERTS to the file/),
    });
  });

  it.each([true, false])(
    "reads no more than it may, whether or not the size is announced (%s)",
    async (announced) => {
      const server = await startTwirp();
      const headers = announced ? { "content-length": String(100 * MiB) } : undefined;
      const fault = { kind: "huge", bytes: 100 * MiB } as const;
      server.on("Hello", { body: "{}", fault, ...(headers ? { headers } : {}) });
      const limited = exchange({ method: "GET", url: `${server.url}/Hello`, seconds: 60 });
      expect(await failure(limited)).toMatchObject({ problem: "too large" });
      server.on("Hello", { body: "{}", fault: { kind: "huge", bytes: 2 * MiB } });
      const { text } = await exchange({
        method: "GET",
        url: `${server.url}/Hello`,
        seconds: 60,
        maxBytes: 3 * MiB,
      });
      expect(text).toHaveLength(2 * MiB + 2);
    },
  );

  it("holds no more than it may of a body of 100 MB", async ({ task }) => {
    const server = await startTwirp();
    server.on("Hello", {}, { body: "{}", fault: { kind: "huge", bytes: 100 * MiB } });
    const request = { method: "GET", url: `${server.url}/Hello`, seconds: 60, maxBytes: 32 * MiB };
    await exchange(request); // what Node sets up once is not counted
    const before = usedBytes();
    let peak = before;
    const sampling = setInterval(() => {
      peak = Math.max(peak, usedBytes());
    }, 5);
    const error = await failure(exchange(request));
    clearInterval(sampling);
    const grown = Math.round((peak - before) / MiB);
    expect(error.problem).toBe("too large");
    expect(grown).toBeLessThan(50);
    report(task, {
      promise: "An answer that is far too large is given up at 32 MB, and does not fill the memory",
      figure: `${grown} MB held of one of 100 MB`,
    });
  });
});

describe("Retry-After", () => {
  const clock = { now: () => Date.parse("2026-11-22T12:00:00.500Z"), sleep: async () => {} };
  it.each([
    ["120", 120],
    [" 0 ", 0],
    ["Sun, 22 Nov 2026 12:00:30 GMT", 30],
    ["Sun, 22 Nov 2026 11:00:00 GMT", 0],
    ["-5", undefined],
    ["soon", undefined],
    ["99999999999999999999", undefined],
    ["", undefined],
  ])("%j means %s seconds", (value, seconds) => {
    expect(retryAfterSeconds({ "retry-after": value }, clock)).toBe(seconds);
  });

  it("is absent where the server does not report it", () => {
    expect(retryAfterSeconds({}, clock)).toBeUndefined();
  });
});

/** The bytes that are in use, without what could be collected. */
function usedBytes(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** A server that sends given bytes. */
async function plainServer(onConnection: (socket: Socket) => void): Promise<string> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => {});
    onConnection(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    for (const socket of open) socket.destroy();
    server.close();
    await once(server, "close");
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function failure(exchanging: Promise<unknown>): Promise<TransportError> {
  const error = await exchanging.then(
    () => expect.fail("This should have failed."),
    (reason: unknown) => reason,
  );
  if (!(error instanceof TransportError)) return expect.fail(`This is no TransportError: ${String(error)}`);
  return error;
}
