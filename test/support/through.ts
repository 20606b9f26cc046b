import { inject } from "vitest";
import { RunningGateway } from "./gateway.ts";
import { type Offer, onlyTheNine } from "./offered.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** What the gateway offers that this project's stacks go through; undefined: they go to the servers themselves. */
    through?: Offer;
  }
}

/** The key by which stacks use the gateway. */
export const GATEWAY_KEY = "canary-key-of-the-gateway";
const offer = inject("through");

/** What a test expects otherwise where a gateway is in between. */
export const isThrough = offer !== undefined;
/** What it expects otherwise where that has only the nine: nothing changes in place, no recording can be looked at. */
export const isTheNine = offer === "the nine";

/** The timeout at the server of a room that never closes by itself; the longest of REST is 136 years. */
export const NEVER = isThrough ? 2 ** 32 - 2 : 2 ** 32 - 1;

/** What becomes of a room whose metadata changes, and of a recording whose layout does. */
export const UPDATE = isTheNine ? "replace" : "update";

/**
 * What a stack's environment needs to use a vendor: the vendor's own variables, or in the projects that go through a
 * gateway the address and the key of one that has them.
 */
export async function envOf(vendor: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  if (offer === undefined) return { ...vendor };
  const { address } = await RunningGateway.start({ env: { ...vendor, RTC_GATEWAY_KEY: GATEWAY_KEY } });
  return {
    RTC_ENDPOINT: offer === "the nine" ? await onlyTheNine(address) : address,
    RTC_API_KEY: GATEWAY_KEY,
  };
}
