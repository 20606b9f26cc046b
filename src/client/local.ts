import { parse, parseRoomId, RtcError, readConfig, roomId, routeInput } from "../contract";
import type { RtcConfig } from "../contract/inputs";
import { Health } from "../routing/health";
import { redact } from "../support/redact";
import { registry } from "../vendors/registry";
import { peopleOf } from "./people";
import { recordingsOf } from "./recordings";
import { Resolver } from "./resolve";
import { roomsOf } from "./rooms";
import type { KnownRooms, RtcClient } from "./types";
import { type Registry, Vendors } from "./vendors";

/**
 * A client of the configured vendors. It keeps count of the calls that fail: a vendor whose last five have failed is
 * passed over for new rooms that name no vendor, until one succeeds or half a minute is over.
 *
 * @param config what is given here goes before the environment (LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET, …)
 * @throws INVALID_ARGUMENT where a setting cannot be read; missing credentials are NOT_CONFIGURED at the first use
 * @example
 * const client = createClient();
 * const { token } = await client.token.issue({ room: "standup", identity: "alice" });
 */
export function createClient(config: RtcConfig = {}): RtcClient {
  return localClient(readConfig(config), registry, new Health());
}

/**
 * A client over adapters in this process, from a configuration that is read already.
 *
 * @param health what it has seen of the vendors. Pulumi's clients have none: what is declared goes where the preview
 * said, whatever fails in between
 * @param rooms what a gateway knows of rooms: a bare name is then routed where others are asked for an id
 */
export function localClient(
  config: RtcConfig,
  known: Registry = registry,
  health?: Health,
  rooms?: KnownRooms,
): RtcClient {
  const vendors = new Vendors(config, known, health);
  const resolver = new Resolver(vendors, rooms);
  const parts = { config, vendors, resolver };

  return {
    room: roomsOf(parts),
    recording: recordingsOf(parts),
    ...peopleOf(parts),
    discover: async (capability) => vendors.discover(capability),
    explainRoute: (request) => vendors.explain(parse(routeInput, request, "the request")),
    route: (request) => vendors.route(request),
    vendors: () => [...vendors.names],
    roomId: (room) => roomId(resolver.settle(room, "rtc.room.create").ref),
    endpoint: (room) => {
      // An id is enough, also where the vendor is not to be used any more.
      const ref = parseRoomId(room, vendors.names) ?? resolver.settle(room, "rtc.room.create").ref;
      const adapter = vendors.get(ref.vendor);
      if (ref.region === null || adapter.regions().includes(ref.region)) return adapter.endpoint(ref.region);
      const message = `${ref.vendor}: has no region ${ref.region}; there is ${adapter.regions().join(", ") || "none"}`;
      throw new RtcError("INVALID_ARGUMENT", message, { vendor: ref.vendor });
    },
    traits: (vendor) => {
      const adapter = vendors.get(vendor);
      const { keepsRooms, changesInPlace, caveats } = adapter;
      return { keepsRooms, changesInPlace, caveats, deployments: adapter.deployments() };
    },
    roomWarnings: (vendor, settings) => vendors.get(vendor).roomWarnings(settings),
    redact: (text) => redact(text, vendors.secrets()),
  };
}
