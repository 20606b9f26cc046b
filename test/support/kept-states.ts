import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repo } from "./clone.ts";
import { type LivekitServer, startLivekit } from "./livekit.ts";
import { newStack, type Stack } from "./stack.ts";
import type { State } from "./stack-types.ts";

const folder = join(repo, "test/fixtures/states");

/** Everything that a test needs to use a kept state; the server is long gone, and so are its keys. */
export interface Origin {
  project: string;
  stack: string;
  passphrase: string;
  apiKey: string;
  apiSecret: string;
  /** Keys of vendors that are not called. */
  env: Record<string, string>;
  url: string;
}

/** The kept states: after `up`, and after a refresh that observed drift. */
export type Moment = "state" | "refreshed";

/** The versions with kept states. */
export function keptVersions(): string[] {
  return readdirSync(folder);
}

/** The version that is being worked on. */
export function thisVersion(): string {
  return (JSON.parse(readFileSync(join(repo, "package.json"), "utf8")) as { version: string }).version;
}

/** The program of the states of a version. */
export function keptProgram(version: string): string {
  return readFileSync(join(folder, version, "index.js"), "utf8");
}

export function keptOrigin(version: string): Origin {
  return JSON.parse(readFileSync(join(folder, version, "origin.json"), "utf8")) as Origin;
}

export function storedState(version: string, moment: Moment): string {
  return readFileSync(join(folder, version, `${moment}.json`), "utf8");
}

/** Keeps what a version has written. */
export function keep(version: string, name: Moment | "origin", content: object): void {
  writeFileSync(join(folder, version, `${name}.json`), `${JSON.stringify(content, null, 2)}\n`);
}

/** A server and a stack for the program, project and keys of a version. */
export async function worldOf(version: string): Promise<{ server: LivekitServer; stack: Stack }> {
  const { apiKey, apiSecret, project, stack: name, passphrase, env } = keptOrigin(version);
  const server = await startLivekit({ config: { keys: { [apiKey]: apiSecret } }, egress: "worker" });
  const stack = await newStack({
    program: keptProgram(version),
    project,
    stack: name,
    env: { ...env, PULUMI_CONFIG_PASSPHRASE: passphrase },
    config: {
      "rtc:livekitUrl": server.url,
      "rtc:livekitApiKey": apiKey,
      "rtc:livekitApiSecret": { secret: apiSecret },
    },
  });
  return { server, stack };
}

/** A state without what is only true of the machine that it was written on. */
export function withoutPlaces(state: State, path: string): State {
  const text = JSON.stringify(state).replaceAll(path, "");
  return JSON.parse(text, (key, value: unknown) =>
    // Where in the program a resource was made.
    key === "stackTrace" || key === "sourcePosition" ? undefined : value,
  ) as State;
}

/** What a state consists of, by resource: the names of its properties, and of what kind each is. */
export function shapeOf(state: State): Record<string, unknown> {
  const shaped = state.deployment.resources.map(({ urn, inputs, outputs }) => [
    urn,
    kindOf({ inputs, outputs }),
  ]);
  return Object.fromEntries(shaped) as Record<string, unknown>;
}

function kindOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(kindOf);
  if (typeof value !== "object" || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, kindOf(entry)]));
}
