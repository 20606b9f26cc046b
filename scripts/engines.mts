import { constants } from "node:fs";
import { access, readdir, rm } from "node:fs/promises";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import { buildEngine, checkGo, unfinished } from "./lib/engine-build.mts";
import {
  cacheFolder,
  type Engine,
  engines,
  launcher,
  oldestEngines,
  readPin,
  sourceFolder,
} from "./lib/engine-list.mts";
import { withLock } from "./lib/lock.mts";
import { type Progress, seconds } from "./lib/progress.mts";

/** Where the engines are. */
export interface Engines {
  /** Folders to put in front of PATH so that every engine is found; empty when PATH has them all. */
  path: string;
  /** The Pulumi CLI. */
  pulumi: string;
  /** The LiveKit server. */
  livekit: string;
  /** Redis and the stand-in for an egress worker. */
  egressStandin: string;
  /** Names of those that this call has built. */
  built: string[];
}

/**
 * Finds every engine: on PATH, else in the user's cache folder, which all clones share, else builds it there once,
 * pinned by its go.mod and go.sum in `engines/`, or from its source there.
 */
export async function ensureEngines(progress: Progress): Promise<Engines> {
  const files = new Map<string, string>();
  const ours = new Set<string>();
  for (const { name, own } of [...engines, { name: launcher, own: undefined }]) {
    const file = own ? undefined : await findOnPath(name);
    if (file === undefined) ours.add(name);
    else files.set(name, file);
  }
  return collect(engines, ours, files, progress);
}

/** The oldest supported ones, from the cache or built, whatever PATH has. */
export async function ensureOldestEngines(progress: Progress): Promise<Engines> {
  const ours = new Set([...oldestEngines.map(({ name }) => name), launcher]);
  return collect(oldestEngines, ours, new Map(), progress);
}

/** Finds or builds those that are `ours`; `files` has the others. */
async function collect(
  engines: readonly Engine[],
  ours: Set<string>,
  files: Map<string, string>,
  progress: Progress,
): Promise<Engines> {
  // Our CLI brings its companions, whatever else is on PATH.
  for (const { name, companions = [] } of engines) {
    if (ours.has(name)) for (const companion of companions) ours.add(companion);
  }
  const prefix: string[] = [];
  if (ours.has(launcher) && !ours.has("pulumi")) prefix.push(sourceFolder({ name: launcher }));
  const missing: Engine[] = [];
  for (const engine of engines) {
    if (!ours.has(engine.name)) continue;
    const file = await cachedFile(engine);
    files.set(engine.name, file);
    if (!engine.own) prefix.unshift(dirname(file)); // a CLI before its companions
    if (!(await isExecutable(file))) missing.push(engine);
  }
  return {
    built: missing.length > 0 ? await buildMissing(missing, progress) : [],
    path: prefix.join(delimiter),
    pulumi: files.get("pulumi") ?? "",
    livekit: files.get("livekit-server") ?? "",
    egressStandin: files.get("egress-standin") ?? "",
  };
}

async function buildMissing(missing: readonly Engine[], progress: Progress): Promise<string[]> {
  const names = missing.map(({ name }) => name);
  await checkGo(missing);
  const cache = cacheFolder();
  const estimate = missing.reduce((sum, { buildSeconds }) => sum + buildSeconds, 0);
  const seen = missing.map(({ name, buildSeconds }) => `${name} ${buildSeconds} s`).join(", ");
  progress.say(
    `Building ${names.join(", ")} from source, this once: about ${seconds(estimate)} on two cores (seen: ${seen}).`,
  );
  const built: string[] = [];
  const tellWait = (pid: number) =>
    progress.say(`Another process (${pid}) is building them; waiting for it.`);
  await withLock(join(cache, ".lock"), tellWait, async () => {
    await removeUnfinished(cache);
    for (const [index, engine] of missing.entries()) {
      const file = await cachedFile(engine);
      if (await isExecutable(file)) continue; // built while we waited
      const pin = await readPin(engine);
      const companions = await Promise.all((engine.companions ?? []).map(companionFile));
      const title = `[${index + 1}/${missing.length}] ${engine.name} ${pin.version}`;
      await progress.during(title, () => buildEngine(engine, pin, companions, dirname(file)));
      built.push(engine.name);
    }
  });
  return built;
}

/** Where an engine is, or will be once it is built, when PATH does not have it. */
async function cachedFile(engine: Engine): Promise<string> {
  const { version, hash } = await readPin(engine);
  return join(cacheFolder(), `${engine.name}-${version}-${hash}`, engine.name);
}

async function companionFile(name: string): Promise<string> {
  const engine = engines.find((candidate) => candidate.name === name);
  return engine ? cachedFile(engine) : join(sourceFolder({ name }), name);
}

/** Removes what killed builds have left. Only the holder of the lock may, since it is the only one that builds. */
async function removeUnfinished(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (name.startsWith(unfinished)) await rm(join(cache, name), { recursive: true, force: true });
  }
}

async function findOnPath(name: string): Promise<string | undefined> {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    // A relative entry would mean another program in every folder that a command is run in.
    if (isAbsolute(folder) && (await isExecutable(join(folder, name)))) return join(folder, name);
  }
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
