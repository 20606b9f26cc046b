import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { type Issue, invalid, type Problem, type RtcError } from "../contract";
import { readManifest } from "./parse";
import type { Referenced } from "./references";
import type { Manifest } from "./schema";
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
  /** The error for problems that were found later, by their paths in the manifest, each with its place. */
  errorOf(problems: readonly Problem[]): RtcError;
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
  const { manifest, ...found } = readManifest(read(folder, file), file, {
    environment,
    vendors,
    overlay: overlay === undefined ? undefined : { file: overlay, text: read(folder, overlay) },
  });
  const otherOverlays = [...overlays.values()].filter((name) => name !== overlay);
  return { manifest, file, ...found, otherOverlays, ...(overlay === undefined ? {} : { overlay }) };
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
    const message =
      code === "ENOENT"
        ? `there is no such file in ${folder}: rtc init writes one`
        : `cannot be read (${code})`;
    throw invalid(file, [{ path: "", message }]);
  }
}

/** The names of stacks for which a guard is off. A name, so that the setting does not apply to another stack by mistake. */
export interface Allowed {
  /** `rtc:allowEmpty` or RTC_ALLOW_EMPTY. */
  empty?: string | undefined;
  /** `rtc:allowMissingOverlay` or RTC_ALLOW_MISSING_OVERLAY. */
  missingOverlay?: string | undefined;
}

/** Reads for which stacks a guard is off. */
export function readAllowed(
  stackConfig: (key: string) => string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): Allowed {
  return {
    empty: stackConfig("allowEmpty") ?? environment["RTC_ALLOW_EMPTY"],
    missingOverlay: stackConfig("allowMissingOverlay") ?? environment["RTC_ALLOW_MISSING_OVERLAY"],
  };
}

/**
 * Rejects a manifest that would delete resources by mistake: an empty one, and one without the overlay of its stack, where
 * other stacks have one.
 *
 * @throws INVALID_ARGUMENT with how to allow it
 */
export function guard(
  { manifest, file, overlay, otherOverlays }: Loaded,
  stack: string,
  allowed: Allowed,
): void {
  const issues: Issue[] = [];
  const unless = (key: string, variable: string) =>
    `set ${variable}=${stack} in the environment, or in a Pulumi project run pulumi config set rtc:${key} ${stack}`;
  if (Object.keys(manifest.rooms).length === 0 && allowed.empty !== stack) {
    const message = `declares no room at all, which would delete every room of stack ${stack}. To allow that, ${unless("allowEmpty", "RTC_ALLOW_EMPTY")}`;
    issues.push({ path: "", message });
  }
  if (overlay === undefined && otherOverlays.length > 0 && allowed.missingOverlay !== stack) {
    const own = file.replace(/(?=\.ya?ml$)/, `.${stack}`);
    const message = `has no overlay for stack ${stack}, but ${otherOverlays.join(", ")}: add ${own}, which may be empty. To go without, ${unless("allowMissingOverlay", "RTC_ALLOW_MISSING_OVERLAY")}`;
    issues.push({ path: "", message });
  }
  if (issues.length > 0) throw invalid(overlay === undefined ? file : `${file} with ${overlay}`, issues);
}
