import type { VendorAdapter } from "../contract/adapter";
import type { RtcConfig } from "../contract/inputs";
import { agora } from "./agora/adapter";
import { livekit } from "./livekit/adapter";
import { zego } from "./zego/adapter";

/** Every vendor, in the default order of consideration: one line each. */
export const registry: Record<string, (config: RtcConfig) => VendorAdapter> = {
  livekit,
  agora,
  zego,
};
