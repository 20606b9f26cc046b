import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";

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
