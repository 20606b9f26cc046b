import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import { isIP, type Socket } from "node:net";
import { setImmediate as nextLook } from "node:timers/promises";
import ipaddr from "ipaddr.js";
import { RtcError } from "../../contract/errors";
import { rawAnswer } from "./malformed-requests";
import type { Problem } from "./problem";

/** How many connections there may be, idle ones included: each costs memory, whether or not it ever asks. */
export interface ConnectionBounds {
  all: number;
  /** Of one address: less, or one client could keep out all others. */
  ofAddress: number;
}

/** How many connections beyond the bounds are rejected with a reason; all others are only closed. */
const REJECTING = 100;
/** How long a rejected connection has to send its request and to read the answer. */
const REJECTION_MS = 1_000;
/** How long connections that were opened before a stop are accepted: under a flood there is always one more. */
const BACKLOG_MS = 5_000;

/**
 * Bounds the connections of a server. An excess one is answered after its request and then closed: cut off, its client
 * could not distinguish a limit from an outage.
 *
 * @param onProblem receives each problem that was answered
 */
export function boundConnections(
  server: Server,
  bounds: ConnectionBounds,
  onProblem: (problem: Problem) => void,
): void {
  const ofAddresses = new Map<string, number>();
  let all = 0;
  let rejecting = 0;
  const serving = server.listeners("connection");
  server.removeAllListeners("connection");
  // Beyond this nothing is answered at all.
  server.maxConnections = bounds.all + REJECTING;

  server.on("connection", (socket) => {
    const address = clientOf(socket.remoteAddress ?? "") ?? "";
    const open = ofAddresses.get(address) ?? 0;
    const why = all >= bounds.all ? FULL() : open >= bounds.ofAddress ? TOO_MANY(open) : undefined;
    if (why && rejecting >= REJECTING) return void socket.destroy();
    if (why) {
      rejecting += 1;
      socket.once("close", () => {
        rejecting -= 1;
      });
      return reject(socket, () => rawAnswer(why, onProblem));
    }
    all += 1;
    ofAddresses.set(address, open + 1);
    socket.once("close", () => {
      all -= 1;
      const left = (ofAddresses.get(address) ?? 1) - 1;
      if (left > 0) ofAddresses.set(address, left);
      else ofAddresses.delete(address);
    });
    for (const serve of serving) serve.call(server, socket);
    return undefined;
  });
}

const FULL = () =>
  new RtcError("UNAVAILABLE", "the gateway has no connection left", { retryAfterSeconds: 1 });
const TOO_MANY = (open: number) =>
  new RtcError("RATE_LIMITED", `this address has ${open} connections open: close some, or use them again`, {
    retryAfterSeconds: 1,
  });

/** Answers the first request and keeps reading until the client has the answer: closing at once would cut it off. */
function reject(socket: Socket, answer: () => string): void {
  const late = setTimeout(() => socket.destroy(), REJECTION_MS);
  socket.once("close", () => clearTimeout(late));
  socket.on("error", () => socket.destroy());
  socket.once("data", () => socket.end(answer()));
  socket.resume();
}

/** Resolves when the system delivers no more connections: those that were opened before are not cut off. */
export async function backlogTaken(server: Server): Promise<void> {
  let came = true;
  const note = () => {
    came = true;
  };
  server.on("connection", note);
  for (const until = performance.now() + BACKLOG_MS; came && performance.now() < until; ) {
    came = false;
    // The first may come before the system is asked again, the second does not.
    await nextLook();
    await nextLook();
  }
  server.off("connection", note);
}

/**
 * Closes what has been idle for too long, but not before the system was asked once more: where the process was blocked,
 * a request may have arrived meanwhile that is not read yet, and would be cut off.
 */
export function closeIdleLate(server: Server): void {
  server.on("timeout", (socket) => {
    const read = socket.bytesRead;
    setImmediate(() => {
      if (socket.bytesRead === read) socket.destroy();
    });
  });
}

/** How long a client may take to read anything of an answer before its connection is closed. */
const READS_WITHIN_MS = 15_000;

/**
 * Runs the requests of a connection one after another, each when the answer before it was read: pipelined requests would
 * else have all their answers in memory at once. A client that reads nothing of an answer for so long is cut off.
 */
export function oneByOne(listener: RequestListener, readsWithinMs = READS_WITHIN_MS): RequestListener {
  const waiting = new WeakMap<Socket, Promise<void>>();
  return (request, response) => {
    const { socket } = request;
    const turn = (waiting.get(socket) ?? Promise.resolve()).then(() => answered(request, response, listener));
    waiting.set(socket, turn);
    response.once("prefinish", () => closeUnread(socket, response, readsWithinMs));
  };
}

/** Resolves when a request is answered, or its client has gone. */
function answered(
  request: IncomingMessage,
  response: ServerResponse,
  listener: RequestListener,
): Promise<void> {
  if (request.socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    response.once("close", resolve);
    listener(request, response);
  });
}

/** Closes the connection of an answer that is written as a whole, and of which nothing is read any more. */
function closeUnread(socket: Socket, response: ServerResponse, readsWithinMs: number): void {
  let read = socket.bytesWritten - socket.writableLength;
  const check = setInterval(() => {
    const now = socket.bytesWritten - socket.writableLength;
    if (now === read) socket.destroy();
    read = now;
  }, readsWithinMs);
  check.unref();
  response.once("close", () => clearInterval(check));
}

/**
 * Which client an address is of, in one spelling: an IPv4 address, also where it is mapped into IPv6, or the /64 network
 * of an IPv6 address, all of which is one subscriber's. A port and brackets, which some proxies add, are left out.
 *
 * @returns undefined for what is no address
 * @example clientOf("[2001:db8::1]:443"); // "2001:db8:0:0::/64"
 */
export function clientOf(text: string): string | undefined {
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  const version = isIP(bare);
  if (version === 0) return undefined;
  // Node takes an IPv4 address in no other spelling than its canonical one.
  if (version === 4) return bare;
  const address = ipaddr.process(bare);
  if (address instanceof ipaddr.IPv4) return address.toString();
  const network = address.parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(":")}::/64`;
}
