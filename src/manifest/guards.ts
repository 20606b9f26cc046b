import { type Issue, invalid } from "../contract";
import type { Loaded } from "./load";

/** The names of stacks for which a guard is off. A name, so that the setting does not apply to another stack by mistake. */
export interface Allowed {
  /** `rtc:allowEmpty` or RTC_ALLOW_EMPTY. */
  empty?: string | undefined;
  /** `rtc:allowMissingOverlay` or RTC_ALLOW_MISSING_OVERLAY. */
  missingOverlay?: string | undefined;
}

/** Reads for which stacks a guard is off. */
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
 * Rejects a manifest that would delete resources by mistake: an empty one, and one without the overlay of its stack, where
 * other stacks have one.
 *
 * @throws INVALID_ARGUMENT with how to allow it
 */
export function guard(
  { manifest, file, overlay, otherOverlays }: Loaded,
  stack: string,
  allowed: Allowed,
): void {
  const issues: Issue[] = [];
  const unless = (key: string, variable: string) =>
    `set ${variable}=${stack} in the environment, or in a Pulumi project run pulumi config set rtc:${key} ${stack}`;
  if (Object.keys(manifest.rooms).length === 0 && allowed.empty !== stack) {
    const message = `declares no room at all, which would delete every room of stack ${stack}. To allow that, ${unless("allowEmpty", "RTC_ALLOW_EMPTY")}`;
    issues.push({ path: "", message });
  }
  if (overlay === undefined && otherOverlays.length > 0 && allowed.missingOverlay !== stack) {
    const own = file.replace(/(?=\.ya?ml$)/, `.${stack}`);
    const message = `has no overlay for stack ${stack}, but ${otherOverlays.join(", ")}: add ${own}, which may be empty. To go without, ${unless("allowMissingOverlay", "RTC_ALLOW_MISSING_OVERLAY")}`;
    issues.push({ path: "", message });
  }
  if (issues.length > 0) throw invalid(overlay === undefined ? file : `${file} with ${overlay}`, issues);
}
