import type { RtcClient } from "../../client/types";
import { isWithin, parseRoomId, RtcError } from "../../contract";
import type { Call } from "../http/route";
import { lastSeen } from "../services/recording-service";

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

/**
 * Where a key's recording goes: where it asks for, within its folder; else to that folder. A key for some rooms without a
 * folder records to the gateway's own output, or it could write over what others record. @throws PERMISSION_DENIED
 */
export function outputFor(
  { principal: { prefix, output } }: Pick<Asking, "principal">,
  asked: string | undefined,
): string | undefined {
  if (asked === undefined) return output;
  if (output === undefined && prefix === undefined) return asked;
  if (output !== undefined && isWithin(asked, output)) return asked;
  const where =
    output === undefined ? "the gateway's own output: leave output_uri out" : `what is in ${output}`;
  throw new RtcError("PERMISSION_DENIED", `this key records to ${where}`);
}

/** A room that records itself does so to the gateway's own output. @throws PERMISSION_DENIED */
export function mayRecordItself({ principal: { output } }: Pick<Asking, "principal">): void {
  if (output !== undefined)
    throw new RtcError(
      "PERMISSION_DENIED",
      `this key records to what is in ${output}, and enable_recording to the gateway's own output: start a recording instead`,
    );
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
