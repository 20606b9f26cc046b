import { z } from "zod";
import {
  type JsonObject,
  type Room,
  type RoomResourceInput,
  roomId,
  roomResourceInput,
  roomResourceOutput,
} from "../../contract";
import type { Properties } from "../context";
import { clean, readState } from "../state";

/** The shape of the outputs; raised when it changes, so that older states can be told apart. */
const SCHEMA_VERSION = 1;

const roomState = z.object({
  name: z.string(),
  vendor: z.string(),
  region: z.string().optional(),
  maxParticipants: z.number().optional(),
  emptyTimeoutSeconds: z.number().optional(),
  metadata: z.custom<JsonObject>().optional(),
  enableRecording: z.boolean().optional(),
  adopt: z.boolean().optional(),
  forceDestroy: z.boolean().optional(),
  ...roomResourceOutput.shape,
  /** Set by a refresh only: what was declared, for the inputs that now show the live value. Without it: nothing was. */
  drifted: z.record(z.string(), z.object({ declared: z.number().optional() })).optional(),
  /** A gateway has chosen the vendor, which is no input then. */
  routed: z.boolean().optional(),
});

/** The outputs of an RtcRoom. */
export type RoomState = z.infer<typeof roomState>;

/** The inputs of an RtcRoom as check leaves them: name and vendor resolved, but for a vendor that a gateway chooses. */
export type RoomInputs = RoomResourceInput & { name: string };

/** The names of the inputs. */
export const ROOM_INPUTS = Object.keys(roomResourceInput.shape) as (keyof RoomResourceInput)[];

/** Reads the outputs that state holds. */
export function parseRoomState(id: string, props: Properties): RoomState {
  return readState(roomState, SCHEMA_VERSION, id, props);
}

/** Reads the inputs that check has passed. */
export function parseRoomInputs(props: Properties): RoomInputs {
  return z.object({ ...roomResourceInput.shape, name: roomState.shape.name }).parse(clean(props));
}

/** The inputs alone. */
export function roomInputsOf(state: Properties): Properties {
  const inputs = Object.fromEntries(ROOM_INPUTS.map((key) => [key, state[key]]));
  return clean(state["routed"] ? { ...inputs, vendor: undefined } : inputs);
}

/** Outputs of a room whose vendor is declared, or left to a gateway. */
export function asRouted(outs: Properties, vendor: string | undefined): Properties {
  return clean({ ...outs, routed: vendor === undefined ? true : undefined });
}

/** The state of a room whose declaration has changed, without a word from the vendor. */
export function redeclared(state: RoomState, declared: RoomInputs): Properties {
  const kept = Object.entries(state).filter(([key]) => !(ROOM_INPUTS as string[]).includes(key));
  return clean({ ...Object.fromEntries(kept), ...declared });
}

/** The outputs: the inputs, and what the vendor answered. Nothing volatile, or each refresh would look like drift. */
export function roomOutputsOf(
  declared: RoomInputs,
  room: Room,
  vendorSettings = settingsOf(room),
): Properties {
  const { vendor, endpoint, owner, sid, createdAt } = room;
  return clean({
    ...declared,
    vendor,
    room: room.room,
    endpoint,
    owner,
    sid,
    createdAt,
    vendorSettings,
    schemaVersion: SCHEMA_VERSION,
  });
}

/** The settings of a room that drift is measured by. */
export function settingsOf(room: Room): RoomState["vendorSettings"] {
  const { maxParticipants, emptyTimeoutSeconds, departureTimeoutSeconds } = room;
  return clean({ maxParticipants, emptyTimeoutSeconds, departureTimeoutSeconds });
}

/** The room id that inputs or a state mean; undefined while a part is not known. */
export function roomIdOf({ name, vendor, region }: Properties): string | undefined {
  if (typeof name !== "string" || typeof vendor !== "string") return undefined;
  return roomId({ vendor, region: typeof region === "string" ? region : null, name });
}

/** What a declared room is remembered by: its id, and where a gateway chooses the vendor the id without that. */
export function roomKeyOf({ vendor = "", ...room }: Properties): string | undefined {
  return roomIdOf({ ...room, vendor });
}
