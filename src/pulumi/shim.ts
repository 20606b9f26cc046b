import { createRequire } from "node:module";
import { RtcError } from "../contract/errors";
import type { Kind } from "../reconcile/kinds";

/**
 * The provider of every resource, as the engine stores and runs it: one constant line that loads this package from the
 * project's node_modules. Nothing is captured, so no secret can be, and an upgraded package takes effect at once. The state
 * holds it twice for each resource, so that it is short, with quotes that JSON does not escape.
 */
export const shim = (kind: Kind) => `exports.handler=()=>require('pulumi-rtc/provider').${kind}`;

/** A program that the CLI runs, in the folder from which the engine then loads providers. */
const IS_RUN_BY_CLI = /[\\/]@pulumi[\\/]pulumi[\\/]cmd[\\/]run(?:[\\/]|$)/.test(process.argv[1] ?? "");
let isLoadable = !IS_RUN_BY_CLI;

/**
 * Rejects a program in whose folder {@link shim} does not find this package, before the first create fails with a stack:
 * pnpm links what a package itself depends on, and nothing else.
 *
 * @throws NOT_CONFIGURED
 */
export function assertLoadable(): void {
  if (isLoadable) return;
  try {
    createRequire(`${process.cwd()}/`).resolve("pulumi-rtc/provider");
  } catch {
    throw new RtcError(
      "NOT_CONFIGURED",
      `the engine cannot load pulumi-rtc from the folder of the program, ${process.cwd()}: add pulumi-rtc to the dependencies in its own package.json, also where another package of the workspace has it`,
    );
  }
  isLoadable = true;
}
