import { existsSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { repo } from "../support/clone.ts";
import { RunningGateway } from "../support/gateway.ts";
import { startLivekit } from "../support/livekit.ts";
import { startProxy } from "../support/proxy.ts";
import { RtcFolder } from "../support/rtc-folder.ts";
import { SHORT_LIVED } from "../support/short-lived.mts";
import { newStack } from "../support/stack.ts";
import type { State } from "../support/stack-types.ts";
import { declare, program } from "../support/world.ts";

/* What rooms cost, counted instead of timed: calls, bytes of state, and modules that are loaded. */

const ROOMS = 20;
/** Loaded first into each process of Node that a command starts; it writes what the process does to RTC_COUNTS. */
const COUNTING = join(repo, "test/support/counting.cjs");

/** A line of that file. `by`: `run`, the program; `dynamic-provider`; or `cli`. */
interface Line {
  by: string;
  /** A gRPC method that the process has called. */
  calls?: string;
  /** One that it has answered. */
  answers?: string;
  /** The files that it has loaded. */
  modules?: string[];
}

/** What one command has cost. */
interface Cost {
  /** Calls of the vendor's API, by method. */
  vendor: Record<string, number>;
  /** Resources that the program has registered, itself included. */
  registered: number;
  /** Messages of the program to the engine; those for debugging, which Pulumi's SDK sends, are among them. */
  logs: number;
  /** Calls of the engine that the provider has answered, by method. */
  provider: Record<string, number>;
  /** Calls that the provider has made. */
  madeByProvider: number;
}

function countOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function takeLines(file: string): Line[] {
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  rmSync(file, { force: true });
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
}

const { dependencies } = JSON.parse(readFileSync(join(repo, "package.json"), "utf8")) as {
  dependencies: Record<string, string>;
};

/** What a process has loaded. */
interface Loaded {
  /** Files of this package and of its dependencies; Pulumi's SDK is not counted. */
  files: number;
  /** The dependencies. */
  packages: string[];
  /** What it has loaded of the bundle, which holds copies of other dependencies. */
  chunks: string[];
}

function loadedBy(by: string, lines: readonly Line[]): Loaded {
  const modules = lines.find((line) => line.by === by && line.modules)?.modules ?? [];
  const nameOf = (file: string) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? "";
  const counted = modules.filter(
    (file) => file.startsWith(join(repo, "dist/")) || Object.hasOwn(dependencies, nameOf(file)),
  );
  console.log(`files loaded by ${by}: ${counted.length}`);
  const packages = [...new Set(counted.map(nameOf))].filter(Boolean).sort();
  const chunks = counted.filter((file) => file.startsWith(join(repo, "dist/chunks/")));
  return { files: counted.length, packages, chunks: chunks.map((file) => basename(file, ".js")).sort() };
}

describe(`The calls for ${ROOMS} rooms`, () => {
  type Command = "up" | "preview" | "same" | "refresh" | "destroy";
  const costs = {} as Record<Command, Cost>;
  let provider: ReturnType<typeof loadedBy>;
  let reading: ReturnType<typeof loadedBy>;

  beforeAll(async () => {
    const server = await startLivekit();
    const proxy = await startProxy(server.url);
    const names = Array.from({ length: ROOMS }, (_, index) => `room-${index}`);
    const rooms = names.map((name) => declare(name, { maxParticipants: 12, metadata: { team: "core" } }));
    const env = { ...server.env, LIVEKIT_URL: proxy.url };
    const stack = await newStack({ program: program(...rooms), env });
    const file = join(stack.dir, "counts");
    const options = `${SHORT_LIVED["NODE_OPTIONS"]} --require=${JSON.stringify(COUNTING)}`;
    stack.setEnv({ RTC_COUNTS: file, NODE_OPTIONS: options });
    const counted = async (command: Command, run: () => Promise<unknown>) => {
      const before = proxy.calls.length;
      await run();
      const lines = takeLines(file);
      const made = (by: string) => lines.flatMap((line) => (line.by === by && line.calls) || []);
      const named = (name: string) => made("run").filter((path) => path.endsWith(`/${name}`)).length;
      costs[command] = {
        vendor: countOf(proxy.calls.slice(before)),
        registered: named("RegisterResource"),
        logs: named("Log"),
        provider: countOf(lines.flatMap((line) => (line.by === "dynamic-provider" && line.answers) || [])),
        madeByProvider: made("dynamic-provider").length,
      };
      return loadedBy("dynamic-provider", lines);
    };
    provider = await counted("up", () => stack.up());
    await counted("preview", () => stack.expectNoChanges());
    await counted("same", () => stack.up());
    reading = await counted("refresh", () => stack.refresh(["--expect-no-changes"]));
    await counted("destroy", () => stack.destroy());
  });

  test("of the vendor are two to create a room, none without a change, at most three to refresh them all, and three to delete one", () => {
    expect(costs.up.vendor).toEqual({ ListRooms: ROOMS, CreateRoom: ROOMS });
    expect([costs.preview.vendor, costs.same.vendor]).toEqual([{}, {}]);
    expect(Object.keys(costs.refresh.vendor)).toEqual(["ListRooms"]);
    expect(costs.refresh.vendor["ListRooms"]).toBeLessThanOrEqual(3);
    expect(costs.destroy.vendor).toEqual({ ListRooms: ROOMS, ListParticipants: ROOMS, DeleteRoom: ROOMS });
  });

  test("of the engine are one registration and two of the provider for a room, and one of the provider to delete it", () => {
    const perRoom = (cost: Cost) =>
      Object.fromEntries(
        ["check", "diff", "create", "read", "update", "delete"].flatMap((method) =>
          cost.provider[method] === undefined ? [] : [[method, cost.provider[method] / ROOMS]],
        ),
      );
    expect(perRoom(costs.up)).toEqual({ check: 1, create: 1 });
    expect(perRoom(costs.preview)).toEqual({ check: 1, diff: 1 });
    expect(perRoom(costs.same)).toEqual({ check: 1, diff: 1 });
    expect(perRoom(costs.refresh)).toEqual({ read: 1, diff: 1 });
    expect(perRoom(costs.destroy)).toEqual({ delete: 1 });
    for (const command of ["up", "preview", "same"] as const) {
      expect(costs[command].registered).toBe(ROOMS + 1);
      // Three for each resource by Pulumi's SDK, and those of the stack itself.
      expect(costs[command].logs).toBeLessThanOrEqual(3 * ROOMS + 15);
    }
    expect(Object.values(costs).map(({ madeByProvider }) => madeByProvider)).toEqual([0, 0, 0, 0, 0]);
  });

  test("load the provider without a vendor's library until a vendor is called", () => {
    expect(provider.packages).toEqual([]);
    expect(provider.chunks).not.toContain("manifest");
    expect(provider.files).toBeLessThanOrEqual(9);
    expect(reading.packages).toEqual(["livekit-server-sdk"]);
    expect(reading.files).toBeLessThanOrEqual(27);
  });
});

describe("A command loads at its start", () => {
  let folder: RtcFolder;
  let file: string;
  let env: Record<string, string>;
  beforeAll(() => {
    folder = new RtcFolder({});
    file = join(folder.dir, "../counts");
    env = { RTC_COUNTS: file, NODE_OPTIONS: `--require=${JSON.stringify(COUNTING)}` };
    folder.manifest("rooms:", "  hall: { count: 10 }");
  });

  test("only what describes the commands, for its help", async () => {
    await folder.run(0, "--help", env);
    const { files, packages, chunks } = loadedBy("cli", takeLines(file));
    expect(packages).toEqual([]);
    expect(chunks).toEqual(["errors", "rolldown-runtime"]);
    expect(files).toBeLessThanOrEqual(6);
  });

  test("to validate a manifest no server, no engine and no vendor's library", async () => {
    await folder.run(0, "validate", env);
    const { files, packages, chunks } = loadedBy("cli", takeLines(file));
    expect(packages).toEqual([]);
    expect(chunks).toEqual(["client", "contract", "errors", "manifest", "rolldown-runtime"]);
    expect(files).toBeLessThanOrEqual(9);
  });

  test("for a gateway no Pulumi, no YAML, and no PostgreSQL where its store is a file", async () => {
    const key = "a-trial-key-of-this-test";
    const gateway = await RunningGateway.start({ env: { ...env, RTC_GATEWAY_KEY: key } });
    expect(await gateway.end()).toBe(0);
    const { files, packages, chunks } = loadedBy("cli", takeLines(file));
    // YAML is a part of it.
    expect(chunks).not.toContain("manifest");
    for (const name of ["@pulumi/pulumi", "yaml", "pg", "kysely"]) expect(packages).not.toContain(name);
    expect(packages).toEqual(expect.arrayContaining(["hono", "pino", "prom-client"]));
    expect(files).toBeLessThanOrEqual(117);
  });
});

test("A room of a manifest has a state of 1,150 bytes at most, and a recording one of 1,500", async () => {
  const server = await startLivekit({ egress: "worker" });
  const folder = new RtcFolder(server.env);
  const recording = "{ room: standup, audioOnly: true, layout: speaker, outputUri: out/standup/ }";
  folder.manifest(
    "rooms:",
    "  standup: { maxParticipants: 12, metadata: { team: core } }",
    ...["recordings:", `  standup: ${recording}`],
  );
  await folder.run(0, "up");
  const state = folder.files().find((name) => name.endsWith("stacks/acme/dev.json")) ?? "";
  const { checkpoint } = JSON.parse(readFileSync(join(folder.dir, "..", state), "utf8")) as {
    checkpoint: { latest: State["deployment"] };
  };
  const bytesOf = (type: string) => {
    const found = checkpoint.latest.resources.filter((one) => one.type.endsWith(type));
    return found.map((one) => Buffer.byteLength(JSON.stringify(one)));
  };
  const [rooms, recordings] = [bytesOf(":RtcRoom"), bytesOf(":RtcRecording")];
  console.log(`state of a manifest: ${rooms} bytes of a room, ${recordings} of a recording`);
  expect([rooms.length, recordings.length]).toEqual([1, 1]);
  expect(rooms[0]).toBeLessThanOrEqual(1_150);
  expect(recordings[0]).toBeLessThanOrEqual(1_500);
  await folder.run(0, "destroy");
});
