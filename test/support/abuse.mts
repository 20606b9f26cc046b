import { Agent, request } from "node:http";
import { connect } from "node:net";
import { parentPort, workerData } from "node:worker_threads";

/** The answers to an abusive client. */
export interface Abuse {
  /** The gateway's address. */
  address: string;
  /** A good key of its own. */
  key: string;
  /** The address of loopback that it comes from. */
  from: string;
  /** Requests a second. */
  rate: number;
  /** How many connections send a byte now and then. */
  slow: number;
  /** How many requests of 2 MB a second. */
  big: number;
}

/** What it was answered, by status. */
export type Answers = Record<string, number>;

/*
 * A client that behaves badly, in a thread of its own, until it is stopped: far too many requests, bodies that are
 * too big, and connections that never come to an end.
 */
if (parentPort) {
  const { address, key, from: localAddress, rate, slow, big } = workerData as Abuse;
  const { hostname: host, port } = new URL(address);
  // Enough for those that are made to wait, or it would ask for less.
  const agent = new Agent({ keepAlive: true, maxSockets: 200 });
  const answers: Answers = {};
  const count = (what: string | number) => {
    answers[what] = (answers[what] ?? 0) + 1;
  };
  const body = JSON.stringify({ name: "big", metadata: { a: "x".repeat(2_000_000) } });
  const ask = (method: string, path: string, sent?: string) => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const asked = request({ host, port, method, path, localAddress, agent, headers }, (response) => {
      count(response.statusCode ?? 0);
      response.resume();
    });
    asked.on("error", () => count("broken off"));
    asked.end(sent);
  };
  const trickle = () => {
    const socket = connect({ host, port: Number(port), localAddress });
    const writing = setInterval(() => socket.write("X"), 500);
    socket.on("connect", () => socket.write("GET /v1/rtc/room/list HTTP/1.1\r\nHost: x\r\nX-Slow: "));
    socket.on("error", () => {});
    socket.on("close", () => {
      clearInterval(writing);
      if (!stopped) trickle();
    });
    socket.resume();
  };
  let stopped = false;
  let sent = 0;
  let sentBig = 0;
  const began = Date.now();
  for (let each = 0; each < slow; each++) trickle();
  const sending = setInterval(() => {
    const seconds = (Date.now() - began) / 1_000;
    for (; sent < seconds * rate; sent++) ask("GET", "/v1/rtc/room/list");
    for (; sentBig < seconds * big; sentBig++) ask("POST", "/v1/rtc/room/create", body);
  }, 5);
  parentPort.once("message", () => {
    stopped = true;
    clearInterval(sending);
    parentPort?.postMessage(answers);
    process.exit(0);
  });
}
