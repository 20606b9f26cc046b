import type { ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** What a call is answered with. */
export interface Answer {
  status: number;
  body: object | string;
  headers?: Record<string, string>;
}

/** How a call goes wrong. */
export type Fault =
  /** The answer comes late, in milliseconds; the call takes effect only then, even when its caller has gone. */
  | { kind: "latency"; ms: number }
  /** Something happens just before the server acts, e.g. participants come and go between two pages. */
  | { kind: "meanwhile"; act: () => void }
  /** The server does nothing and answers this: a 429, a 5xx, a gateway's page. */
  | ({ kind: "answer" } & Answer)
  /** The connection breaks before the server has acted. */
  | { kind: "reset" }
  /** The server does nothing and never answers. */
  | { kind: "silence" }
  /** The server acts, and then the connection breaks: the answer is lost. */
  | { kind: "lost" }
  /** The server acts; half of its answer arrives. */
  | { kind: "truncated" }
  /** The server acts; its answer is right, followed by so many bytes of white space. */
  | { kind: "huge"; bytes: number }
  /** The server acts; its answer comes byte by byte, with so many milliseconds between them. */
  | { kind: "drip"; ms: number };

/** Which calls go wrong: those of one API or all; so many of them, or all until `clear`. */
export interface FaultScope<Api extends string> {
  api?: Api;
  times?: number;
}

/** What shall go wrong. */
export class Faults<Api extends string> {
  readonly #planned: { fault: Fault; api: Api | undefined; times: number }[] = [];

  /** Plans a fault; of several that fit a call the oldest is taken. */
  plan(fault: Fault, { api, times = Number.POSITIVE_INFINITY }: FaultScope<Api> = {}): void {
    this.#planned.push({ fault, api, times });
  }

  /** Forgets all of them. */
  clear(): void {
    this.#planned.length = 0;
  }

  /** Takes the fault of a call, if one is planned. */
  take(api: Api | undefined): Fault | undefined {
    const plan = this.#planned.find((one) => one.times > 0 && (one.api === undefined || one.api === api));
    if (plan !== undefined) plan.times--;
    return plan?.fault;
  }
}

/** Answers a call, as well or as badly as is planned. `act` lets the server do its work. */
export async function deliver(
  response: ServerResponse,
  act: () => Answer,
  fault: Fault | undefined,
): Promise<void> {
  switch (fault?.kind) {
    case undefined:
      return send(response, act());
    case "latency":
      await pause(fault.ms);
      return send(response, act());
    case "meanwhile":
      fault.act();
      return send(response, act());
    case "answer":
      return send(response, fault);
    case "reset":
      return void response.socket?.resetAndDestroy();
    case "silence":
      return;
    case "lost":
      act();
      return void response.socket?.resetAndDestroy();
    case "truncated":
      return sendHalf(response, act());
    case "huge":
      return stream(response, act(), (text) => padded(text, fault.bytes));
    case "drip":
      return stream(response, act(), (text) => dripping(text, fault.ms));
  }
}

function send(response: ServerResponse, answer: Answer): void {
  if (response.destroyed) return;
  const text = textOf(answer);
  writeHead(response, answer, { "content-length": String(Buffer.byteLength(text)) });
  response.end(text);
}

function sendHalf(response: ServerResponse, answer: Answer): void {
  const bytes = Buffer.from(textOf(answer));
  writeHead(response, answer, { "content-length": String(bytes.length) });
  response.write(bytes.subarray(0, bytes.length / 2), () => response.socket?.destroy());
}

async function stream(
  response: ServerResponse,
  answer: Answer,
  pieces: (text: string) => AsyncGenerator<string>,
): Promise<void> {
  writeHead(response, answer, {});
  // The caller may well have had enough: that is what these faults are for.
  await pipeline(pieces(textOf(answer)), response).catch(() => {});
}

function writeHead(response: ServerResponse, answer: Answer, headers: Record<string, string>): void {
  const type = typeof answer.body === "string" ? "text/html" : "application/json";
  response.writeHead(answer.status, { "content-type": type, ...headers, ...answer.headers });
}

function textOf({ body }: Answer): string {
  return typeof body === "string" ? body : JSON.stringify(body);
}

async function* padded(text: string, bytes: number): AsyncGenerator<string> {
  yield text;
  const piece = " ".repeat(65_536);
  for (let left = bytes; left > 0; left -= piece.length) yield piece.slice(0, left);
}

async function* dripping(text: string, ms: number): AsyncGenerator<string> {
  for (const character of text) {
    await pause(ms);
    yield character;
  }
}

/** Does not keep the process alive. */
function pause(ms: number): Promise<void> {
  return sleep(ms, undefined, { ref: false });
}
