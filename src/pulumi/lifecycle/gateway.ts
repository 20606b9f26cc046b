import type { RtcClient } from "../../client/types";
import { type Capability, RtcError } from "../../contract";

/**
 * Why a gateway cannot do something beyond the nine that all can; undefined where it can, and where none is used. An
 * outage is an error: it must not pass for that.
 */
export async function lacking(
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
 * Why a gateway makes no rooms at a vendor, by its own word; undefined where it does, or none is used: without one the
 * inputs' check knows.
 */
export async function notServed(
  client: Pick<RtcClient, "discover" | "gateway">,
  vendor: string,
): Promise<RtcError | undefined> {
  if (client.gateway === undefined) return undefined;
  const { vendors } = await client.discover("rtc.room.create");
  const others = vendors.filter(({ available }) => available).map((one) => one.vendor);
  // One that tells of no vendor at all cannot be asked this.
  if (others.length === 0 || others.includes(vendor)) return undefined;
  const why = vendors.find((one) => one.vendor === vendor)?.reason ?? "the gateway does not know it";
  return new RtcError("NOT_CONFIGURED", `${vendor}: ${why}; the gateway makes rooms at ${others.join(", ")}`);
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
