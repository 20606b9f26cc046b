import type { WebhookEvent, WebhookEventNames } from "livekit-server-sdk";
import { RtcError, type VendorEvent } from "../../contract";
import { type Deployment, sdk } from "./api";

/** The events after which a declared room or recording may differ, and the room that each is about. */
const ROOM_OF: Partial<Record<WebhookEventNames, (event: WebhookEvent) => string | undefined>> = {
  room_finished: ({ room }) => room?.name,
  egress_ended: ({ egressInfo }) => egressInfo?.roomName,
};

/**
 * Verifies a webhook of a LiveKit server with the SDK's receiver.
 * https://docs.livekit.io/intro/basics/rooms-participants-tracks/webhooks-events/
 *
 * @param deployments the configured servers by region; several may have the same key
 */
export async function receiveWebhook(
  deployments: ReadonlyMap<string | null, Deployment>,
  body: string,
  authorization: string | undefined,
): Promise<VendorEvent | undefined> {
  const places: VendorEvent["places"] = [];
  let name: WebhookEventNames = "";
  let isSigned = false;
  for (const [region, deployment] of deployments) {
    const event = await verified(deployment, body, authorization);
    if (event === undefined) continue;
    isSigned = true;
    name = event.event;
    const room = ROOM_OF[name]?.(event);
    if (room) places.push({ region, name: room });
  }
  if (!isSigned) {
    const message =
      "livekit webhook: no configured key has signed it: set the server's `webhook.api_key` to the key that is configured here";
    throw new RtcError("UNAUTHENTICATED", message, { vendor: "livekit" });
  }
  return places.length === 0 ? undefined : { event: name, places };
}

async function verified(
  { apiKey, apiSecret }: Deployment,
  body: string,
  authorization: string | undefined,
): Promise<WebhookEvent | undefined> {
  try {
    return await new (sdk().WebhookReceiver)(apiKey, apiSecret).receive(body, authorization);
  } catch {
    // Of another key, expired, changed on its way, or no event.
    return undefined;
  }
}
