import { RtcError, roomId } from "../contract";
import type { RtcConfig } from "./config";
import { everyVendor } from "./vendors";

/** What has happened to a room, or to a recording of it, as its vendor reports it. */
export interface RoomEvent {
  /** The vendor's own name of it, e.g. `room_finished`. */
  event: string;
  /** The ids of the rooms that it may be about. */
  rooms: string[];
}

/**
 * Verifies a delivery of a vendor's webhook with the keys of a configuration, also where its calls go through a gateway.
 * Undefined for an event after which no declared room or recording can differ.
 *
 * @param config read already
 * @param body as it was sent
 * @param authorization the header of that name
 * @throws UNAUTHENTICATED where no configured key has signed it; NOT_CONFIGURED where there is none; UNKNOWN_ADDRESS for
 * what is no vendor, and for one without webhooks
 * @example await receiveWebhook(config, "livekit", body, request.headers.authorization)
 */
export async function receiveWebhook(
  config: RtcConfig,
  vendor: string,
  body: string,
  authorization: string | undefined,
): Promise<RoomEvent | undefined> {
  const make = Object.hasOwn(everyVendor, vendor) ? everyVendor[vendor] : undefined;
  const webhooks = make?.(config).webhooks;
  if (webhooks === undefined) throw new RtcError("UNKNOWN_ADDRESS", `there is no webhook for ${vendor}`);
  const received = await webhooks.receive(body, authorization);
  if (received === undefined) return undefined;
  return { event: received.event, rooms: received.places.map((place) => roomId({ vendor, ...place })) };
}

/** The vendors with webhooks. */
export function webhookVendors(): string[] {
  return Object.entries(everyVendor).flatMap(([vendor, make]) => (make({}).webhooks ? [vendor] : []));
}
