import type { VendorAdapter } from "../contract/adapter";
import type { Capability } from "../contract/capabilities";
import type { ErrorCode } from "../contract/errors";

/** What is looked for. */
export interface RouteRequest {
  /** What the vendor must be able to do. */
  needs: readonly Capability[];
  /** The pin: this vendor or none. */
  vendor?: string | undefined;
  region?: string | null | undefined;
  /** A room name that the vendor must be able to carry. */
  name?: string | undefined;
}

/** One vendor and why it does not fit; without a reason it does. */
export interface Candidate {
  vendor: string;
  code?: ErrorCode;
  reason?: string;
  /** The part of the request that does not fit. */
  field?: "vendor" | "region" | "name";
}

/** The choice, null where no vendor fits, and the reasons. */
export interface Route {
  vendor: string | null;
  candidates: Candidate[];
}

/** The vendors that may be chosen, in the configured order. */
export interface Choice {
  adapters: readonly VendorAdapter[];
  disabled: readonly string[];
}

/** The first vendor in order that is configured, not disabled, and can do what is asked. Same request, same answer. */
export function explain(request: RouteRequest, { adapters, disabled }: Choice): Route {
  const candidates = adapters
    .filter(({ vendor }) => request.vendor === undefined || request.vendor === vendor)
    .map((adapter) => judge(request, adapter, disabled.includes(adapter.vendor)));
  if (candidates.length === 0 && request.vendor !== undefined) {
    const known = adapters.map(({ vendor }) => vendor).join(", ");
    const reason = `is not a vendor of this configuration; there is ${known}`;
    candidates.push({ vendor: request.vendor, code: "INVALID_ARGUMENT", reason, field: "vendor" });
  }
  return { vendor: candidates.find(({ reason }) => reason === undefined)?.vendor ?? null, candidates };
}

function judge(request: RouteRequest, adapter: VendorAdapter, disabled: boolean): Candidate {
  const { vendor } = adapter;
  const no = (code: ErrorCode, reason: string): Candidate => ({ vendor, code, reason });
  if (disabled) return no("NOT_CONFIGURED", "is disabled (rtc:disabledVendors)");
  for (const capability of request.needs) {
    const ability = adapter.abilities[capability];
    if (!ability.can) return no("UNSUPPORTED", `cannot ${capability}: ${ability.reason}`);
  }
  const region = request.region ?? null;
  const regions = adapter.regions();
  if (region !== null && !regions.includes(region)) {
    const reason = `has no region ${region}; there is ${regions.join(", ") || "none"}`;
    return { ...no("INVALID_ARGUMENT", reason), field: "region" };
  }
  for (const capability of request.needs) {
    const missing = adapter.missing(region, capability);
    if (missing) return no("NOT_CONFIGURED", missing);
  }
  const bad = request.name === undefined ? undefined : adapter.badName(request.name);
  return bad ? { ...no("INVALID_ARGUMENT", `cannot carry the name: ${bad}`), field: "name" } : { vendor };
}
