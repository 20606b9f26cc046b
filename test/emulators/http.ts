import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { atEndOfFile } from "../support/cleanup.ts";
import { type Answer, deliver, Faults } from "./faults.ts";

/** By which an emulator lives: its limits, bans, join times and what it takes for expired. */
export interface EmulatorClock {
  /** Milliseconds since 1970. */
  now(): number;
}

/** A call as it arrived. */
export interface Incoming {
  method: string;
  /** As it was sent, with its query, nothing decoded or normalised. */
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A call in an emulator's log. */
export interface Call<Api extends string> {
  /** Which API it was for; undefined where there is none at that address. */
  api: Api | undefined;
  method: string;
  path: string;
  body: string;
  /** When it arrived, in milliseconds of the emulator's clock. */
  time: number;
  /** What the server made of it, even when the answer did not arrive; undefined while and where it did not act. */
  answer?: Answer;
}

/** What every emulator's handle offers. */
export interface Emulator<Api extends string> {
  /** `http://127.0.0.1:…`, in place of the vendor's host. */
  readonly url: string;
  /** All calls so far, in order. */
  readonly calls: Call<Api>[];
  readonly faults: Faults<Api>;
  /** Ends it and breaks all connections. Twice is fine; it ends with the test file of an end-to-end test anyway. */
  stop(): Promise<void>;
}

/** What an emulator is made of. */
export interface Service<Api extends string> {
  /** Which API a call is for. */
  apiOf(incoming: Incoming): Api | undefined;
  /** Acts, and answers. */
  answer(incoming: Incoming, api: Api | undefined): Answer;
}

/** Serves on a free port of loopback. */
export async function serve<Api extends string>(
  service: Service<Api>,
  clock: EmulatorClock,
): Promise<Emulator<Api>> {
  const calls: Call<Api>[] = [];
  const faults = new Faults<Api>();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on("error", () => {});
    const incoming = await read(request).catch(() => undefined);
    if (incoming === undefined) return; // who called has gone
    const { method, path, body } = incoming;
    const api = service.apiOf(incoming);
    const call: Call<Api> = { api, method, path, body, time: clock.now() };
    calls.push(call);
    const act = () => {
      call.answer = service.answer(incoming, api);
      return call.answer;
    };
    await deliver(response, act, faults.take(api));
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((defect: unknown) => {
      response.destroy();
      throw defect; // a defect of the emulator fails the test run
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  const stop = async () => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  };
  atEndOfFile(stop);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls, faults, stop };
}

async function read(request: IncomingMessage): Promise<Incoming> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = "", url = "", headers } = request;
  return { method, path: url, headers, body: Buffer.concat(chunks).toString() };
}
