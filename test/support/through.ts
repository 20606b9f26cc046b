import { inject } from "vitest";
import { type Advertised, serveCoreOnly } from "./advertised.ts";
import { RunningGateway } from "./gateway.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** What the gateway offers that this project's stacks go through; undefined: they go to the servers themselves. */
    through?: Advertised;
    /** Only what shows that the engine and a gateway fit together is to run; what each does is shown without the other. */
    isSeam?: boolean;
  }
}

/** The key by which stacks use the gateway. */
export const GATEWAY_KEY = "canary-key-of-the-gateway";
const advertised = inject("through");

/** What a test expects otherwise where a gateway is in between. */
export const isThrough = advertised !== undefined;
/** What it expects otherwise where with only the core capabilities: nothing changes in place, no recording can be read. */
export const isCoreOnly = advertised === "core only";

/** Whether only the seam between the engine and a gateway is tested. */
export const isSeam = inject("isSeam") ?? false;

/** The timeout at the server of a room that never closes by itself; the longest of REST is 136 years. */
export const NEVER = isThrough ? 2 ** 32 - 2 : 2 ** 32 - 1;

/** The operation for a room whose metadata changes, and for a recording whose layout does. */
export const UPDATE = isCoreOnly ? "replace" : "update";

/**
 * What a stack's environment needs to use a vendor: the vendor's own variables, or in the projects that go through a
 * gateway the address and the key of one that has them.
 */
export async function envOf(vendor: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  if (advertised === undefined) return { ...vendor };
  const { address } = await RunningGateway.start({ env: { ...vendor, RTC_GATEWAY_KEY: GATEWAY_KEY } });
  return {
    RTC_ENDPOINT: advertised === "core only" ? await serveCoreOnly(address) : address,
    RTC_API_KEY: GATEWAY_KEY,
  };
}
