import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Call, callOf } from "./calls.ts";
import { atEndOfFile } from "./cleanup.ts";
import { forward, passWebSockets, readAll } from "./forwarding.ts";
import { answerWith, type Fault } from "./proxy-faults.ts";

export type { Fault } from "./proxy-faults.ts";

/** An answer's JSON, to be changed on its way back. */
export type Rewrite = (answer: Record<string, unknown>) => Record<string, unknown>;

/** A call that was caught on its way. */
export interface HeldCall {
  /** Resolves when a call has been caught. */
  readonly caught: Promise<void>;
  /** Lets it, and all later ones, pass. */
  release(): void;
  /** Cuts it off, as a caller that died: what the server has not received never arrives. Later ones pass. */
  drop(): void;
}

/** Whether a call, as it comes by, is meant. */
export type Meant = (call: Call) => boolean;

/** A reverse proxy on loopback in front of a LiveKit server or a gateway: watches, delays, breaks and rewrites API calls. */
export interface Proxy {
  /** `ws://127.0.0.1:…`, or `http:` as its target; participants can join through it too. */
  readonly url: string;
  /** Names of the API methods that were called, in order, e.g. `CreateRoom`. */
  readonly calls: string[];
  /** The same calls, with what was asked and answered. */
  readonly traffic: readonly Call[];
  /**
   * Keeps the next calls of a method, or those that are meant, back, before the server sees them or after it has acted:
   * `times` of them or all.
   */
  hold(which: string | Meant, when: "before" | "after", options?: { times?: number }): HeldCall;
  /**
   * Lets calls of a method, or those that are meant, fail, `times` of them or all. After: the server has acted on it
   * all the same, and given an answer that can be spoilt.
   */
  fail(which: string | Meant, fault: Fault, options?: { times?: number; when?: "before" | "after" }): void;
  /** Lets every call from now on take this much longer, in milliseconds. */
  delay(milliseconds: number): void;
  /** Changes the answers of a method from now on. */
  rewrite(method: string, change: Rewrite): void;
  /** Removes all faults, delays and rewrites, and releases what is heldCall. */
  reset(): void;
  stop(): Promise<void>;
}

interface Hold {
  isMeant: Meant;
  when: "before" | "after";
  times: number;
  catch(): void;
  /** Whether the call goes on. */
  released: Promise<boolean>;
  release(goesOn: boolean): void;
}

interface PlannedFault {
  isMeant: Meant;
  fault: Fault;
  times: number;
  when: "before" | "after";
}

/** Starts a proxy in front of the server at `target`, a `ws:` or `http:` URL; it stops at the end of the test file at the latest. */
export async function startProxy(target: string): Promise<Proxy> {
  const upstream = new URL(target);
  const calls: string[] = [];
  const traffic: Call[] = [];
  const holds: Hold[] = [];
  const faults = new Map<string | Meant, PlannedFault>();
  const rewrites = new Map<string, Rewrite>();
  let latency = 0;

  const goesOn = async (call: Call, when: "before" | "after"): Promise<boolean> => {
    const hold = holds.find((one) => one.when === when && one.isMeant(call) && one.times-- > 0);
    hold?.catch();
    return (await hold?.released) ?? true;
  };
  const faultOf = (call: Call, when: "before" | "after"): Fault | undefined => {
    const planned = [...faults.values()].find((one) => one.when === when && one.isMeant(call));
    return planned && planned.times-- > 0 ? planned.fault : undefined;
  };

  const server = createServer((incoming, outgoing) => {
    void handle(incoming, outgoing).catch(() => outgoing.destroy());
  });
  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await readAll(incoming);
    const known = callOf(incoming.url ?? "", body.toString());
    const call = known ?? { method: "", body: "{}" };
    const { method } = call;
    if (known !== undefined) {
      calls.push(method);
      traffic.push(known);
    }
    if (latency > 0) await sleep(latency);
    if (!(await goesOn(call, "before"))) return void outgoing.destroy();
    const early = faultOf(call, "before");
    if (early !== undefined) return answerWith(outgoing, early, "");
    const answer = await forward(upstream, incoming, body);
    let answerBody = await readAll(answer);
    const rewrite = rewrites.get(method);
    if (rewrite !== undefined && answer.statusCode === 200) {
      answerBody = Buffer.from(JSON.stringify(rewrite(JSON.parse(answerBody.toString()))));
    }
    call.answer = answerBody.toString();
    if (!(await goesOn(call, "after"))) return void outgoing.destroy();
    const late = faultOf(call, "after");
    if (late !== undefined) return answerWith(outgoing, late, call.answer);
    const { "content-length": _, "transfer-encoding": __, ...headers } = answer.headers;
    outgoing.writeHead(answer.statusCode ?? 502, headers).end(answerBody);
  }
  passWebSockets(server, upstream);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  const proxy: Proxy = {
    url: `${upstream.protocol}//127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    traffic,
    hold: (which, when, { times = Number.POSITIVE_INFINITY } = {}) => {
      const { promise: caught, resolve: catchIt } = deferred<void>();
      const { promise: released, resolve: release } = deferred<boolean>();
      const hold: Hold = { isMeant: meaning(which), when, times, catch: catchIt, released, release };
      holds.push(hold);
      const end = (goesOn: boolean) => {
        if (holds.includes(hold)) holds.splice(holds.indexOf(hold), 1);
        release(goesOn);
      };
      return { caught, release: () => end(true), drop: () => end(false) };
    },
    fail: (which, fault, { times = Number.POSITIVE_INFINITY, when = "before" } = {}) => {
      faults.set(which, { isMeant: meaning(which), fault, times, when });
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
      for (const hold of holds.splice(0)) hold.release(true);
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

function meaning(which: string | Meant): Meant {
  return typeof which === "string" ? ({ method }) => method === which : which;
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
