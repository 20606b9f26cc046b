import type { RtcConfig } from "./rtc-config";
import type { RtcClient } from "./types";

/**
 * A client of the configured vendors, or of a gateway where `endpoint` (RTC_ENDPOINT) names one. It has a circuit breaker
 * for each vendor: after five failed calls in a row, new rooms that name no vendor are placed at others until a call
 * succeeds or half a minute is over.
 *
 * @param config what is given here goes before the environment (LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET, …)
 * @throws INVALID_ARGUMENT where a setting cannot be read; missing credentials are NOT_CONFIGURED at the first use
 * @example
 * const client = createClient();
 * const { token } = await client.token.issue({ room: "standup", identity: "alice" });
 */
export function createClient(config: RtcConfig = {}): RtcClient {
  // A program that only declares rooms does not load the vendors and their SDKs, a third of the package.
  const create: typeof import("./create") = require("./create");
  return create.newClient(config);
}
