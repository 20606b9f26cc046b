import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import * as pulumi from "@pulumi/pulumi";
import { RtcError } from "../contract";
import { RtcRecording } from "../pulumi/recording";
import { RtcRoom } from "../pulumi/room";
import { parseManifest } from "./parse";

const FILE = "rtc.yaml";

/** The stack's outputs: the ids by resource name. */
interface Outputs {
  rooms: Record<string, pulumi.Output<string>>;
  recordings: Record<string, pulumi.Output<string>>;
}

/** Declares the rooms and recordings of `rtc.yaml` in the project's folder. */
async function provision(): Promise<Outputs> {
  try {
    const overlay = `rtc.${pulumi.getStack()}.yaml`;
    if (existsSync(overlay)) {
      throw new RtcError(
        "UNSUPPORTED",
        `${overlay}:1:1: overlays are not supported in this version: take the file away, and declare its rooms in ${FILE}`,
      );
    }
    const { project, rooms, recordings } = parseManifest(await read(), FILE);
    if (project !== pulumi.getProject()) {
      throw new RtcError(
        "INVALID_ARGUMENT",
        `${FILE}: its project is ${project}, but Pulumi.yaml names ${pulumi.getProject()}: the two must be the same, since they decide whose rooms these are`,
      );
    }
    const made = mapped(rooms, (name, room) => new RtcRoom(name, room));
    const recorded = mapped(
      recordings,
      (name, { room, ...rest }) => new RtcRecording(name, { room: made[room] as RtcRoom, ...rest }),
    );
    return {
      rooms: mapped(made, (_, { room }) => room),
      recordings: mapped(recorded, (_, { recording }) => recording),
    };
  } catch (error) {
    // A RunError is printed without a stack.
    if (RtcError.isInstance(error)) throw new pulumi.RunError(`${error.code}: ${error.message}`);
    throw error;
  }
}

function mapped<T, U>(from: Record<string, T>, make: (name: string, value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [name, make(name, value)]));
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
