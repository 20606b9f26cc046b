import { fstatSync } from "node:fs";
import { log, output } from "@pulumi/pulumi";
import { resetOptions } from "@pulumi/pulumi/runtime/settings";
import type { Report } from "../reconcile/lifecycle";

let attached = false;

/**
 * Fits this process, the engine's host for dynamic providers, to users: messages are on the resource's own
 * row, an error is printed once and without a stack, and the process ends when the engine does.
 */
export function attachHost(): void {
  if (attached) return;
  attached = true;
  const engine = process.argv[2];
  if (engine) resetOptions("", "", -1, engine, "", false, "");

  // The host prints each error of check, diff, read and delete with its stack before it hands it to the engine.
  const print = console.error;
  console.error = (...args: unknown[]) => {
    if (!String(args[0]).startsWith("RtcError: ")) print(...args);
  };

  // A killed engine leaves its providers running; the next run must not race with this one.
  if (fstatSync(0).isFIFO() || fstatSync(0).isSocket())
    process.stdin.on("end", () => process.exit(0)).resume();
}

const unsent = new Set<Promise<void>>();

/** Reports something on a resource's own row, or on the stack's where its URN is not known. */
export const report: Report = (level, message, urn) => {
  const resource = urn === undefined ? undefined : resourceAt(urn);
  const sending =
    level === "warn" ? log.warn(message, resource) : log.info(message, resource, 0, level === "progress");
  unsent.add(sending);
  const over = () => unsent.delete(sending);
  sending.then(over, over);
};

/** Resolves when all that was reported has reached the engine, which ends this process right after its last call. */
export async function flushReports(): Promise<void> {
  await Promise.allSettled(unsent);
}

/** The logger asks a resource for nothing but its URN. */
function resourceAt(urn: string) {
  return { urn: output(urn) } as Parameters<typeof log.info>[1];
}
