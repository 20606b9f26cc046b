import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import { satisfies } from "semver";
import { buildEngine, checkGo } from "./lib/engine-build.mts";
import { downloadEngine, isReleased } from "./lib/engine-download.mts";
import { removeUnfinished } from "./lib/engine-folder.mts";
import {
  cacheFolder,
  type Engine,
  engines,
  launcher,
  oldestEngines,
  readPin,
  sourceFolder,
} from "./lib/engine-list.mts";
import { supportedVersions, versionOf } from "./lib/engine-version.mts";
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
}

/**
 * Finds every engine: on PATH where its version is a supported one, else in the user's cache folder, which all clones
 * share. What is missing there is added once, at the version that is pinned by go.mod and go.sum in `engines/`: the
 * official release is downloaded, or, where that fails or there is none, the source is built.
 */
export async function ensureEngines(progress: Progress): Promise<Engines> {
  const files = new Map<string, string>();
  const ours = new Set<string>();
  for (const engine of engines) {
    const file = engine.own ? undefined : await findOnPath(engine.name);
    if (file !== undefined && (await isUsable(engine, file, progress))) files.set(engine.name, file);
    else ours.add(engine.name);
  }
  if ((await findOnPath(launcher)) === undefined) ours.add(launcher);
  return collect(engines, ours, files, progress);
}

/** The oldest supported ones, from the cache, downloaded or built, whatever PATH has. */
export async function ensureOldestEngines(progress: Progress): Promise<Engines> {
  const ours = new Set([...oldestEngines.map(({ name }) => name), launcher]);
  return collect(oldestEngines, ours, new Map(), progress);
}

/** Whether the version of an engine on PATH is a supported one. */
async function isUsable(engine: Engine, file: string, progress: Progress): Promise<boolean> {
  if (!engine.versionArgs) return true;
  const [version, supported] = await Promise.all([versionOf(engine, file), supportedVersions(engine)]);
  if (version !== undefined && satisfies(version, supported)) return true;
  progress.say(`${file} is not used: its version is ${version ?? "unknown"}, and ${supported} is supported.`);
  return false;
}

/** Finds or adds those that are `ours`; `files` has the others. */
async function collect(
  engines: readonly Engine[],
  ours: Set<string>,
  files: Map<string, string>,
  progress: Progress,
): Promise<Engines> {
  const needed = engines.filter(({ name }) => ours.has(name));
  // Our CLI brings its companions, whatever else is on PATH.
  const brought = new Set(needed.flatMap(({ companions = [] }) => companions));
  const prefix: string[] = [];
  if (ours.has(launcher) && !brought.has(launcher)) prefix.push(sourceFolder({ name: launcher }));
  const missing: Engine[] = [];
  for (const engine of needed.filter(({ name }) => !brought.has(name))) {
    const file = await cachedFile(engine);
    files.set(engine.name, file);
    if (!engine.own) prefix.unshift(dirname(file));
    if (!(await isExecutable(file))) missing.push(engine);
  }
  const found = [...files].filter(
    ([name]) => !brought.has(name) && !missing.some((engine) => engine.name === name),
  );
  if (found.length > 0) progress.say(`Found ${found.map(([, file]) => file).join(", ")}`);
  if (missing.length > 0) await addMissing(missing, progress);
  return {
    path: prefix.join(delimiter),
    pulumi: files.get("pulumi") ?? "",
    livekit: files.get("livekit-server") ?? "",
    egressStandin: files.get("egress-standin") ?? "",
  };
}

/** Downloads or builds those that are missing, unless another process does. */
async function addMissing(missing: readonly Engine[], progress: Progress): Promise<void> {
  const cache = cacheFolder();
  const tellWait = (pid: number) =>
    progress.say(`Another process (${pid}) is adding engines to ${cache}; waiting for it.`);
  await withLock(join(cache, ".lock"), tellWait, async () => {
    await removeUnfinished(cache);
    const unreleased: Engine[] = [];
    for (const engine of missing) {
      if (await isExecutable(await cachedFile(engine))) continue; // added while we waited
      if (!(await downloadMissing(engine, progress))) unreleased.push(engine);
    }
    if (unreleased.length > 0) await buildMissing(unreleased, progress);
  });
}

/** Downloads an engine; false where it has to be built instead, which is reported. */
async function downloadMissing(engine: Engine, progress: Progress): Promise<boolean> {
  if (!isReleased(engine)) return false;
  const [pin, file] = await Promise.all([readPin(engine), cachedFile(engine)]);
  const title = `Downloading ${engine.name} ${pin.version}`;
  return progress
    .during(title, () => downloadEngine(engine, pin, dirname(file)))
    .then(
      () => true,
      () => false,
    );
}

/** Builds engines, and those of their companions that are missing too. */
async function buildMissing(missing: readonly Engine[], progress: Progress): Promise<void> {
  const needed = new Set(missing.flatMap(({ name, companions = [] }) => [name, ...companions]));
  const toBuild: Engine[] = [];
  // In the order of the list: companions first.
  for (const engine of engines.filter(({ name }) => needed.has(name))) {
    const pinned = missing.find(({ name }) => name === engine.name) ?? engine;
    if (!(await isExecutable(await cachedFile(pinned)))) toBuild.push(pinned);
  }
  await checkGo(toBuild);
  const names = toBuild.map(({ name }) => name);
  const estimate = toBuild.reduce((sum, { buildSeconds }) => sum + buildSeconds, 0);
  const measured = toBuild.map(({ name, buildSeconds }) => `${name} ${buildSeconds} s`).join(", ");
  progress.say(
    `Building ${names.join(", ")} from source, this once: about ${seconds(estimate)} on two cores (measured: ${measured}).`,
  );
  for (const [index, engine] of toBuild.entries()) {
    const [pin, file] = await Promise.all([readPin(engine), cachedFile(engine)]);
    const companions = await Promise.all((engine.companions ?? []).map(companionFile));
    const title = `[${index + 1}/${toBuild.length}] ${engine.name} ${pin.version}`;
    await progress.during(title, () => buildEngine(engine, pin, companions, dirname(file)));
  }
}

/** Where an engine is, or will be once it is added, when PATH does not have it. */
async function cachedFile(engine: Engine): Promise<string> {
  const { version, hash } = await readPin(engine);
  return join(cacheFolder(), `${engine.name}-${version}-${hash}`, engine.name);
}

async function companionFile(name: string): Promise<string> {
  const engine = engines.find((candidate) => candidate.name === name);
  return engine ? cachedFile(engine) : join(sourceFolder({ name }), name);
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
