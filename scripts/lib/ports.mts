import { createSocket } from "node:dgram";
import { createServer } from "node:net";

/**
 * A free port on loopback. Chosen below the ranges from which systems take the ports of outgoing connections, so
 * that it is likely still free after a reboot, and at random, so that processes that choose at the same time differ.
 */
export async function freePort(protocol: "tcp" | "udp"): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    if (await isFree(protocol, port)) return port;
  }
}

/** Whether a server on loopback could take this port now. */
export function isFree(protocol: "tcp" | "udp", port: number): Promise<boolean> {
  return new Promise((resolve) => {
    if (protocol === "tcp") {
      const server = createServer();
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    } else {
      const socket = createSocket("udp4");
      socket.once("error", () => resolve(false));
      socket.bind(port, "127.0.0.1", () => socket.close(() => resolve(true)));
    }
  });
}
