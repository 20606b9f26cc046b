import type { RtcConfig, VendorAdapter } from "../contract";
import { livekit } from "./livekit/adapter";

/** Every vendor, in the default order of consideration: one line each. */
export const registry: Record<string, (config: RtcConfig) => VendorAdapter> = {
  livekit,
};
