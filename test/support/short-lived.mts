import { join } from "node:path";

const start = join(import.meta.dirname, "node-start.cjs");

/**
 * Variables for the processes that tests start and that live for some seconds. Those of Node load the same packages, compiled
 * once. The process that runs a program sets a flag of V8 before it loads Pulumi's SDK, the provider's does not, and V8
 * rejects what was compiled under other flags (findings/pulumi-provider-compile-cache.sh); so each has that flag from its
 * start. An `up --refresh` takes a quarter less processor time like that. And the Pulumi CLI, which is Go, ends before it is
 * worth the time to collect its garbage: a tenth less.
 */
export const SHORT_LIVED: Readonly<Record<string, string>> = {
  NODE_COMPILE_CACHE: join(import.meta.dirname, "../../node_modules/.cache/compiled"),
  NODE_OPTIONS: `--require=${JSON.stringify(start)}`,
  GOGC: "off",
  GOMEMLIMIT: "1GiB",
};

/** Takes them away, where it is measured what users have to wait for. */
export const AS_FOR_USERS: Readonly<Record<string, undefined>> = Object.fromEntries(
  Object.keys(SHORT_LIVED).map((name) => [name, undefined]),
);
