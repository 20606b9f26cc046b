/** LiveKit's SDK, loaded at the first call: a preview makes none, and the SDK is half of its modules. */
export function sdk(): typeof import("livekit-server-sdk") {
  return require("livekit-server-sdk");
}
