import { parse, type RouteRequest, RtcError, routeInput } from "../contract";
import type { VendorAdapter } from "../contract/adapter";
import { type Choice, explain, type Route, refusal } from "../routing/route";
import { redact } from "../support/redact";
import type { RtcConfig } from "./config";
import { GatewayClient } from "./remote-gateway";
import { Offers } from "./remote-offers";
import { remotePeople } from "./remote-people";
import { remoteRecordings } from "./remote-recordings";
import { remoteRooms } from "./remote-rooms";
import { traitsOf } from "./traits";
import type { RtcClient, VendorTraits } from "./types";
import { everyVendor, type Registry } from "./vendors";

/**
 * A client of a gateway that speaks the contract, ours or somebody else's, over the nine routes that all have and
 * discovery; what goes beyond them is used where discovery offers it, and else UNSUPPORTED. The gateway has the
 * vendors' keys and chooses among its vendors itself.
 *
 * What vendors are like is known without a call from the adapters of this version, which have no keys here.
 *
 * @param config `endpoint` must be given
 */
export function remoteClient(config: RtcConfig, known: Registry = everyVendor): RtcClient {
  const names = Object.keys(known);
  const adapters = Object.values(known).map((make) => make({}));
  // What happens to be configured of the vendors beside the gateway is as secret as ever.
  const secrets = [config.apiKey ?? "", ...Object.values(known).flatMap((make) => make(config).secrets())];
  const gateway = new GatewayClient(config, secrets);
  const offers = new Offers(gateway, names);
  const remote = { gateway, offers, known: names };
  const adapterOf = (vendor: string) => adapters.find((adapter) => adapter.vendor === vendor);

  return {
    gateway: gateway.endpoint,
    room: remoteRooms(remote),
    recording: remoteRecordings(remote, config),
    ...remotePeople(remote),
    discover: (capability) => offers.discover(capability),
    explainRoute: (request) => explained(parse(routeInput, request, "the request"), adapters),
    route: (request) => {
      if (gateway.problem !== undefined) throw new RtcError("NOT_CONFIGURED", gateway.problem);
      const { vendor } = request;
      const route = explained(request, adapters);
      if (vendor !== undefined && route.vendor === null)
        throw refusal(request, route, choiceOf(request, adapters));
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

/** A vendor of which this version knows nothing. */
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

/** What is known here of a request: what a vendor never can, whatever its keys. The gateway decides the rest. */
function explained(request: RouteRequest, adapters: readonly VendorAdapter[]): Route {
  const { vendor: explicit } = request;
  const { vendor, candidates } = explain(request, choiceOf(request, adapters));
  if (explicit === undefined) return { vendor: null, candidates };
  if (adapters.some((adapter) => adapter.vendor === explicit)) return { vendor, candidates };
  const others = candidates.filter((candidate) => candidate.vendor !== explicit);
  return { vendor: explicit, candidates: [...others, { vendor: explicit, fits: true }] };
}

/** The vendors of this version as a gateway may have them: with all keys, and any region. */
function choiceOf({ region }: RouteRequest, adapters: readonly VendorAdapter[]): Choice {
  const regions = region === undefined || region === null ? [] : [region];
  const configured = adapters.map((adapter) => ({
    ...adapter,
    ...{ regions: () => regions, deployments: () => [null], missing: () => undefined },
  }));
  return { adapters: configured, unused: new Map() };
}
