import { RtcError } from "../contract";
import { rejection } from "./decision";
import type { Declaration } from "./declarations";
import type { Context } from "./lifecycle";

/** The errors that `up` will meet as well. With all others the vendor cannot be observed now. */
const LASTING: ReadonlySet<string> = new Set([
  ...["UNAUTHENTICATED", "PERMISSION_DENIED", "NOT_CONFIGURED", "UNSUPPORTED", "INVALID_ARGUMENT"],
  ...["ENDPOINT_MISMATCH", "INSUFFICIENT_CREDIT"],
]);

/** Whether a resource is new in a preview that may ask the vendors. */
export function isForeseen(
  { config }: Pick<Context, "config">,
  declaration: Declaration | undefined,
): declaration is Declaration {
  return (
    declaration?.dryRun === true && declaration.managedId === undefined && config.offlinePreview !== true
  );
}

/** Observes what `up` will meet, and reports it on the resource's row; a vendor that cannot be reached is reported once. */
export async function foresee(
  { declarations, report }: Pick<Context, "declarations" | "report">,
  urn: string,
  observe: () => Promise<void>,
): Promise<void> {
  try {
    await observe();
  } catch (error) {
    if (!RtcError.isInstance(error)) throw error;
    if (LASTING.has(error.code)) return report("warn", rejection(error), urn);
    const message = `not observed, so that this preview may miss what up will meet: ${error.message}`;
    if (declarations.isFirstReport("not observed")) report("warn", message, urn);
  }
}
