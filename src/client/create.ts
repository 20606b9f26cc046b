import { Health } from "../routing/health";
import { type RtcConfig, readConfig } from "./config";
import { localClient } from "./local";
import { remoteClient } from "./remote";
import type { RtcClient } from "./types";
import { everyVendor } from "./vendors";

/**
 * A client of the configured vendors, or of a gateway where `endpoint` (RTC_ENDPOINT) names one. It keeps count of the
 * calls that fail: a vendor whose last five have failed is passed over for new rooms that name no vendor, until one
 * succeeds or half a minute is over.
 *
 * @param config what is given here goes before the environment (LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET, …)
 * @throws INVALID_ARGUMENT where a setting cannot be read; missing credentials are NOT_CONFIGURED at the first use
 * @example
 * const client = createClient();
 * const { token } = await client.token.issue({ room: "standup", identity: "alice" });
 */
export function createClient(config: RtcConfig = {}): RtcClient {
  return clientOf(readConfig(config), new Health());
}

/**
 * A client from a configuration that is read already: of the gateway that it names, else of the vendors in this process.
 *
 * @param health what it has seen of the vendors; a gateway watches them itself
 */
export function clientOf(config: RtcConfig, health?: Health): RtcClient {
  return config.endpoint === undefined ? localClient(config, everyVendor, health) : remoteClient(config);
}
