import * as pulumi from "@pulumi/pulumi";
import { invalid, messageOf, RtcError } from "../contract";
import { declare } from "./declare";
import { guard, loadManifest, readAllowed } from "./load";
import type { Outputs } from "./outputs";
import type { Manifest } from "./schema";

/**
 * The manifest of the project's folder, with the stack's overlay.
 *
 * @throws RunError, which Pulumi prints without a stack; before the program has a promise, whose late rejection Node reports too
 */
function read(): Manifest {
  try {
    const stack = pulumi.getStack();
    const loaded = loadManifest({ folder: process.cwd(), stack });
    const { manifest, file } = loaded;
    if (manifest.project !== pulumi.getProject()) {
      const message = `its project is ${manifest.project}, but Pulumi.yaml names ${pulumi.getProject()}: they must be the same, since the project decides the ownership of rooms`;
      throw invalid(file, [{ path: "", message }]);
    }
    const config = new pulumi.Config("rtc");
    guard(
      loaded,
      stack,
      readAllowed((key) => config.get(key)),
    );
    return manifest;
  } catch (error) {
    if (RtcError.isInstance(error)) throw new pulumi.RunError(`${error.code}: ${messageOf(error)}`);
    throw error;
  }
}

/** Declares the resources of the manifest in the project's folder at once, so that a mistake ends the program while it loads. */
export function declareProject(): Promise<Outputs> {
  return Promise.resolve(declare(read()));
}
