import { type IncomingMessage, request, type Server } from "node:http";
import { connect, type Socket } from "node:net";

/** Sends a call on to the server, unchanged, and resolves with its answer. */
export function forward(upstream: URL, incoming: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
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

/** The contents of a call or an answer. */
export async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Lets participants join through a proxy: what upgrades goes to the server as it is. */
export function passWebSockets(server: Server, upstream: URL): void {
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
