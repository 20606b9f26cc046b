import type { RtcClient } from "../../client/types";
import { isWithin, parseRoomId, type Recording, RtcError, roomId } from "../../contract";
import type { Answering } from "../http/context";

/** The caller of a request. */
type Asking = Pick<Answering, "client" | "principal">;

/** Rejects a room that the key has no access to. @throws PERMISSION_DENIED */
export function assertRoomAllowed(asking: Asking, room: string): void {
  assertNameAllowed(asking, nameOf(asking.client, room));
}

/** {@link assertRoomAllowed} for the name of a new room. @throws PERMISSION_DENIED */
export function assertNameAllowed({ principal: { prefix } }: Asking, name: string): void {
  if (prefix !== undefined && !name.startsWith(prefix))
    throw new RtcError("PERMISSION_DENIED", `this key is for rooms whose names begin with ${prefix}`);
}

/**
 * The output of a key's recording: the requested one within its folder, else that folder. A key with a prefix and no
 * folder records to the gateway's own output, or it could overwrite recordings of others. @throws PERMISSION_DENIED
 */
export function outputOf(
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

/** Rejects `enable_recording`, which records to the gateway's own output. @throws PERMISSION_DENIED */
export function assertAutoRecordingAllowed({ principal: { output } }: Pick<Asking, "principal">): void {
  if (output !== undefined)
    throw new RtcError(
      "PERMISSION_DENIED",
      `this key records to what is in ${output}, and enable_recording to the gateway's own output: start a recording instead`,
    );
}

/** Whether a key has access to a room. */
export function isAllowed({ client, principal: { prefix } }: Asking, room: string): boolean {
  return prefix === undefined || nameOf(client, room).startsWith(prefix);
}

/** {@link assertRoomAllowed} for the room of a recording, if the recording exists. */
export async function assertRecordingAllowed(
  call: Asking & Pick<Answering, "recordings">,
  recording: string,
): Promise<void> {
  if (call.principal.prefix === undefined) return;
  const found = (await lastObservation(call, recording)) ?? (await call.client.recording.find(recording));
  if (found) assertRoomAllowed(call, found.room);
}

/** The last observation of a recording; undefined where it was not started here, or too long ago. */
export async function lastObservation(
  { client, recordings }: Pick<Answering, "client" | "recordings">,
  id: string,
): Promise<Recording | undefined> {
  const vendor = parseRoomId(id, client.vendors())
    ? undefined
    : client.route({ needs: ["rtc.recording.get"] });
  return recordings.find(vendor === undefined ? id : roomId({ vendor, region: null, name: id }));
}

/** The name of a room, from its id or name. */
function nameOf(client: RtcClient, room: string): string {
  return parseRoomId(room, client.vendors())?.name ?? room;
}
