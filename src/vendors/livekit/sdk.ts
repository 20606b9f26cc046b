/** LiveKit's SDK, loaded at the first call of a server: a preview makes none, and half of what it would load is this. */
export function sdk(): typeof import("livekit-server-sdk") {
  return require("livekit-server-sdk");
}
