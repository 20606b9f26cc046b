import "../contract/node-version";
import type { Outputs } from "./outputs";
import { declareProject } from "./project";

/**
 * The Pulumi program that declares the resources of `rtc.yaml` in the project's folder.
 *
 * @example module.exports = require("pulumi-rtc/program"); // the whole program
 */
// A promise has no members that ES modules could name.
const outputs: Promise<Outputs> = declareProject();
export = outputs;
