import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, vi } from "vitest";
import { killAtTheEnd } from "./cleanup.ts";
import { repo } from "./clone.ts";
import { rtc } from "./rtc.ts";
import { SHORT_LIVED } from "./short-lived.mts";

/** What an answer of a gateway was. */
export interface Answer {
  status: number;
  headers: Headers;
  // What it holds is what a test is about.
  body: unknown;
}

/** A request to a gateway, as JSON. */
export interface Ask {
  method?: string;
  body?: unknown;
  /** The key to come with, instead of the gateway's own; null: none. */
  key?: string | null;
  headers?: Record<string, string>;
}

/** A real `rtc gateway`, a process of its own on a free port of loopback. It ends with the test file at the latest. */
export class RunningGateway {
  /** `http://127.0.0.1:…` */
  readonly address: string;
  readonly #child: ChildProcess;
  readonly #text: { stdout: string; stderr: string };
  readonly #key: string | undefined;

  private constructor(
    address: string,
    child: ChildProcess,
    text: { stdout: string; stderr: string },
    key?: string,
  ) {
    this.address = address;
    this.#child = child;
    this.#text = text;
    this.#key = key;
  }

  /**
   * @param cwd its folder, where its store is
   * @param env its whole environment, beside the PATH; its RTC_GATEWAY_KEY is the key that requests come with
   */
  static async start({
    cwd = mkdtempSync(join(inject("scratch"), "gateway-")),
    env = {},
    args = [],
  }: {
    cwd?: string;
    env?: Record<string, string>;
    args?: readonly string[];
  } = {}): Promise<RunningGateway> {
    const main = join(repo, "dist/cli/main.js");
    const child = spawn(process.execPath, [main, "gateway", "--port", "0", ...args], {
      cwd,
      env: { PATH: process.env["PATH"], ...SHORT_LIVED, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    killAtTheEnd(() => child.kill("SIGKILL"));
    const text = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (chunk: string) => {
        text[name] += chunk;
      });
    }
    const listening = () => /Listening on (\S+)/.exec(text.stderr)?.[1];
    const ended = () => child.exitCode !== null || child.signalCode !== null;
    // Not expect.poll, which does not work in a set-up.
    await vi.waitFor(() => expect(ended() || listening() !== undefined).toBe(true), { timeout: 60_000 });
    const address = listening();
    if (address === undefined) throw new Error(`The gateway ended with ${child.exitCode}:\n${text.stderr}`);
    return new RunningGateway(address, child, text, env["RTC_GATEWAY_KEY"]);
  }

  /** Makes a key in the store of a folder, as a user does. */
  static async createKey(cwd: string, name: string, ...args: string[]): Promise<string> {
    const made = await rtc(["gateway", "keys", "create", name, ...args], { cwd });
    if (made.code !== 0) throw new Error(made.stderr);
    return made.stdout.trim();
  }

  /** All that it has written, be it a log or not. */
  get written(): string {
    return this.#text.stdout + this.#text.stderr;
  }

  /** Its log, which is JSON. */
  get log(): Record<string, unknown>[] {
    return this.#text.stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Asks for a path. */
  async ask(path: string, { method, body, key = this.#key, headers }: Ask = {}): Promise<Answer> {
    const response = await fetch(`${this.address}${path}`, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers: {
        ...(key && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get("content-type") ?? "");
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  /** Sends a signal, and waits until it has ended. Its exit code. */
  async end(signal: "SIGTERM" | "SIGINT" | "SIGKILL" = "SIGTERM"): Promise<number | null> {
    this.signal(signal);
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "exit");
    return this.#child.exitCode;
  }

  signal(signal: "SIGTERM" | "SIGINT" | "SIGKILL"): void {
    this.#child.kill(signal);
  }
}
