import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { invalid } from "../contract";
import type { Manifest } from "./manifest";
import { readManifest } from "./parse";
import type { Referenced } from "./references";
import { Source } from "./source";

/** A manifest's file in a folder, and the stack whose overlay is merged. */
export interface ManifestSource {
  folder: string;
  /** The base file. Default `rtc.yaml`. */
  file?: string | undefined;
  /** Its overlay is `rtc.<stack>.yaml`; without a stack there is none. */
  stack?: string | undefined;
  /** The environment of `${env:NAME}`. Default: the process's own. */
  environment?: NodeJS.ProcessEnv | undefined;
  /** The vendors that there are; another is a mistake. Default: any, since a gateway may have others. */
  vendors?: readonly string[] | undefined;
}

/** A manifest, and the files that it was read from. */
export interface Loaded {
  manifest: Manifest;
  file: string;
  /** The overlay that was merged. */
  overlay?: string;
  /** Its values that came from the environment. */
  referenced: Referenced[];
  /** Overlays of other stacks beside it. */
  otherOverlays: string[];
}

/** The file name of a manifest. */
export const MANIFEST = "rtc.yaml";

/**
 * Reads a manifest with its overlay.
 *
 * @throws INVALID_ARGUMENT where there is none, or with every problem and its place
 */
export function loadManifest(source: ManifestSource): Loaded {
  const { folder, file = MANIFEST, stack, environment, vendors } = source;
  const overlays = overlaysOf(folder, file);
  const overlay = stack === undefined ? undefined : overlays.get(stack);
  const { manifest, referenced } = readManifest(read(folder, file), file, {
    environment,
    vendors,
    overlay: overlay === undefined ? undefined : { file: overlay, text: read(folder, overlay) },
  });
  const otherOverlays = [...overlays.values()].filter((name) => name !== overlay);
  return { manifest, file, referenced, otherOverlays, ...(overlay === undefined ? {} : { overlay }) };
}

/**
 * The project that a manifest names, even if the manifest is invalid; undefined where it names none, or does not exist.
 *
 * @param key under which it is named; `name` in a Pulumi.yaml
 */
export function projectIn({ folder, file = MANIFEST }: ManifestSource, key = "project"): string | undefined {
  try {
    const value = new Source(read(folder, file), file, {}).value();
    const project =
      typeof value === "object" && value !== null ? new Map(Object.entries(value)).get(key) : undefined;
    return typeof project === "string" ? project : undefined;
  } catch {
    return undefined;
  }
}

/** The overlays of a manifest by stack: `rtc.production.yaml` lies beside `rtc.yaml`. */
function overlaysOf(folder: string, file: string): Map<string, string> {
  const inside = dirname(file); // absolute where the file is
  const end = extname(file);
  const start = `${basename(file, end)}.`;
  if (!existsSync(resolve(folder, inside))) return new Map();
  const names = readdirSync(resolve(folder, inside)).filter(
    (name) => name.startsWith(start) && name.endsWith(end) && name.length > start.length + end.length,
  );
  return new Map(names.sort().map((name) => [name.slice(start.length, -end.length), join(inside, name)]));
}

function read(folder: string, file: string): string {
  try {
    return readFileSync(resolve(folder, file), "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const message = code === "ENOENT" ? `there is no such file in ${folder}` : `cannot be read (${code})`;
    throw invalid(file, [{ path: "", message }]);
  }
}
