import type { RtcClient } from "../client/types";
import { type Capability, RtcError } from "../contract";
import type { PreconditionFailure } from "./decision";

/**
 * Why a vendor, or a gateway before it, does not have an optional capability; undefined where both have it. An outage is
 * an error, not a missing capability.
 */
export async function capabilityGap(
  client: Pick<RtcClient, "discover" | "explainRoute" | "gateway">,
  capability: Capability,
  vendor: string,
): Promise<string | undefined> {
  const { candidates } = client.explainRoute({ needs: [capability], vendor });
  const asked = candidates.find((candidate) => candidate.vendor === vendor);
  if (asked?.code === "UNSUPPORTED") return `${vendor} ${asked.reason}`;
  if (client.gateway === undefined) return undefined;
  const { vendors } = await client.discover(capability);
  const own = vendors.find((one) => one.vendor === vendor);
  if (own ? own.available : vendors.some(({ available }) => available)) return undefined;
  return `the gateway does not advertise ${capability}${own?.reason ? `: ${own.reason}` : ""}`;
}

/**
 * Why a gateway creates no rooms at a vendor, as it reports; undefined where it does, or no gateway is used: then check
 * resolves it.
 */
export async function placementGap(
  client: Pick<RtcClient, "discover" | "gateway">,
  vendor: string,
): Promise<PreconditionFailure | undefined> {
  if (client.gateway === undefined) return undefined;
  const { vendors } = await client.discover("rtc.room.create");
  const others = vendors.filter(({ available }) => available).map((one) => one.vendor);
  // A gateway that reports no vendor at all may create rooms anywhere.
  if (others.length === 0 || others.includes(vendor)) return undefined;
  const why = vendors.find((one) => one.vendor === vendor)?.reason ?? "the gateway does not know it";
  const message = `${vendor}: ${why}; the gateway creates rooms at ${others.join(", ")}`;
  return { code: "NOT_CONFIGURED", message };
}

/** Which keys are missing to close occupied rooms of a vendor; undefined where none are, or the vendor cannot close them. */
export function closeGap(
  client: Pick<RtcClient, "explainRoute">,
  { vendor, region }: { vendor: string; region?: string | undefined },
): string | undefined {
  // Closing a room removes every participant.
  const request = { needs: ["rtc.room.delete", "rtc.participant.kick"], vendor, region } as const;
  const found = client.explainRoute(request).candidates.find((candidate) => candidate.vendor === vendor);
  return found?.code === "NOT_CONFIGURED" ? closeProblem(vendor, found.reason) : undefined;
}

/** {@link closeGap} of a gateway that stores records of such rooms. */
export async function gatewayCloseGap(
  client: Pick<RtcClient, "discover">,
  vendor: string,
): Promise<string | undefined> {
  const { vendors } = await client.discover("rtc.participant.kick");
  const own = vendors.find((one) => one.vendor === vendor);
  return own?.available === false ? closeProblem(vendor, own.reason) : undefined;
}

function closeProblem(vendor: string, reason = "the keys for that are missing"): string {
  return `${vendor}: forceDestroy disconnects every participant, but ${reason}. Without forceDestroy the room closes when it is empty`;
}

/** The answer, or `otherwise` where a gateway does not advertise the capability (UNSUPPORTED). */
export async function ifAdvertised<T, F>(answer: Promise<T>, otherwise: F): Promise<T | F> {
  try {
    return await answer;
  } catch (error) {
    if (RtcError.isInstance(error) && error.code === "UNSUPPORTED") return otherwise;
    throw error;
  }
}
