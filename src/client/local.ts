import { parse, parseRoomId, RtcError, roomId, routeInput } from "../contract";
import type { Health } from "../routing/health";
import { redact } from "../support/redact";
import type { RtcConfig } from "./config";
import { participantsOf } from "./participants";
import { recordingsOf } from "./recordings";
import { Resolver } from "./resolve";
import { roomsOf } from "./rooms";
import { traitsOf } from "./traits";
import type { KnownRooms, RtcClient } from "./types";
import { everyVendor, type Registry, Vendors } from "./vendors";

/**
 * A client over adapters in this process, from a configuration that is read already.
 *
 * @param health the circuit breakers of the vendors. Pulumi's clients have none, so that up places rooms as the preview
 * reported
 * @param rooms the records of a gateway, with which it places a bare name where other clients ask for an id
 */
export function localClient(
  config: RtcConfig,
  known: Registry = everyVendor,
  health?: Health,
  rooms?: KnownRooms,
): RtcClient {
  const vendors = new Vendors(config, known, health);
  const resolver = new Resolver(vendors, rooms);
  const context = { config, vendors, resolver };

  return {
    room: roomsOf(context),
    recording: recordingsOf(context),
    ...participantsOf(context),
    discover: async (capability) => vendors.discover(capability),
    explainRoute: (request) => vendors.explain(parse(routeInput, request, "the request")),
    route: (request) => vendors.route(request),
    vendors: () => [...vendors.names],
    roomId: (room) => roomId(resolver.resolveLocally(room, "rtc.room.create").ref),
    endpoint: (room) => {
      // An id is enough, even where the vendor is disabled.
      const ref = parseRoomId(room, vendors.names) ?? resolver.resolveLocally(room, "rtc.room.create").ref;
      const adapter = vendors.get(ref.vendor);
      if (ref.region === null || adapter.regions().includes(ref.region)) return adapter.endpoint(ref.region);
      const message = `${ref.vendor}: has no region ${ref.region}; there is ${adapter.regions().join(", ") || "none"}`;
      throw new RtcError("INVALID_ARGUMENT", message, { vendor: ref.vendor });
    },
    traits: (vendor) => {
      const adapter = vendors.get(vendor);
      return { ...traitsOf(adapter), deployments: adapter.deployments() };
    },
    roomWarnings: (vendor, settings) => vendors.get(vendor).roomWarnings(settings),
    redact: (text) => redact(text, vendors.secrets()),
  };
}
