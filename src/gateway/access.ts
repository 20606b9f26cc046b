import type { RtcClient } from "../client/types";
import { parseRoomId, RtcError } from "../contract";
import { lastSeen } from "./recorded";
import type { Call } from "./route";

/** What a key may touch. */
type Asking = Pick<Call<unknown>, "client" | "principal">;

/** Refuses a room that is not the key's. @throws PERMISSION_DENIED */
export function mayTouch(asking: Asking, room: string): void {
  mayMake(asking, nameOf(asking.client, room));
}

/** The same for the name of a new one. @throws PERMISSION_DENIED */
export function mayMake({ principal: { prefix } }: Asking, name: string): void {
  if (prefix !== undefined && !name.startsWith(prefix))
    throw new RtcError("PERMISSION_DENIED", `this key is for rooms whose names begin with ${prefix}`);
}

/** Whether a room is one of the key's. */
export function isOf({ client, principal: { prefix } }: Asking, room: string): boolean {
  return prefix === undefined || nameOf(client, room).startsWith(prefix);
}

/** The same for a recording, by its room, which it keeps; one that nobody knows is nobody's. */
export async function mayTouchRecording(
  call: Asking & Pick<Call<unknown>, "recordings">,
  recording: string,
): Promise<void> {
  if (call.principal.prefix === undefined) return;
  const found = (await lastSeen(call, recording)) ?? (await call.client.recording.find(recording));
  if (found) mayTouch(call, found.room);
}

/** A room's name, of its id or of the name itself. */
function nameOf(client: RtcClient, room: string): string {
  return parseRoomId(room, client.vendors())?.name ?? room;
}
