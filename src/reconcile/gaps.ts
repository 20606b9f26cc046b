import type { RtcClient } from "../client/types";
import { type Capability, RtcError } from "../contract";
import type { PreconditionFailure } from "./decision";

/** What a gateway, or a vendor by its keys, cannot do: only the observe step asks for that. */

/**
 * Why a gateway cannot do something that is optional; undefined where it can, and where none is used. An outage is an
 * error: it must not pass for that.
 */
export async function gatewayGap(
  client: Pick<RtcClient, "discover" | "gateway">,
  capability: Capability,
  vendor: string,
): Promise<string | undefined> {
  if (client.gateway === undefined) return undefined;
  const { vendors } = await client.discover(capability);
  const own = vendors.find((one) => one.vendor === vendor);
  if (own ? own.available : vendors.some(({ available }) => available)) return undefined;
  return `the gateway does not offer ${capability}`;
}

/**
 * Why a gateway creates no rooms at a vendor, by its own account; undefined where it does, or none is used: without one
 * check knows.
 */
export async function placementGap(
  client: Pick<RtcClient, "discover" | "gateway">,
  vendor: string,
): Promise<PreconditionFailure | undefined> {
  if (client.gateway === undefined) return undefined;
  const { vendors } = await client.discover("rtc.room.create");
  const others = vendors.filter(({ available }) => available).map((one) => one.vendor);
  // One that reports no vendor at all cannot be asked this.
  if (others.length === 0 || others.includes(vendor)) return undefined;
  const why = vendors.find((one) => one.vendor === vendor)?.reason ?? "the gateway does not know it";
  const message = `${vendor}: ${why}; the gateway makes rooms at ${others.join(", ")}`;
  return { code: "NOT_CONFIGURED", message };
}

/** Which keys are missing to close rooms of a vendor with everybody in them; undefined where none are, or it cannot. */
export function closeGap(
  client: Pick<RtcClient, "explainRoute">,
  { vendor, region }: { vendor: string; region?: string | undefined },
): string | undefined {
  // To close a room is to remove everybody from it.
  const request = { needs: ["rtc.room.delete", "rtc.participant.kick"], vendor, region } as const;
  const found = client.explainRoute(request).candidates.find((candidate) => candidate.vendor === vendor);
  return found?.code === "NOT_CONFIGURED" ? unclosable(vendor, found.reason) : undefined;
}

/** The same of a gateway that keeps records of such rooms. */
export async function gatewayCloseGap(
  client: Pick<RtcClient, "discover">,
  vendor: string,
): Promise<string | undefined> {
  const { vendors } = await client.discover("rtc.participant.kick");
  const own = vendors.find((one) => one.vendor === vendor);
  return own?.available === false ? unclosable(vendor, own.reason) : undefined;
}

function unclosable(vendor: string, reason = "the keys for that are missing"): string {
  return `${vendor}: forceDestroy closes the room with everybody in it, but ${reason}. Without forceDestroy the room closes when it is empty`;
}

/** The answer, or something else where it is UNSUPPORTED: a gateway does not offer it. */
export async function ifOffered<T, F>(answer: Promise<T>, otherwise: F): Promise<T | F> {
  try {
    return await answer;
  } catch (error) {
    if (RtcError.isInstance(error) && error.code === "UNSUPPORTED") return otherwise;
    throw error;
  }
}
