import type { Server } from "node:http";
import type { Socket } from "node:net";
import { setImmediate as nextLook } from "node:timers/promises";
import { RtcError } from "../../contract/errors";
import { clientOf } from "./addresses";
import { rawAnswer } from "./malformed-requests";
import type { Problem } from "./problem";

/** How many connections there may be, idle ones included: each costs memory, whether or not it ever asks. */
export interface ConnectionBounds {
  all: number;
  /** Of one address: less, or one client could keep out all others. */
  ofAddress: number;
}

/** So many connections beyond the bounds are told why they are refused; what comes then is only closed. */
const REFUSING = 100;
/** How long one that is refused has for its request, and for reading the answer to its end. */
const REFUSAL_MS = 1_000;
/** How long connections are taken that were made before a stop: under a flood there is always one more. */
const BACKLOG_MS = 5_000;

/**
 * Bounds the connections of a server. One too many is answered, once it has asked, and then closed: cut off it could not
 * tell a limit from an outage.
 *
 * @param told is told what was answered
 */
export function boundConnections(
  server: Server,
  bounds: ConnectionBounds,
  told: (problem: Problem) => void,
): void {
  const ofAddresses = new Map<string, number>();
  let all = 0;
  let refusing = 0;
  const serving = server.listeners("connection");
  server.removeAllListeners("connection");
  // Beyond this nothing is answered at all.
  server.maxConnections = bounds.all + REFUSING;

  server.on("connection", (socket) => {
    const address = clientOf(socket.remoteAddress ?? "") ?? "";
    const open = ofAddresses.get(address) ?? 0;
    const why = all >= bounds.all ? FULL() : open >= bounds.ofAddress ? TOO_MANY(open) : undefined;
    if (why && refusing >= REFUSING) return void socket.destroy();
    if (why) {
      refusing += 1;
      socket.once("close", () => {
        refusing -= 1;
      });
      return refuse(socket, () => rawAnswer(why, told));
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

/** Answers what a client sends first, and reads on until it has read that: to close at once would cut off the answer. */
function refuse(socket: Socket, answer: () => string): void {
  const late = setTimeout(() => socket.destroy(), REFUSAL_MS);
  socket.once("close", () => clearTimeout(late));
  socket.on("error", () => socket.destroy());
  socket.once("data", () => socket.end(answer()));
  socket.resume();
}

/** Resolves when the system hands over no more connections: those that were made before are not to be cut off. */
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
 * Closes what has been idle for too long, but not before the system was asked once more: where the process was held up,
 * a request may have come meanwhile that nobody has read yet, and would be cut off.
 */
export function closeIdleLate(server: Server): void {
  server.on("timeout", (socket) => {
    const read = socket.bytesRead;
    setImmediate(() => {
      if (socket.bytesRead === read) socket.destroy();
    });
  });
}
