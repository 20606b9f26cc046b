import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished, vi } from "vitest";
import { deliver, type Fault } from "../emulators/faults.ts";

/** What a call is answered with. `cut`: the connection breaks; `silence`: nothing comes, ever. */
export type Answer = GoodAnswer | "cut" | "silence";

interface GoodAnswer {
  status?: number;
  body?: object | string;
  type?: string;
  headers?: Record<string, string>;
  /** How it goes wrong on its way. */
  fault?: Fault;
}

/** A call as it arrived. */
export interface Call {
  method: string;
  body: Record<string, unknown>;
}

/** A server that speaks Twirp as LiveKit does, and as badly as a test wants. */
export interface TwirpServer {
  readonly url: string;
  readonly calls: Call[];
  /** The paths of the calls so far. */
  readonly paths: string[];
  /** The names of the calls so far. */
  methods(): string[];
  /** Sets the answers to a method: one after the other, the last one for ever. */
  on(method: string, ...answers: Answer[]): void;
}

/** Starts one on loopback, until the end of the test. A method without an answer is answered with `{}`. */
export async function startTwirp(): Promise<TwirpServer> {
  const calls: Call[] = [];
  const paths: string[] = [];
  const planned = new Map<string, Answer[]>();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    paths.push(request.url ?? "");
    const method = request.url?.split("/").at(-1) ?? "";
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    calls.push({ method, body: JSON.parse(Buffer.concat(chunks).toString() || "{}") });
    const answers = planned.get(method) ?? [];
    const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? {};
    const { status = 200, body = {}, type = "application/json", headers, fault } = goodOf(answer);
    await deliver(response, () => ({ status, body, headers: { "content-type": type, ...headers } }), fault);
  }

  const server = createServer((request, response) => void handle(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    paths,
    methods: () => calls.map(({ method }) => method),
    on: (method, ...answers) => void planned.set(method, answers),
  };
}

function goodOf(answer: Answer): GoodAnswer {
  if (answer === "cut") return { fault: { kind: "reset" } };
  return answer === "silence" ? { fault: { kind: "silence" } } : answer;
}

/** An address on loopback at which no server listens. */
export async function addressOfNobody(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}`;
}

/** Makes the pauses between retries next to nothing until the end of the test; returns those that were asked for. */
export function hurry(): number[] {
  return shorten(
    (milliseconds) => milliseconds >= 100 && milliseconds < 1_000,
    () => 0,
  );
}

/** Makes the deadlines of exchanges so many times shorter until the end of the test; returns those that were asked for. */
export function hurryDeadlines(times: number): number[] {
  return shorten(
    (milliseconds) => milliseconds >= 10_000,
    (milliseconds) => milliseconds / times,
  );
}

function shorten(
  ours: (milliseconds: number) => boolean,
  shorter: (milliseconds: number) => number,
): number[] {
  const asked: number[] = [];
  const { setTimeout } = globalThis;
  vi.stubGlobal("setTimeout", (run: unknown, milliseconds = 0, ...rest: unknown[]) => {
    if (!ours(milliseconds)) return Reflect.apply(setTimeout, globalThis, [run, milliseconds, ...rest]);
    asked.push(milliseconds);
    return Reflect.apply(setTimeout, globalThis, [run, shorter(milliseconds), ...rest]);
  });
  onTestFinished(() => void vi.unstubAllGlobals());
  return asked;
}
