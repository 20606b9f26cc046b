import type { ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { chooseEgressSettings, redisAnswers, spawnEgress } from "./egress.mts";
import { type Engines, ensureEngines } from "./engines.mts";
import { buildPackage } from "./lib/build.mts";
import { Problem, runScript } from "./lib/problem.mts";
import { run, waitUntil } from "./lib/process.mts";
import { createProgress } from "./lib/progress.mts";
import {
  chooseLiveKitSettings,
  liveKitReady,
  liveKitUrl,
  spawnLiveKit,
  stopLiveKit,
  writeLiveKitConfig,
} from "./livekit.mts";

/*
 * Keeps a state as this version writes it, for the upgrade tests of later versions: node scripts/export-state.mts.
 * Deploys test/fixtures/states/<version>/index.js on a real server, and writes the exported state beside it.
 */

const root = join(import.meta.dirname, "..");

/** Everything that a test needs to use the state; the server is long gone, and so are its keys. */
const origin = {
  project: "acme-rooms",
  stack: "dev",
  passphrase: "the passphrase of a state that is no secret",
  apiKey: "APIofAServerThatIsGone",
  apiSecret: "the-secret-of-a-server-that-is-gone",
};

async function exportState(): Promise<void> {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  const target = join(root, "test/fixtures/states", version);
  const program = await readFile(join(target, "index.js"), "utf8");
  if (!(await buildPackage())) throw new Problem("src/ does not compile.", "The compiler has said why.");
  const engines = await ensureEngines(createProgress());
  const folder = await mkdtemp(join(tmpdir(), "pulumi-rtc-state-"));
  try {
    const { url, state } = await withServer(engines, folder, (url) =>
      deploy({ folder, program, url, pulumi: engines.pulumi, path: engines.path }),
    );
    await writeFile(join(target, "state.json"), `${JSON.stringify(state, null, 2)}\n`);
    await writeFile(join(target, "origin.json"), `${JSON.stringify({ ...origin, url }, null, 2)}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Does something with a server and the stand-in for its egress worker, and ends both. */
async function withServer(
  engines: Engines,
  folder: string,
  work: (url: string) => Promise<unknown>,
): Promise<{ url: string; state: unknown }> {
  const keys = { apiKey: origin.apiKey, apiSecret: origin.apiSecret };
  const settings = { ...(await chooseLiveKitSettings()), ...(await chooseEgressSettings()), ...keys };
  const started: ChildProcess[] = [];
  const recordings = join(folder, "recordings");
  await mkdir(recordings);
  const log = openSync(join(folder, "log"), "w");
  try {
    started.push(spawnEgress(engines.egressStandin, settings, recordings, log));
    if (!(await waitUntil(() => redisAnswers(settings), 10_000)))
      throw new Error("The stand-in does not start.");
    const config = join(folder, "livekit.yaml");
    const redis = { address: `127.0.0.1:${settings.redisPort}` };
    await writeLiveKitConfig(config, settings, { redis });
    const server = spawnLiveKit(engines.livekit, config, log, false);
    started.push(server);
    if (!(await liveKitReady(settings, server.pid ?? 0))) throw new Error("LiveKit does not start.");
    const url = liveKitUrl(settings);
    return { url, state: await work(url) };
  } finally {
    closeSync(log);
    for (const child of started.reverse()) {
      await stopLiveKit(child.pid ?? 0, () => child.exitCode !== null || child.signalCode !== null);
    }
  }
}

/** Deploys the program as a stack of its own, and returns its exported state. */
async function deploy(what: {
  folder: string;
  program: string;
  url: string;
  pulumi: string;
  path: string;
}): Promise<unknown> {
  const project = join(what.folder, "project");
  await mkdir(join(project, "node_modules/@pulumi"), { recursive: true });
  await mkdir(join(what.folder, "backend"));
  await symlink(root, join(project, "node_modules/pulumi-rtc"));
  await symlink(join(root, "node_modules/@pulumi/pulumi"), join(project, "node_modules/@pulumi/pulumi"));
  const manifest = { name: origin.project, runtime: "nodejs", main: "index.js" };
  await writeFile(join(project, "Pulumi.yaml"), JSON.stringify(manifest));
  await writeFile(join(project, "package.json"), JSON.stringify({ name: origin.project, private: true }));
  await writeFile(join(project, "index.js"), what.program);
  const env = {
    ...process.env,
    PATH: [what.path, join(root, "node_modules/.bin"), process.env["PATH"]].filter(Boolean).join(delimiter),
    PULUMI_HOME: join(what.folder, "home"),
    PULUMI_BACKEND_URL: `file://${join(what.folder, "backend")}?metadata=skip`,
    PULUMI_CONFIG_PASSPHRASE: origin.passphrase,
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  const cli = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(what.pulumi, [...args, "--non-interactive"], {
      cwd: project,
      env,
    });
    if (code !== 0) throw new Error(`pulumi ${args[0]} failed:\n${stdout}${stderr}`);
    return stdout;
  };
  await cli("stack", "init", origin.stack);
  await cli("config", "set", "rtc:livekitUrl", what.url);
  await cli("config", "set", "rtc:livekitApiKey", origin.apiKey);
  await cli("config", "set", "--secret", "rtc:livekitApiSecret", origin.apiSecret);
  await cli("up", "--yes", "--skip-preview");
  const state = await cli("stack", "export");
  await cli("destroy", "--yes", "--skip-preview");
  return JSON.parse(state, withoutPlaces);
}

/** The engine notes where in the program a resource was made, with the paths of this machine. */
function withoutPlaces(key: string, value: unknown): unknown {
  return key === "stackTrace" || key === "sourcePosition" ? undefined : value;
}

await runScript(exportState);
