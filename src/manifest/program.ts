import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import * as pulumi from "@pulumi/pulumi";
import { RtcError } from "../contract";
import { RtcRoom } from "../pulumi/room";
import { parseManifest } from "./parse";

const FILE = "rtc.yaml";

/** The stack's outputs: the room ids by resource name. */
interface Outputs {
  rooms: Record<string, pulumi.Output<string>>;
}

/** Declares the rooms of `rtc.yaml` in the project's folder. */
async function provision(): Promise<Outputs> {
  try {
    const overlay = `rtc.${pulumi.getStack()}.yaml`;
    if (existsSync(overlay)) {
      throw new RtcError(
        "UNSUPPORTED",
        `${overlay}:1:1: overlays are not supported in this version: take the file away, and declare its rooms in ${FILE}`,
      );
    }
    const { project, rooms } = parseManifest(await read(), FILE);
    if (project !== pulumi.getProject()) {
      throw new RtcError(
        "INVALID_ARGUMENT",
        `${FILE}: its project is ${project}, but Pulumi.yaml names ${pulumi.getProject()}: the two must be the same, since they decide whose rooms these are`,
      );
    }
    const made = Object.entries(rooms).map(([name, room]) => [name, new RtcRoom(name, room).room] as const);
    return { rooms: Object.fromEntries(made) };
  } catch (error) {
    // A RunError is printed without a stack.
    if (RtcError.isInstance(error)) throw new pulumi.RunError(`${error.code}: ${error.message}`);
    throw error;
  }
}

async function read(): Promise<string> {
  try {
    return await readFile(FILE, "utf8");
  } catch {
    throw new RtcError("NOT_FOUND", `there is no ${FILE} in ${process.cwd()}`);
  }
}

/**
 * The Pulumi program that declares what `rtc.yaml` in the project's folder says.
 *
 * @example module.exports = require("pulumi-rtc/program"); // the whole program
 */
const outputs: Promise<Outputs> = provision();
export = outputs;
