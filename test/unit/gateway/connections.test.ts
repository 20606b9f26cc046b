import { Agent, request } from "node:http";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { Hono } from "hono";
import { afterEach, describe, expect, test } from "vitest";
import type { GatewayEnv } from "../../../src/gateway/http/context.ts";
import type { Problem } from "../../../src/gateway/http/problem.ts";
import { type ServeOptions, type Serving, serve, TIMEOUTS } from "../../../src/gateway/http/serve.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function served(options: Partial<ServeOptions> = {}): Promise<Serving> {
  const app = new Hono<GatewayEnv>();
  app.get("/", (c) => c.text("ok"));
  const server = await serve(app, { host: "127.0.0.1", port: 0, ...options });
  ends.push(() => server.stop());
  return server;
}

const REQUEST = "GET / HTTP/1.1\r\nHost: gateway\r\n\r\n";

/** A connection that is open, from an address of loopback. */
async function connected(server: Serving, from = "127.0.0.1"): Promise<Socket> {
  const socket = connect({
    port: Number(new URL(server.address).port),
    host: "127.0.0.1",
    localAddress: from,
  });
  ends.push(() => socket.destroy());
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  return socket;
}

/** The status of a request, or the code of what has broken it off. */
function ask(server: Serving, agent: Agent | false = false, from = "127.0.0.1"): Promise<number | string> {
  return new Promise((resolve) => {
    const sent = request(server.address, { agent, localAddress: from }, (answer) => {
      answer.resume().on("end", () => resolve(answer.statusCode ?? 0));
    });
    sent.on("error", (error: NodeJS.ErrnoException) => resolve(String(error.code)));
    sent.end();
  });
}

/** Keeps the whole process from doing anything, as a collection of garbage on a busy machine does. */
function stall(milliseconds: number): void {
  for (const began = performance.now(); performance.now() - began < milliseconds; );
}

describe("One address", () => {
  const connections = { all: 10, ofAddress: 3 };

  test("cannot take all connections, also with idle ones: it gets an error, and others are served", async () => {
    const reported: Problem[] = [];
    const server = await served({ connections, onProblem: (problem) => reported.push(problem) });
    const idle = await Promise.all([1, 2, 3].map(() => connected(server)));
    const rejected = await connected(server);
    rejected.write(REQUEST);
    const answer = await text(rejected);
    expect(answer).toMatch(/^HTTP\/1.1 429 Too Many Requests\r\n/);
    expect(answer).toMatch(/\r\nretry-after: 1\r\n/);
    expect(answer).toContain("this address has 3 connections open");
    expect(reported).toMatchObject([{ status: 429, code: "RATE_LIMITED", retryable: true }]);
    expect(await ask(server, false, "127.0.0.2")).toBe(200);
    idle[0]?.destroy();
    await expect.poll(() => ask(server)).toBe(200);
  });

  test("that opens one connection after the other is served each time", async () => {
    const server = await served({ connections });
    for (let times = 0; times < 20; times++) expect(await ask(server)).toBe(200);
  });

  test("is disconnected when it sends nothing on a connection too many", async () => {
    const server = await served({ connections });
    await Promise.all([1, 2, 3].map(() => connected(server)));
    const silent = await connected(server);
    expect(await text(silent)).toBe("");
  });
});

test("All addresses together have a limit too, which is reported", async () => {
  const server = await served({ connections: { all: 2, ofAddress: 1 } });
  await connected(server, "127.0.0.2");
  await connected(server, "127.0.0.3");
  const rejected = await connected(server, "127.0.0.4");
  rejected.write(REQUEST);
  expect(await text(rejected)).toMatch(/^HTTP\/1.1 503 Service Unavailable\r\n[\s\S]*retry-after: 1\r\n/);
});

describe("A server that is stopped", () => {
  test("answers every request that was sent before, on new connections and on open ones", async () => {
    const server = await served();
    const agent = new Agent({ keepAlive: true, maxSockets: 20 });
    ends.push(() => agent.destroy());
    expect(await Promise.all(Array.from({ length: 20 }, () => ask(server, agent)))).toEqual(
      Array(20).fill(200),
    );
    const open = Array.from({ length: 20 }, () => ask(server, agent));
    const fresh = Array.from({ length: 200 }, () => ask(server));
    await Promise.all([server.stop(), ...open, ...fresh]);
    expect(await Promise.all(open)).toEqual(Array(20).fill(200));
    expect(await Promise.all(fresh)).toEqual(Array(200).fill(200));
  });

  test("still answers what arrives on an open connection a moment later, and closes that one then", async () => {
    const server = await served();
    const socket = await connected(server);
    socket.write(REQUEST);
    await new Promise((resolve) => socket.once("data", resolve));
    const stopped = server.stop();
    await expect.poll(() => ask(server)).toBe("ECONNREFUSED");
    socket.write(REQUEST);
    expect(await text(socket)).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*connection: close\r\n/i);
    await stopped;
  });

  test("resets no new connection: each is answered, or rejected by the system", async () => {
    const server = await served();
    const answers: Promise<number | string>[] = [];
    const flood = setInterval(() => answers.push(ask(server)), 5);
    await expect.poll(async () => (await Promise.all(answers)).length).toBeGreaterThan(20);
    await server.stop();
    await expect.poll(async () => (await Promise.all(answers)).at(-1)).toBe("ECONNREFUSED");
    clearInterval(flood);
    const outcomes = new Set(await Promise.all(answers));
    expect([...outcomes].sort()).toEqual([200, "ECONNREFUSED"]);
  });
});

test("A client that is slow with its second request is turned away, as with its first", async () => {
  const server = await served({ timeouts: { ...TIMEOUTS, headers: 300, request: 300 } });
  const socket = await connected(server);
  socket.write(`${REQUEST}GET /`);
  expect(await text(socket)).toMatch(/^HTTP\/1.1 200 OK[\s\S]*HTTP\/1.1 408 Request Timeout/);
});

test("A request that arrived while the server was blocked is answered, although its time had expired", async () => {
  const server = await served({ timeouts: { ...TIMEOUTS, headers: 500, request: 500 } });
  const socket = await connected(server);
  // The server has accepted it.
  expect(await ask(server)).toBe(200);
  socket.write(REQUEST);
  // It checks for late requests once a second.
  stall(1_600);
  const answer = await new Promise<string>((resolve) => {
    socket.once("data", (data) => resolve(data.toString()));
    socket.once("close", () => resolve("closed"));
  });
  expect(answer).toMatch(/^HTTP\/1.1 200 OK/);
});

test("A request that arrived while the server was blocked is answered, although its connection was idle for too long", async () => {
  const server = await served({ timeouts: { ...TIMEOUTS, keepAlive: 1 } });
  const socket = await connected(server);
  socket.write(REQUEST);
  await new Promise((resolve) => socket.once("data", resolve));
  socket.write(REQUEST);
  // Node closes an idle connection a second after the timeout that it announces.
  stall(1_200);
  const answer = await new Promise<string>((resolve) => {
    socket.once("data", (data) => resolve(data.toString()));
    socket.once("error", ({ message }) => resolve(message));
    socket.once("close", () => resolve("closed"));
  });
  expect(answer).toMatch(/^HTTP\/1.1 200 OK/);
});
