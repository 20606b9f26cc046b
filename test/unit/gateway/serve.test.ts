import { Agent, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { Hono } from "hono";
import { afterEach, expect, test } from "vitest";
import type { GatewayEnv } from "../../../src/gateway/http/context.ts";
import type { Problem } from "../../../src/gateway/http/problem.ts";
import { type Serving, serve, TIMEOUTS } from "../../../src/gateway/http/serve.ts";

const running: Serving[] = [];
// As a client that keeps one connection open and asks for one thing after the other.
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

async function served(
  handle: () => Promise<string> | string = () => "ok",
  timeouts = TIMEOUTS,
  onProblem = (_: Problem) => {},
) {
  const app = new Hono<GatewayEnv>();
  app.post("/rejects", (c) => c.text("no", 413));
  app.post("/reads", async (c) => c.text(String((await c.req.text()).length)));
  app.get("/", async (c) => c.text(await handle()));
  const server = await serve(app, { host: "127.0.0.1", port: 0, timeouts, onProblem });
  running.push(server);
  return server;
}

function ask(server: Serving, path: string, body?: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? "GET" : "POST";
    const answered = (answer: IncomingMessage) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
    };
    const headers = body === undefined ? {} : { "content-length": String(body.length) };
    request(`${server.address}${path}`, { agent, method, headers }, answered).on("error", reject).end(body);
  });
}

/** What becomes of a new connection. */
function connecting(server: Serving): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(server.address).port), "127.0.0.1");
    socket.on("connect", () => resolve("connected"));
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(String(error.code)));
    socket.on("close", () => socket.destroy());
    socket.on("connect", () => socket.destroy());
  });
}

test("A client whose big body is rejected unread is served its next request", async () => {
  const server = await served();
  const big = "x".repeat(2_000_000);
  for (let times = 0; times < 3; times++) {
    expect(await ask(server, "/rejects", big)).toEqual({ status: 413, text: "no" });
    expect(await ask(server, "/")).toEqual({ status: 200, text: "ok" });
    expect(await ask(server, "/reads", big)).toEqual({ status: 200, text: "2000000" });
  }
});

test("Closes the connection after a big body that was rejected unread, and keeps it after a small one", async () => {
  const server = await served();
  const connectionAfter = async (body: string) => {
    const response = await fetch(`${server.address}/rejects`, { method: "POST", body });
    await response.text();
    return response.headers.get("connection");
  };
  expect(await connectionAfter("x".repeat(20_000))).toBe("close");
  expect(await connectionAfter("x")).toBe("keep-alive");
});

test("A server that stops finishes what is under way, and cuts off what takes longer than it may", async () => {
  let finish = (_: string) => {};
  let begun = false;
  const slow = () => {
    begun = true;
    return new Promise<string>((resolve) => {
      finish = resolve;
    });
  };
  const patient = await served(slow);
  const answer = ask(patient, "/");
  await expect.poll(() => begun).toBe(true);
  const stopped = patient.stop();
  await expect.poll(() => connecting(patient)).toBe("ECONNREFUSED");
  finish("done");
  expect(await answer).toEqual({ status: 200, text: "done" });
  await stopped;

  begun = false;
  const hasty = await served(slow, { ...TIMEOUTS, stop: 50 });
  const lost = ask(hasty, "/").catch((error: Error) => error.message);
  await expect.poll(() => begun).toBe(true);
  await hasty.stop();
  expect(await lost).toBe("socket hang up");
});

test("The requests of a connection are answered one after another, however many are sent at once", async () => {
  let [open, most] = [0, 0];
  const server = await served(async () => {
    open += 1;
    most = Math.max(most, open);
    await new Promise((resolve) => setImmediate(resolve));
    open -= 1;
    return "x".repeat(100_000);
  });
  const socket = connect(Number(new URL(server.address).port), "127.0.0.1");
  const last = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(50) + last);
  expect((await text(socket)).match(/HTTP\/1\.1 200 OK/g)).toHaveLength(51);
  expect(most).toBe(1);
});

test("A client that reads nothing of an answer is cut off, and one that reads slowly is not", async () => {
  let handled = 0;
  const big = () => {
    handled += 1;
    return "x".repeat(30_000_000);
  };
  const server = await served(big, { ...TIMEOUTS, read: 300 });
  const begin = () => {
    const socket = connect(Number(new URL(server.address).port), "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(20));
    return socket.pause();
  };
  const [unread, slow] = [begin(), begin()];
  let read = 0;
  slow.on("error", () => {});
  const reading = setInterval(() => {
    const chunk = slow.read() as Buffer | null;
    read += chunk?.length ?? 0;
  }, 50);
  const cut = new Promise((resolve) => unread.on("error", () => {}).on("close", resolve));
  await expect.poll(() => read, { timeout: 20_000 }).toBeGreaterThan(2_000_000);
  unread.resume();
  await cut;
  clearInterval(reading);
  slow.destroy();
  expect(handled).toBeLessThan(20);
});

test("An address that cannot be listened on is reported", async () => {
  const server = await served();
  const port = Number(new URL(server.address).port);
  const app = new Hono<GatewayEnv>();
  await expect(serve(app, { host: "127.0.0.1", port })).rejects.toThrow("EADDRINUSE");
  await expect(serve(app, { host: "127.0.0.1", port: 70_000 })).rejects.toThrow("70000");
});

test("What is no HTTP, has too long headers or comes too slowly is rejected as a problem too, and reported", async () => {
  const reported: Problem[] = [];
  const server = await served(undefined, { ...TIMEOUTS, headers: 500, request: 500 }, (one) =>
    reported.push(one),
  );
  const sent: Record<string, number> = {
    "220 mail.example ESMTP\r\n\r\n": 400,
    "GET / HTTP/1.1\r\nConnection: close\r\n\r\n": 400,
    "GET / HTTP/1.1\r\nHost: a/b\r\nConnection: close\r\n\r\n": 400,
    "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n": 400,
    [`GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(20_000)}\r\n\r\n`]: 431,
    "GET / HTTP/1.1\r\nHost: a\r\nX-Slow": 408,
  };
  for (const [bytes, status] of Object.entries(sent)) {
    const socket = connect(Number(new URL(server.address).port), "127.0.0.1");
    socket.write(bytes);
    const answer = await text(socket);
    const [head = "", body = ""] = answer.split("\r\n\r\n");
    expect(head).toMatch(
      new RegExp(`^HTTP/1.1 ${status} [A-Z].*\r\ncontent-type: application/problem\\+json`),
    );
    const problem = JSON.parse(body);
    expect(problem).toMatchObject({ code: "INVALID_ARGUMENT", status, title: expect.any(String) });
    expect(head).toContain(`x-request-id: ${problem.requestId}`);
    expect(reported.at(-1)).toEqual(problem);
  }
  expect(await ask(server, "/")).toEqual({ status: 200, text: "ok" });
});
