import { agora } from "./agora/adapter";
import { livekit } from "./livekit/adapter";
import { zego } from "./zego/adapter";

/** Every vendor, in the default order of consideration: one line each. */
export const registry = {
  livekit,
  agora,
  zego,
};
