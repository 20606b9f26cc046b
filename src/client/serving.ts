import type { VendorAdapter } from "../contract/adapter";
import type { RtcConfig } from "../contract/inputs";
import { Health } from "../routing/health";
import { registry } from "../vendors/registry";
import { localClient } from "./local";
import type { KnownRooms, RtcClient } from "./types";

/**
 * The client of a gateway: of the configured vendors, with something between it and them.
 *
 * @param config read already
 * @param wrap is given each vendor's adapter, and returns the one to use
 * @param rooms what the gateway knows of rooms
 */
export function servingClient(
  config: RtcConfig,
  wrap: (adapter: VendorAdapter) => VendorAdapter,
  rooms: KnownRooms,
): RtcClient {
  const wrapped = Object.entries(registry).map(
    ([name, make]) => [name, (read: RtcConfig) => wrap(make(read))] as const,
  );
  return localClient(config, Object.fromEntries(wrapped), new Health(), rooms);
}
