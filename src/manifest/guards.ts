import { type Issue, invalid } from "../contract";
import type { Loaded } from "./load";

/** The stack that may do without, by what it does without: its name, so that a setting is not carried to another by mistake. */
export interface Allowed {
  /** `rtc:allowEmpty` or RTC_ALLOW_EMPTY. */
  empty?: string | undefined;
  /** `rtc:allowMissingOverlay` or RTC_ALLOW_MISSING_OVERLAY. */
  missingOverlay?: string | undefined;
}

/** Looks up what a stack may do without. */
export function readAllowed(
  stackConfig: (key: string) => string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): Allowed {
  return {
    empty: stackConfig("allowEmpty") ?? environment["RTC_ALLOW_EMPTY"],
    missingOverlay: stackConfig("allowMissingOverlay") ?? environment["RTC_ALLOW_MISSING_OVERLAY"],
  };
}

/**
 * Refuses a manifest that would take down what nobody meant to: one that has become empty, and one without the overlay of
 * its stack, where other stacks have theirs.
 *
 * @throws INVALID_ARGUMENT that says how to allow it
 */
export function guard(
  { manifest, file, overlay, otherOverlays }: Loaded,
  stack: string,
  allowed: Allowed,
): void {
  const issues: Issue[] = [];
  const unless = (key: string, variable: string) =>
    `if that is meant, say so with pulumi config set rtc:${key} ${stack}, or ${variable}=${stack} in the environment`;
  if (Object.keys(manifest.rooms).length === 0 && allowed.empty !== stack) {
    const message = `declares no room at all, which would delete every room of stack ${stack}: ${unless("allowEmpty", "RTC_ALLOW_EMPTY")}`;
    issues.push({ path: "", message });
  }
  if (overlay === undefined && otherOverlays.length > 0 && allowed.missingOverlay !== stack) {
    const message = `has no overlay for stack ${stack}, but ${otherOverlays.join(", ")}: ${unless("allowMissingOverlay", "RTC_ALLOW_MISSING_OVERLAY")}`;
    issues.push({ path: "", message });
  }
  if (issues.length > 0) throw invalid(overlay === undefined ? file : `${file} with ${overlay}`, issues);
}
