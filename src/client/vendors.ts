import {
  type ConfigShape,
  capability as capabilitySchema,
  invalid,
  parse,
  RtcError,
  suggestion,
} from "../contract";
import type { VendorAdapter } from "../contract/adapter";
import type { Capability } from "../contract/capabilities";
import type { Discovery, RouteRequest } from "../contract/types";
import { type Health, withCircuitBreaker } from "../routing/circuit-breaker";
import { type Choice, explain, fits, type Route, routeError } from "../routing/route";
import { registry } from "../vendors/registry";
import type { RtcConfig } from "./config";
import type { VendorTraits } from "./types";

/** The adapter of each vendor by its configuration, in the default order. */
export type Registry = Record<string, (config: RtcConfig) => VendorAdapter>;

/** Those of this version. */
export const everyVendor: Registry = Object.fromEntries(
  Object.entries(registry).map(([name, { adapter }]) => [name, adapter]),
);

/** The configuration keys of each vendor of this version. */
const shapes: Record<string, ConfigShape> = Object.fromEntries(
  Object.entries(registry).map(([name, { config }]) => [name, config]),
);

/** Whether a configuration sets a key of a vendor. */
function hasKey(config: RtcConfig, vendor: string): boolean {
  return Object.keys(shapes[vendor] ?? {}).some((key) => Reflect.get(config, key) !== undefined);
}

/** A vendor's deployment. */
export interface Deployment {
  adapter: VendorAdapter;
  region: string | null;
}

/** An adapter that checks once what is missing at each deployment: its configuration does not change. */
function withKnownGaps(adapter: VendorAdapter): VendorAdapter {
  const known = new Map(
    adapter.deployments().map((region) => [region, new Map<Capability, string | undefined>()]),
  );
  return {
    ...adapter,
    missing(region, capability) {
      const gaps = known.get(region);
      if (!gaps) return adapter.missing(region, capability);
      if (!gaps.has(capability)) gaps.set(capability, adapter.missing(region, capability));
      return gaps.get(capability);
    },
  };
}

/** The vendors of this version, in the configured order, and which of them may be used. */
export class Vendors {
  /** Every vendor of this version. */
  readonly names: string[];
  readonly #choice: Choice;

  /** @param health their circuit breakers */
  constructor(config: RtcConfig, known: Registry, health?: Health) {
    this.names = Object.keys(known);
    const { vendors = this.names, disabledVendors = [] } = config;
    const issues = Object.entries({ vendors, disabledVendors }).flatMap(([path, listed]) =>
      listed
        .filter((name) => !this.names.includes(name))
        .map((name) => ({
          path,
          message: `${name} is not a vendor of this version${suggestion(name, this.names)}; there is ${this.names.join(", ")}`,
        })),
    );
    if (issues.length > 0) throw invalid("the configuration", issues);
    const rest = this.names.filter((name) => !vendors.includes(name));
    const adapters = [...new Set(vendors), ...rest]
      .flatMap((name) => known[name]?.(config) ?? [])
      .map(withKnownGaps);
    this.#choice = {
      adapters: health ? adapters.map((adapter) => withCircuitBreaker(adapter, health)) : adapters,
      unused: new Map([
        ...rest.map((name) => [name, "is not among rtc:vendors"] as const),
        ...disabledVendors.map((name) => [name, "is disabled (rtc:disabledVendors)"] as const),
      ]),
      mentioned: new Set([...(config.vendors ?? []), ...this.names.filter((name) => hasKey(config, name))]),
      problem: (vendor, region) => health?.problem(vendor, region),
    };
  }

  /** A vendor's adapter, whether or not it may be used. */
  get(vendor: string): VendorAdapter {
    const adapter = this.#choice.adapters.find((candidate) => candidate.vendor === vendor);
    if (adapter) return adapter;
    const message = `${vendor} is not a vendor of this version; there is ${this.names.join(", ")}`;
    throw new RtcError("INVALID_ARGUMENT", message, { vendor });
  }

  /** The adapters that may be used, of vendors of which the configuration sets or names something. */
  configured(): VendorAdapter[] {
    const { adapters, mentioned, unused } = this.#choice;
    return adapters.filter(({ vendor }) => mentioned?.has(vendor) && !unused.has(vendor));
  }

  explain(request: RouteRequest): Route {
    return explain(request, this.#choice);
  }

  /** The vendor for a request. @throws why there is none, with every vendor's reason */
  route(request: RouteRequest): string {
    const explicit = this.#choice.adapters.find(({ vendor }) => vendor === request.vendor);
    if (explicit && fits(request, explicit, this.#choice)) return explicit.vendor;
    const route = this.explain(request);
    if (route.vendor !== null) return route.vendor;
    throw routeError(request, route, this.#choice);
  }

  /** Every deployment with a capability, of vendors that can carry a name. @throws where there is none */
  deployments(capability: Capability, name?: string): Deployment[] {
    const found = this.#choice.adapters
      .filter(({ vendor, abilities }) => abilities[capability].can && !this.#choice.unused.has(vendor))
      .filter(({ badName }) => name === undefined || badName(name) === undefined)
      .flatMap((adapter) => adapter.deployments().map((region) => ({ adapter, region })))
      .filter(({ adapter, region }) => adapter.missing(region, capability) === undefined);
    if (found.length > 0) return found;
    const request = { needs: [capability], name };
    throw routeError(request, this.explain(request), this.#choice);
  }

  /** Which vendors have a capability: in at least one of their deployments. */
  discover(asked: Capability): Discovery {
    const capability = parse(capabilitySchema, asked, "the capability");
    const vendors = this.#choice.adapters.map((adapter) => {
      const { vendor } = adapter;
      const candidates = adapter.deployments().map((region) => {
        const { candidates } = this.explain({ needs: [capability], region });
        return candidates.find((candidate) => candidate.vendor === vendor);
      });
      if (candidates.some((candidate) => candidate?.fits)) return { vendor, available: true };
      return { vendor, available: false, reason: candidates[0]?.reason ?? "it has no deployment" };
    });
    return { capability, vendors };
  }

  /** The configured credentials of every vendor, used or not. */
  secrets(): string[] {
    return this.#choice.adapters.flatMap((adapter) => adapter.secrets());
  }
}

/** The traits of a vendor that do not depend on its keys. */
export function traitsOf(adapter: VendorAdapter): Omit<VendorTraits, "deployments"> {
  const { persistentRooms, issuesTokensByCall, changesInPlace, recordings } = adapter;
  return {
    keepsRooms: persistentRooms !== undefined,
    persistentRooms,
    issuesTokensByCall,
    changesInPlace,
    caveats: [...adapter.caveats, ...roomCaveats(adapter)],
    recordsOnlyOccupied: recordings?.onlyWhileOccupied === true,
    recordsOneAtATime: recordings?.stopsByRoom === true,
  };
}

/** The limitations of a vendor's persistent rooms. */
function roomCaveats({ vendor, persistentRooms }: VendorAdapter): string[] {
  if (!persistentRooms) return [];
  const { tagPlace, lifetimeSeconds, revivedByJoin } = persistentRooms;
  const untagged = `rooms of ${vendor} have no place for an ownership tag: only this stack's state identifies its own rooms; adopt (adopt: true) or delete a room that a killed run has orphaned`;
  const next = revivedByJoin ? "a join brings it back" : "the next run creates it again";
  const expires = `${vendor} ends a room ${lifetimeSeconds} seconds after its creation, whoever is in it; ${next}`;
  return [...(tagPlace === null ? [untagged] : []), ...(lifetimeSeconds === null ? [] : [expires])];
}
