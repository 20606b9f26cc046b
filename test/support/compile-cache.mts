import { join } from "node:path";

const start = join(import.meta.dirname, "node-start.cjs");

/**
 * Variables for the processes of Node that tests start: all load the same packages, compiled once. The process that runs
 * a program sets a flag of V8 before it loads Pulumi's SDK, the provider's does not, and V8 rejects what was compiled
 * under other flags (findings/pulumi-provider-compile-cache.sh); so each has that flag from its start. An `up --refresh`
 * takes a quarter less processor time like that.
 */
export const COMPILE_CACHE: Readonly<Record<string, string>> = {
  NODE_COMPILE_CACHE: join(import.meta.dirname, "../../node_modules/.cache/compiled"),
  NODE_OPTIONS: `--require=${JSON.stringify(start)}`,
};
