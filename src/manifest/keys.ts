import { DEFAULT_LAYOUT, outputKey } from "../contract";
import type { DeclaredRecording, DeclaredRoom } from "./manifest";

/** The key by which a stack's rooms are compared: two of the same key are one room at the vendor. */
export function roomKey(resource: string, { name = resource, vendor, region }: DeclaredRoom): string {
  return JSON.stringify(["room", vendor, region, name]);
}

/** The key by which a stack's recordings are compared: two of the same key write the same file. */
export function recordingKey({
  room,
  layout = DEFAULT_LAYOUT,
  audioOnly = false,
  outputUri = "",
}: DeclaredRecording): string {
  return JSON.stringify(["recording", room, layout, audioOnly, outputKey(outputUri, audioOnly)]);
}
