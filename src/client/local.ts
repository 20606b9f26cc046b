import { kickInput, parse, parseRoomId, RtcError, roomId, routeInput, tokenInput } from "../contract";
import type { VendorAdapter } from "../contract/adapter";
import { Health } from "../routing/circuit-breaker";
import { redact } from "../support/redact";
import type { RtcConfig } from "./config";
import { recordingsOf } from "./recordings";
import { Resolver } from "./resolve";
import { type LocalContext, requireRoom, roomsOf } from "./rooms";
import type { KnownRooms, RtcClient } from "./types";
import { everyVendor, type Registry, traitsOf, Vendors } from "./vendors";

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

/** The `token` and `participant` parts of a client. */
export function participantsOf({ resolver }: LocalContext): Pick<RtcClient, "token" | "participant"> {
  return {
    token: {
      async issue(input) {
        const { room, vendor: explicit, ...asked } = parse(tokenInput, input, "the token");
        const id = typeof room === "string" ? room : room.room;
        const { adapter, ref } = await resolver.resolve(id, "rtc.token.issue", explicit);
        const settings = typeof room === "string" ? undefined : room;
        return await adapter.issueToken({
          ...asked,
          region: ref.region,
          name: ref.name,
          ...(settings && { settings }),
        });
      },
    },
    participant: {
      async list(room) {
        const target = await resolver.resolve(room, "rtc.participant.list");
        const items = await target.adapter.listParticipants(target.ref);
        // A persistent room that does not exist returns an empty list too.
        if (items.length === 0 && target.adapter.persistentRooms) await requireRoom(target);
        return { items };
      },
      async kick(input) {
        const { room, identity, vendor: explicit } = parse(kickInput, input, "the kick");
        const { adapter, ref } = await resolver.resolve(room, "rtc.participant.kick", explicit);
        await adapter.kickParticipant(ref, identity);
      },
    },
  };
}

/**
 * The client in a gateway, over wrapped adapters of the configured vendors.
 *
 * @param config read already
 * @param wrap is given each vendor's adapter, and returns the one to use
 * @param rooms the records of the gateway
 */
export function servingClient(
  config: RtcConfig,
  wrap: (adapter: VendorAdapter) => VendorAdapter,
  rooms: KnownRooms,
): RtcClient {
  const wrapped = Object.entries(everyVendor).map(([name, make]) => {
    const loaded = (read: RtcConfig) => {
      const adapter = make(read);
      adapter.load?.();
      return wrap(adapter);
    };
    return [name, loaded] as const;
  });
  return localClient(config, Object.fromEntries(wrapped), new Health(), rooms);
}
