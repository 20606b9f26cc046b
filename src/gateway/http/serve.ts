import { once } from "node:events";
import { createServer, type Server, type ServerOptions } from "node:http";
import { Server as TcpServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import { RtcError } from "../../contract/errors";
import {
  backlogTaken,
  boundConnections,
  type ConnectionBounds,
  closeIdleLate,
  oneByOne,
} from "./connections";
import type { GatewayEnv } from "./context";
import { answerUnreadable, unreadableRequest } from "./malformed-requests";
import type { Problem } from "./problem";

/** How long a server waits for its clients, in milliseconds. */
export interface Timeouts {
  /** For all headers of a request. */
  headers: number;
  /** For a whole request, body included. */
  request: number;
  /** For the next request on an open connection. */
  keepAlive: number;
  /** For a client to read on in an answer. */
  read: number;
  /** For requests that are under way when it is to stop: the longest call of a vendor is 30 seconds. */
  stop: number;
}

/**
 * The defaults of `rtc gateway`. An idle connection stays open for longer than clients and proxies keep one (Caddy: two
 * minutes): the client must close it first, or a request on its way is lost.
 */
export const TIMEOUTS: Timeouts = {
  headers: 5_000,
  request: 15_000,
  keepAlive: 130_000,
  stop: 35_000,
  read: 15_000,
};

/** How many connections `rtc gateway` takes. */
export const CONNECTIONS: ConnectionBounds = { all: 2_000, ofAddress: 500 };
/** The same behind a proxy, from whose address come all but a few: the others are for health checks. */
export const PROXY_CONNECTIONS: ConnectionBounds = { ...CONNECTIONS, ofAddress: 1_500 };
/** After a stop, how long a request may take to arrive on a connection that is open: it may have been sent before. */
const ON_THE_WAY_MS = 500;
/** So much of a body that was not wanted is read to its end, as on any connection. */
const UNREAD_BYTES = 16_384;
/** How often slow clients are checked for. */
const CHECK_MS = 1_000;

/** A server that listens. */
export interface Serving {
  /** `http://127.0.0.1:8080` */
  address: string;
  /**
   * Answers what was sent before and what is under way, and then closes; the system rejects new connections. What
   * is not done in time is cut off.
   */
  stop(): Promise<void>;
}

/** How to serve. */
export interface ServeOptions {
  host: string;
  /** 0: one that is free. */
  port: number;
  timeouts?: Timeouts;
  connections?: ConnectionBounds;
  /** Receives each problem that is answered before the app sees the request. */
  onProblem?: (problem: Problem) => void;
}

/**
 * Serves an app over HTTP, with short timeouts for clients that send slowly.
 *
 * @throws INVALID_ARGUMENT where the address cannot be listened on
 */
export async function serve(
  app: Hono<GatewayEnv>,
  { host, port, timeouts = TIMEOUTS, connections = CONNECTIONS, onProblem = () => {} }: ServeOptions,
): Promise<Serving> {
  let stopping = false;
  const fetch: typeof app.fetch = async (request, ...rest) => {
    const response = await app.fetch(request, ...rest);
    if (stopping || mayBeUnread(request, response)) response.headers.set("connection", "close");
    return response;
  };
  const options: ServerOptions = {
    headersTimeout: timeouts.headers,
    requestTimeout: timeouts.request,
    keepAliveTimeout: timeouts.keepAlive,
    connectionsCheckingInterval: CHECK_MS,
    // Node would answer without a body.
    requireHostHeader: false,
  };
  const errorHandler = () => unreadableRequest(onProblem);
  const server = createServer(options, oneByOne(getRequestListener(fetch, { errorHandler }), timeouts.read));
  boundConnections(server, connections, onProblem);
  closeIdleLate(server);
  answerUnreadable(server, onProblem);
  await listening(server, host, port);
  return {
    address: addressOf(server, host),
    async stop() {
      stopping = true;
      const closed = once(server, "close");
      const late = setTimeout(() => server.closeAllConnections(), timeouts.stop);
      await backlogTaken(server);
      // Stops listening, and no more: that of HTTP would cut off idle connections, on which requests may be on the way.
      TcpServer.prototype.close.call(server);
      await Promise.race([closed, sleep(ON_THE_WAY_MS)]);
      server.close();
      await closed;
      clearTimeout(late);
    },
  };
}

/**
 * Whether a request was rejected without its body, or before the end of it, and there may be much: what the client sends
 * next on the connection would wait behind that, and be cut off with it.
 */
function mayBeUnread(request: Request, { status }: Response): boolean {
  if (status < 400) return false;
  const { headers } = request;
  return headers.has("transfer-encoding") || Number(headers.get("content-length")) > UNREAD_BYTES;
}

async function listening(server: Server, host: string, port: number): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (error) {
    const { code = "no such port" } = error as NodeJS.ErrnoException;
    throw new RtcError("INVALID_ARGUMENT", `${host}:${port} cannot be listened on: ${code}`);
  }
}

function addressOf(server: Server, host: string): string {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : "";
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
