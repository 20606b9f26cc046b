import { Health } from "../routing/health";
import { type RtcConfig, readConfig } from "./config";
import { localClient } from "./local";
import { remoteClient } from "./remote";
import type { RtcClient } from "./types";
import { everyVendor } from "./vendors";

/** A client that keeps count of the calls that fail: what the package exports as `createClient`. */
export function newClient(config: RtcConfig = {}): RtcClient {
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
