import type { VendorAdapter } from "../contract/adapter";
import { Health } from "../routing/health";
import type { RtcConfig } from "./config";
import { localClient } from "./local";
import type { KnownRooms, RtcClient } from "./types";
import { everyVendor } from "./vendors";

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
