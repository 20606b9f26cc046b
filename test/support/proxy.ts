import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { atEndOfFile } from "./cleanup.ts";

/** An answer's JSON, to be changed on its way back. */
export type Rewrite = (answer: Record<string, unknown>) => Record<string, unknown>;

/** How a call goes wrong: with an answer that the server did not give, or without any. */
export type Fault = { status: number; body?: object | string; headers?: Record<string, string> } | "reset";

/** A call that was caught on its way. */
export interface Held {
  /** Resolves when a call has been caught. */
  readonly caught: Promise<void>;
  /** Lets it, and all later ones, pass. */
  release(): void;
}

/** A reverse proxy on loopback in front of a LiveKit server: watches, delays, breaks and rewrites API calls. */
export interface Proxy {
  /** `ws://127.0.0.1:…`; people can join through it too. */
  readonly url: string;
  /** Names of the API methods that were called, in order, e.g. `CreateRoom`. */
  readonly calls: string[];
  /** Keeps the next calls of a method back, before the server sees them or after it has acted: `times` of them or all. */
  hold(method: string, when: "before" | "after", options?: { times?: number }): Held;
  /** Lets calls of a method fail, `times` of them or all. After: the server has acted on it all the same. */
  fail(method: string, fault: Fault, options?: { times?: number; when?: "before" | "after" }): void;
  /** Lets every call from now on take this much longer, in milliseconds. */
  delay(milliseconds: number): void;
  /** Changes the answers of a method from now on. */
  rewrite(method: string, change: Rewrite): void;
  /** Forgets all faults, delays and rewrites, and releases what is held. */
  reset(): void;
  stop(): Promise<void>;
}

interface Hold {
  method: string;
  when: "before" | "after";
  times: number;
  catch(): void;
  released: Promise<void>;
  release(): void;
}

interface PlannedFault {
  fault: Fault;
  times: number;
  when: "before" | "after";
}

/** Starts a proxy in front of the server at `target`, a `ws:` URL; it stops at the end of the test file at the latest. */
export async function startProxy(target: string): Promise<Proxy> {
  const upstream = new URL(target);
  const calls: string[] = [];
  const holds: Hold[] = [];
  const faults = new Map<string, PlannedFault>();
  const rewrites = new Map<string, Rewrite>();
  let latency = 0;

  const pause = async (method: string, when: "before" | "after") => {
    const hold = holds.find((one) => one.method === method && one.when === when && one.times-- > 0);
    hold?.catch();
    await hold?.released;
  };
  const faultOf = (method: string, when: "before" | "after"): Fault | undefined => {
    const planned = faults.get(method);
    if (planned === undefined || planned.when !== when || planned.times < 1) return undefined;
    planned.times--;
    return planned.fault;
  };

  const server = createServer((incoming, outgoing) => {
    void handle(incoming, outgoing).catch(() => outgoing.destroy());
  });
  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await readAll(incoming);
    const method = /^\/twirp\/[\w.]+\/(\w+)/.exec(incoming.url ?? "")?.[1] ?? "";
    if (method !== "") calls.push(method);
    if (latency > 0) await sleep(latency);
    await pause(method, "before");
    const early = faultOf(method, "before");
    if (early !== undefined) return answerWith(outgoing, early);
    const answer = await forward(upstream, incoming, body);
    let answerBody = await readAll(answer);
    const rewrite = rewrites.get(method);
    if (rewrite !== undefined && answer.statusCode === 200) {
      answerBody = Buffer.from(JSON.stringify(rewrite(JSON.parse(answerBody.toString()))));
    }
    await pause(method, "after");
    const late = faultOf(method, "after");
    if (late !== undefined) return answerWith(outgoing, late);
    const { "content-length": _, "transfer-encoding": __, ...headers } = answer.headers;
    outgoing.writeHead(answer.statusCode ?? 502, headers).end(answerBody);
  }
  passWebSockets(server, upstream);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  const proxy: Proxy = {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    hold: (method, when, { times = Number.POSITIVE_INFINITY } = {}) => {
      const { promise: caught, resolve: catchIt } = deferred();
      const { promise: released, resolve: release } = deferred();
      const hold: Hold = { method, when, times, catch: catchIt, released, release };
      holds.push(hold);
      const end = () => {
        if (holds.includes(hold)) holds.splice(holds.indexOf(hold), 1);
        release();
      };
      return { caught, release: end };
    },
    fail: (method, fault, { times = Number.POSITIVE_INFINITY, when = "before" } = {}) => {
      faults.set(method, { fault, times, when });
    },
    delay: (milliseconds) => {
      latency = milliseconds;
    },
    rewrite: (method, change) => {
      rewrites.set(method, change);
    },
    reset: () => {
      latency = 0;
      faults.clear();
      rewrites.clear();
      for (const hold of holds.splice(0)) hold.release();
    },
    stop: async () => {
      proxy.reset();
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  atEndOfFile(proxy.stop);
  return proxy;
}

function forward(upstream: URL, incoming: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { method, url: path, headers } = incoming;
    const { hostname, port } = upstream;
    const length = String(body.length);
    const { "transfer-encoding": _, ...kept } = headers;
    request({ hostname, port, method, path, headers: { ...kept, "content-length": length } }, resolve)
      .on("error", reject)
      .end(body);
  });
}

function answerWith(outgoing: ServerResponse, fault: Fault): void {
  if (fault === "reset") {
    outgoing.socket?.resetAndDestroy();
    return;
  }
  const body = typeof fault.body === "string" ? fault.body : JSON.stringify(fault.body ?? {});
  outgoing.writeHead(fault.status, { "content-type": "application/json", ...fault.headers }).end(body);
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function passWebSockets(server: Server, upstream: URL): void {
  const open = new Set<Socket>();
  server.on("upgrade", (incoming: IncomingMessage, client: Socket, head: Buffer) => {
    const backend = connect(Number(upstream.port), upstream.hostname, () => {
      const headers = incoming.rawHeaders.map((text, index) =>
        index % 2 === 0 ? `${text}: ` : `${text}\r\n`,
      );
      backend.write(`GET ${incoming.url} HTTP/1.1\r\n${headers.join("")}\r\n`);
      backend.write(head);
      backend.pipe(client).pipe(backend);
    });
    for (const [socket, other] of [
      [client, backend],
      [backend, client],
    ] as const) {
      open.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        open.delete(socket);
        other.destroy();
      });
    }
  });
  const closeAll = server.closeAllConnections.bind(server);
  server.closeAllConnections = () => {
    for (const socket of open) socket.destroy();
    closeAll();
  };
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
