import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { RtcError } from "../contract";
import { type Manifest, parseManifest } from "./parse";

/** Which manifest: a file in a folder, and the stack whose overlay is laid over it. */
export interface ManifestSource {
  folder: string;
  /** The base file. Default `rtc.yaml`. */
  file?: string | undefined;
  /** Its overlay is `rtc.<stack>.yaml`. */
  stack?: string | undefined;
}

/**
 * Reads a manifest with its overlay.
 *
 * @throws NOT_FOUND where there is none; INVALID_ARGUMENT with every problem and its place
 */
export function loadManifest({ folder, file = "rtc.yaml", stack }: ManifestSource): Manifest {
  const overlay = file.replace(/(\.ya?ml)?$/, (end) => `.${stack}${end}`);
  if (stack !== undefined && existsSync(join(folder, overlay))) {
    throw new RtcError(
      "UNSUPPORTED",
      `${overlay}:1:1: overlays are not supported in this version: take the file away, and declare its rooms in ${file}`,
    );
  }
  return parseManifest(read(folder, file), file);
}

function read(folder: string, file: string): string {
  try {
    return readFileSync(join(folder, file), "utf8");
  } catch {
    throw new RtcError("NOT_FOUND", `there is no ${file} in ${folder}`);
  }
}
