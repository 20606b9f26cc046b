import { parse, type RouteRequest, RtcError, routeInput } from "../contract";
import type { VendorAdapter } from "../contract/adapter";
import { type Choice, explain, type Route, routeError } from "../routing/route";
import { redact } from "../support/redact";
import type { RtcConfig } from "./config";
import { GatewayCapabilities, GatewayClient } from "./remote-gateway";
import { remoteRecordings } from "./remote-recordings";
import { remoteParticipants, remoteRooms } from "./remote-rooms";
import type { RtcClient, VendorTraits } from "./types";
import { everyVendor, type Registry, traitsOf } from "./vendors";

/**
 * A client of a gateway of the contract, ours or a third party's. It uses the core capabilities, and an optional one
 * where discovery advertises it; else that is UNSUPPORTED. The gateway has the vendors' keys and places rooms itself.
 *
 * The traits of vendors are known without a call, from the adapters of this version, which have no keys here.
 *
 * @param config `endpoint` must be given
 */
export function remoteClient(config: RtcConfig, known: Registry = everyVendor): RtcClient {
  const names = Object.keys(known);
  const adapters = Object.values(known).map((make) => make({}));
  // Credentials of vendors that are configured beside the gateway are secret too.
  const secrets = [config.apiKey ?? "", ...Object.values(known).flatMap((make) => make(config).secrets())];
  const gateway = new GatewayClient(config, secrets);
  const capabilities = new GatewayCapabilities(gateway, names);
  const adapterOf = (vendor: string) => adapters.find((adapter) => adapter.vendor === vendor);
  const onDemand = adapters.filter(({ persistentRooms }) => !persistentRooms).map(({ vendor }) => vendor);
  const isOnDemand = (vendor: string) => onDemand.includes(vendor);
  const remote = { gateway, capabilities, known: names, isOnDemand };

  return {
    gateway: gateway.endpoint,
    room: remoteRooms(remote),
    recording: remoteRecordings(remote, config),
    ...remoteParticipants(remote),
    discover: (capability) => capabilities.discover(capability),
    explainRoute: (request) => explainLocally(parse(routeInput, request, "the request"), adapters),
    route: (request) => {
      if (gateway.problem !== undefined) throw new RtcError("NOT_CONFIGURED", gateway.problem);
      const { vendor } = request;
      const route = explainLocally(request, adapters);
      if (vendor !== undefined && route.vendor === null)
        throw routeError(request, route, choiceOf(request, adapters));
      return route.vendor ?? undefined;
    },
    vendors: () => [...names],
    roomId: (room) => room,
    endpoint: () => gateway.endpoint,
    traits: (vendor) => {
      const adapter = adapterOf(vendor);
      if (!adapter) return UNKNOWN;
      const traits = traitsOf(adapter);
      // Where rooms are persistent, each region may be a deployment of its own.
      return traits.keepsRooms ? traits : { ...traits, deployments: adapter.deployments() };
    },
    roomWarnings: (vendor, settings) => adapterOf(vendor)?.roomWarnings(settings) ?? [],
    redact: (text) => redact(text, secrets),
  };
}

/** The traits of a vendor that this version does not know. */
const UNKNOWN: VendorTraits = {
  keepsRooms: true,
  persistentRooms: {
    revivedByJoin: true,
    tagPlace: "the room's metadata",
    metadataPlace: "the room's metadata",
    lifetimeSeconds: null,
  },
  issuesTokensByCall: false,
  changesInPlace: ["metadata"],
  caveats: [],
  recordsOnlyOccupied: false,
  recordsOneAtATime: false,
};

/** The part of the route that is known here: what a vendor cannot do, whatever its keys. The gateway decides the rest. */
function explainLocally(request: RouteRequest, adapters: readonly VendorAdapter[]): Route {
  const { vendor: explicit } = request;
  const { vendor, candidates } = explain(request, choiceOf(request, adapters));
  if (explicit === undefined) return { vendor: null, candidates };
  if (adapters.some((adapter) => adapter.vendor === explicit)) return { vendor, candidates };
  const others = candidates.filter((candidate) => candidate.vendor !== explicit);
  return { vendor: explicit, candidates: [...others, { vendor: explicit, fits: true }] };
}

/** The vendors of this version as a gateway may have them: with all keys and any region. */
function choiceOf({ region }: RouteRequest, adapters: readonly VendorAdapter[]): Choice {
  const regions = region === undefined || region === null ? [] : [region];
  const configured = adapters.map((adapter) => ({
    ...adapter,
    ...{ regions: () => regions, deployments: () => [null], missing: () => undefined },
  }));
  return { adapters: configured, unused: new Map() };
}
