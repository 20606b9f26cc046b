import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type Engines, ensureEngines } from "../../../scripts/engines.mts";
import { downloadEngine } from "../../../scripts/lib/engine-download.mts";
import { type Engine, engines, readPin } from "../../../scripts/lib/engine-list.mts";
import { run, waitUntil } from "../../../scripts/lib/process.mts";
import type { Progress } from "../../../scripts/lib/progress.mts";
import {
  type EngineHosts,
  goStandin,
  pack,
  printing,
  startEngineHosts,
  writeProgram,
} from "../../support/engine-hosts.ts";
import { redirected } from "../../support/engine-hosts-fetch.mts";

const named = (name: string) => engines.find((engine) => engine.name === name) as Engine;
/** What is pinned. */
const versions = { pulumi: "", livekit: "" };
const support = join(__dirname, "../../support");

let folder: string;
let hosts: EngineHosts;
/** The first folder of PATH, with a stand-in for Go. */
let bin: string;
let cache: string;
let output: string[];
const progress: Progress = {
  say: (line) => void output.push(line),
  during: async (title, work) => {
    output.push(title);
    return work().catch((error: Error) => {
      output.push(`${title} failed: ${error.message}`);
      throw error;
    });
  },
};

beforeAll(async () => {
  versions.pulumi = (await readPin(named("pulumi"))).version.slice(1);
  versions.livekit = (await readPin(named("livekit-server"))).version.slice(1);
});

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "pulumi-rtc-engines-"));
  hosts = await startEngineHosts(folder, versions);
  bin = join(folder, "bin");
  cache = join(folder, "cache/pulumi-rtc/engines");
  output = [];
  mkdirSync(bin);
  writeProgram(join(bin, "go"), goStandin);
  vi.stubEnv("PATH", [bin, dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter));
  vi.stubEnv("XDG_CACHE_HOME", join(folder, "cache"));
  vi.stubEnv("TMPDIR", folder);
  // For the process in which Pulumi's installer runs.
  vi.stubEnv("ENGINE_HOSTS", hosts.url);
  vi.stubEnv("NODE_OPTIONS", `--import=${pathToFileURL(join(support, "engine-hosts-fetch.mts"))}`);
  vi.stubGlobal("fetch", redirected(globalThis.fetch, hosts.url));
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  hosts.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What an engine prints: its version where it was downloaded, "built" where the stand-in for Go has made it. */
async function printed(file: string): Promise<string> {
  return (await run(file, [])).stdout.trim();
}

/** What the folder of all clones holds, which is whole engines only. */
const cached = () =>
  readdirSync(cache)
    .map((name) => name.replace(/-[0-9a-f]{10}$/, ""))
    .sort();

describe("engines that are neither on PATH nor in the cache", () => {
  test("are downloaded where there is a release, and built where there is none; the next run finds them", async () => {
    const found = await ensureEngines(progress);
    expect(await printed(found.pulumi)).toBe(`v${versions.pulumi}`);
    expect(await printed(found.livekit)).toBe(`livekit-server version ${versions.livekit}`);
    expect(await printed(found.egressStandin)).toBe("built");
    expect(cached()).toEqual([
      "egress-standin-local",
      `livekit-server-v${versions.livekit}`,
      `pulumi-v${versions.pulumi}`,
    ]);
    // The CLI brought its language host with it.
    expect(existsSync(join(dirname(found.pulumi), "pulumi-language-nodejs"))).toBe(true);
    expect(output).toEqual([
      `Downloading pulumi v${versions.pulumi}`,
      `Downloading livekit-server v${versions.livekit}`,
      expect.stringMatching(/^Building egress-standin from source, this once: /),
      "[1/1] egress-standin local",
    ]);

    output = [];
    hosts.requests.length = 0;
    expect(await ensureEngines(progress)).toEqual(found);
    expect(hosts.requests).toEqual([]);
    expect(output).toEqual([`Found ${[found.pulumi, found.livekit, found.egressStandin].join(", ")}`]);
  });

  test.each<[string, () => void, string]>([
    ["has another checksum", () => corrupt("livekit_"), "has another checksum than the published one"],
    [
      "is not in the list of checksums",
      () => corrupt("checksums.txt"),
      "checksums.txt does not list livekit_",
    ],
    ["breaks off", () => fault(".tar.gz", "cut"), "other side closed"],
    ["is not there", () => hosts.bodies.clear(), "HTTP 404"],
    ["cannot be had, since the server is absent", () => hosts.stop(), "ECONNREFUSED"],
  ])("are built where the download %s", async (_what, breakHosts, reason) => {
    hosts.bodies.delete("/get.pulumi.com/install.sh"); // see below
    breakHosts();
    const found = await ensureEngines(progress);
    for (const file of [found.pulumi, found.livekit, found.egressStandin])
      expect(await printed(file)).toBe("built");
    expect(output.filter((line) => line.includes("livekit-server") && line.includes("failed"))).toEqual([
      expect.stringContaining(reason),
    ]);
    expect(cached()).toEqual([
      "egress-standin-local",
      `livekit-server-v${versions.livekit}`,
      expect.stringMatching(/^pulumi-language-nodejs-v/),
      `pulumi-v${versions.pulumi}`,
    ]);
  });

  test.each<[string, () => void, RegExp]>([
    ["breaks off", () => fault("/pulumi.tar.gz", "cut"), /^Pulumi's installer failed: .*curl/],
    ["never ends", () => fault("/pulumi.tar.gz", "endless"), /^Pulumi's installer has not ended after 2 s$/],
    ["is damaged", () => corrupt("/pulumi.tar.gz"), /^Pulumi's installer failed: /],
    ["is another version", serveAnotherVersion, /^the download is version 3\.999\.0$/],
    ["has no answer", () => fault("/install.sh", "silent"), /^get\.pulumi\.com: no answer for 1 s$/],
  ])("Pulumi's installer leaves nothing behind where its download %s", async (_what, breakHosts, reason) => {
    breakHosts();
    mkdirSync(cache, { recursive: true });
    const limits = { silenceMs: 1_000, totalMs: 2_000, maxBytes: 1_000_000 };
    const [pin, target] = [await readPin(named("pulumi")), join(cache, "pulumi")];
    await expect(downloadEngine(named("pulumi"), pin, target, limits)).rejects.toThrow(reason);
    await hosts.quiet(); // curl has ended too
    expect(cached()).toEqual([]);
  });

  test("are added by one of two runs at once, and found by both", async () => {
    const [one, other] = await Promise.all([inProcess().result, inProcess().result]);
    expect(one).toEqual(other);
    expect(await printed(one.pulumi)).toBe(`v${versions.pulumi}`);
    expect(hosts.requests.filter((path) => path.endsWith(".tar.gz"))).toHaveLength(2);
    expect(cached()).toHaveLength(3);
  });

  test("leave nothing behind of a run that was killed: what it started ends, and the next run removes the rest", async () => {
    fault("/pulumi.tar.gz", "endless");
    const killed = inProcess();
    await waitUntil(() => hosts.requests.includes("/pulumi.tar.gz"), 20_000);
    killed.child.kill("SIGKILL");
    await hosts.quiet();
    expect(cached()).toEqual([".build-", ".lock"].map((begin) => expect.stringContaining(begin)));
    delete hosts.faults["/pulumi.tar.gz"];
    await ensureEngines(progress);
    expect(cached()).toHaveLength(3);
  });
});

describe("an engine on PATH", () => {
  test.each([
    ["the oldest supported", "3.217.1", true],
    ["newer than all that were tested", "3.999.0", true],
    ["too old", "3.217.0", false],
    ["of the next major version", "4.0.0", false],
    ["that was not released", "3.999.0-alpha.1", false],
    ["that reports no version", "none", false],
  ])("%s is used or not: %s, %s", async (_what, version, isUsed) => {
    const file = join(bin, "pulumi");
    writeProgram(file, printing(`v${version}`));
    writeProgram(join(bin, "livekit-server"), printing(`livekit-server version ${versions.livekit}`));
    hosts.stop(); // what is not used is built
    const found = await ensureEngines(progress);
    expect(found.livekit).toBe(join(bin, "livekit-server"));
    expect(found.pulumi === file).toBe(isUsed);
    const reported = version === "none" ? "unknown" : version;
    const sentence = `${file} is not used: its version is ${reported}, and ^3.217.1 is supported.`;
    expect(output.includes(sentence)).toBe(!isUsed);
    expect(found.path.includes("pulumi-v")).toBe(!isUsed);
  });
});

/** Puts something else in the place of the body whose path contains this. */
function corrupt(part: string): void {
  const [path, body] = [...hosts.bodies].find(([name]) => name.includes(part)) ?? [];
  if (path === undefined || body === undefined) throw new Error(`nothing is served at ${part}`);
  hosts.bodies.set(path, body.slice(0, -10));
}

function serveAnotherVersion(): void {
  hosts.bodies.set("/pulumi.tar.gz", pack(folder, { pulumi: printing("v3.999.0") }));
}

function fault(path: string, kind: EngineHosts["faults"][string]): void {
  hosts.faults[path] = kind;
}

/** {@link ensureEngines} in a process of its own, as another clone's. */
function inProcess() {
  const script = `
    import { ensureEngines } from ${JSON.stringify(pathToFileURL(join(__dirname, "../../../scripts/engines.mts")))};
    const progress = { say() {}, during: (_title, work) => work() };
    console.log(JSON.stringify(await ensureEngines(progress)));
  `;
  const args = ["--input-type=module", "--eval", script];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  const result = once(child, "close").then((): Engines => JSON.parse(stdout));
  result.catch(() => {}); // of one that was killed
  return { child, result };
}
