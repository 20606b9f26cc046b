import { parse, parseRoomId, RtcError, roomId, routeInput } from "../contract";
import type { Health } from "../routing/health";
import { redact } from "../support/redact";
import type { RtcConfig } from "./config";
import { peopleOf } from "./people";
import { recordingsOf } from "./recordings";
import { Resolver } from "./resolve";
import { roomsOf } from "./rooms";
import { traitsOf } from "./traits";
import type { KnownRooms, RtcClient } from "./types";
import { everyVendor, type Registry, Vendors } from "./vendors";

/**
 * A client over adapters in this process, from a configuration that is read already.
 *
 * @param health what it has seen of the vendors. Pulumi's clients have none: what is declared goes where the preview
 * said, whatever fails in between
 * @param rooms what a gateway knows of rooms: a bare name is then routed where others are asked for an id
 */
export function localClient(
  config: RtcConfig,
  known: Registry = everyVendor,
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
      return { ...traitsOf(adapter), deployments: adapter.deployments() };
    },
    roomWarnings: (vendor, settings) => vendors.get(vendor).roomWarnings(settings),
    redact: (text) => redact(text, vendors.secrets()),
  };
}
