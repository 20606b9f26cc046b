import { Health } from "../routing/circuit-breaker";
import { type RtcConfig, readConfig } from "./config";
import { localClient } from "./local";
import { remoteClient } from "./remote";
import type { RtcClient } from "./types";
import { everyVendor } from "./vendors";

/** A client with circuit breakers, which the package exports as `createClient`. */
export function newClient(config: RtcConfig = {}): RtcClient {
  return clientOf(readConfig(config), new Health());
}

/**
 * A client from a configuration that is read already: of the gateway that it names, else of the vendors in this process.
 *
 * @param health the circuit breakers of the vendors; a gateway has its own
 */
export function clientOf(config: RtcConfig, health?: Health): RtcClient {
  return config.endpoint === undefined ? localClient(config, everyVendor, health) : remoteClient(config);
}
