import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** A program that the stack needs and that npm does not bring. */
export interface Engine {
  /** The program's file name. */
  name: string;
  /** Its folder in `engines/`, where that is not its name. */
  folder?: string;
  /** Seconds of a first build, downloads included, as measured on two cores. */
  buildSeconds: number;
  /** Go variable that is to hold the version; without it the program thinks that it is a development build. */
  versionVariable?: string;
  /** With which the program prints its version; absent where that is the version of the engine whose companion it is. */
  versionArgs?: readonly string[];
  /** Engines, or scripts in `engines/`, of which a copy belongs in the same folder. */
  companions?: readonly string[];
  /** Its source is in `engines/`, and goes with the rest of this repo: one that is on PATH is another. */
  own?: true;
}

/** What Pulumi starts for a dynamic resource: a script, nothing to build. */
export const launcher = "pulumi-resource-pulumi-nodejs";

/** The newest that can be built, in the order in which they are built: companions first. */
export const engines: readonly Engine[] = [
  { name: "pulumi-language-nodejs", buildSeconds: 20 },
  {
    name: "pulumi",
    buildSeconds: 200,
    versionArgs: ["version"],
    versionVariable: "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version",
    // Pulumi prints a warning in every run when these are not beside it.
    companions: ["pulumi-language-nodejs", launcher],
  },
  { name: "livekit-server", buildSeconds: 100, versionArgs: ["--version"] },
  // After the server: where that was built too, most of this one is compiled already, and it takes 5 seconds.
  { name: "egress-standin", buildSeconds: 65, own: true },
];

/** The same with the oldest supported ones, for the tests of these. */
export const oldestEngines: readonly Engine[] = engines.map((engine) =>
  engine.name === "pulumi" || engine.name === "livekit-server"
    ? { ...engine, folder: `oldest/${engine.name}` }
    : engine,
);

/** What is pinned: the package to build, its version, and a hash of all that decides what comes out. */
export interface Pin {
  package: string;
  version: string;
  hash: string;
}

/** The folder in this repo that pins an engine, or holds a script and nothing else that can be run. */
export function sourceFolder({ name, folder = name }: Pick<Engine, "name" | "folder">): string {
  return join(import.meta.dirname, "../../engines", folder);
}

/** Reads what an engine's go.mod pins. */
export async function readPin(engine: Engine): Promise<Pin> {
  const hash = await hashOf([engine, ...(engine.companions ?? []).map((name) => ({ name }))]);
  if (engine.own) return { package: ".", version: "local", hash };
  const file = join(sourceFolder(engine), "go.mod");
  const mod = await readFile(file, "utf8");
  const tool = /^tool (\S+)$/m.exec(mod)?.[1];
  if (tool === undefined) throw new Error(`${file} has no tool directive`);
  const modules = [...mod.matchAll(/^\s+(\S+) (v\S+)/gm)].filter(([, path]) => tool.startsWith(`${path}/`));
  const version = modules.sort(([, a = ""], [, b = ""]) => b.length - a.length)[0]?.[2];
  if (version === undefined) throw new Error(`${file} does not require ${tool}`);
  return { package: tool, version, hash };
}

async function hashOf(all: readonly Pick<Engine, "name" | "folder">[]): Promise<string> {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const engine of all) {
    const folder = sourceFolder(engine);
    for (const file of (await readdir(folder)).sort()) {
      hash.update(`\0${file}\0`).update(await readFile(join(folder, file)));
    }
  }
  return hash.digest("hex").slice(0, 10);
}

/** The folder in the user's cache that all clones share. */
export function cacheFolder(): string {
  const xdg = process.env["XDG_CACHE_HOME"];
  // The specification requires to ignore a relative path.
  return join(xdg && isAbsolute(xdg) ? xdg : join(homedir(), ".cache"), "pulumi-rtc", "engines");
}
