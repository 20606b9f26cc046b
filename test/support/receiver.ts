import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { atEndOfFile } from "./cleanup.ts";

/** A part of a receiver's address that must stand nowhere else. */
export const SECRET = "secret-canary";

/** What has arrived at a receiver. */
export interface Received {
  method: string | undefined;
  path: string | undefined;
  type: string | undefined;
  /** Of JSON. */
  body: unknown;
}

/** A server that takes webhooks, until the end of the test file. */
export interface Receiver {
  /** Holds {@link SECRET}. */
  url: string;
  port: number;
  received: Received[];
  close(): void;
}

/** Starts a receiver on loopback, which answers each request as the next of `answers`, and then with 204. */
export async function startReceiver(...answers: ((response: ServerResponse) => void)[]): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const { method, url: path, headers } = request;
    received.push({ method, path, type: headers["content-type"], body: JSON.parse(text) });
    const answer = answers.shift();
    if (answer) answer(response);
    else response.writeHead(204).end();
  });
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  atEndOfFile(close);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/${SECRET}`, port, received, close };
}
