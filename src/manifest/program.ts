import * as pulumi from "@pulumi/pulumi";
import { RtcError } from "../contract";
import { declare, type Outputs } from "./declare";
import { loadManifest } from "./load";

/** Declares the rooms and recordings of `rtc.yaml` in the project's folder. */
async function provision(): Promise<Outputs> {
  try {
    const manifest = loadManifest({ folder: process.cwd(), stack: pulumi.getStack() });
    if (manifest.project !== pulumi.getProject()) {
      throw new RtcError(
        "INVALID_ARGUMENT",
        `rtc.yaml: its project is ${manifest.project}, but Pulumi.yaml names ${pulumi.getProject()}: the two must be the same, since they decide whose rooms these are`,
      );
    }
    // Resources made after an await carry no stack trace in their state.
    await Promise.resolve();
    return declare(manifest);
  } catch (error) {
    // A RunError is printed without a stack.
    if (RtcError.isInstance(error)) throw new pulumi.RunError(`${error.code}: ${error.message}`);
    throw error;
  }
}

/**
 * The Pulumi program that declares what `rtc.yaml` in the project's folder says.
 *
 * @example module.exports = require("pulumi-rtc/program"); // the whole program
 */
const outputs: Promise<Outputs> = provision();
export = outputs;
