import { z } from "zod";
import {
  type JsonObject,
  limitsOf,
  type Room,
  type RoomResourceInput,
  roomId,
  roomResourceInput,
  roomResourceOutput,
} from "../../contract";
import type { Properties } from "../context";
import { clean, readState } from "../state";

/** The version of the outputs' shape. Raise it when the shape changes. */
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
  /** Set by a refresh only: the declared values of inputs that now have the live value. */
  drifted: z.record(z.string(), z.object({ declared: z.number().optional() })).optional(),
  /** A gateway has placed the room, so that the vendor is no input. */
  routed: z.boolean().optional(),
});

/** The outputs of an RtcRoom. */
export type RoomState = z.infer<typeof roomState>;

/** The inputs of an RtcRoom after check: name and vendor resolved, but for a vendor that a gateway chooses. */
export type RoomInputs = RoomResourceInput & { name: string };

/** The names of the inputs. */
export const ROOM_INPUTS = Object.keys(roomResourceInput.shape) as (keyof RoomResourceInput)[];

/** Reads the outputs of the state. */
export function parseRoomState(id: string, props: Properties): RoomState {
  return readState(roomState, SCHEMA_VERSION, id, props);
}

/** Reads the inputs that check has passed. */
export function parseRoomInputs(props: Properties): RoomInputs {
  return z.object({ ...roomResourceInput.shape, name: roomState.shape.name }).parse(clean(props));
}

export function roomInputsOf(state: Properties): Properties {
  const inputs = Object.fromEntries(ROOM_INPUTS.map((key) => [key, state[key]]));
  return clean(state["routed"] ? { ...inputs, vendor: undefined } : inputs);
}

/** Outputs of a room with its vendor declared, or placed by a gateway. */
export function withPlacement(outs: Properties, vendor: string | undefined): Properties {
  return clean({ ...outs, routed: vendor === undefined ? true : undefined });
}

/** The state of a room with a changed declaration, without an observation. */
export function redeclaredState(state: RoomState, declared: RoomInputs): Properties {
  const outputs = Object.entries(state).filter(([key]) => !(ROOM_INPUTS as string[]).includes(key));
  return clean({ ...Object.fromEntries(outputs), ...declared });
}

/** The outputs: the inputs and the vendor's answer, without volatile fields, which each refresh would report as drift. */
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

/** The settings of a room that drift is measured against. */
export function settingsOf(room: Room): RoomState["vendorSettings"] {
  return clean(limitsOf(room));
}

/** The room id of inputs or a state; undefined while a part is unknown. */
export function roomIdOf({ name, vendor, region }: Properties): string | undefined {
  if (typeof name !== "string" || typeof vendor !== "string") return undefined;
  return roomId({ vendor, region: typeof region === "string" ? region : null, name });
}

/** The key of a declared room: its id, without the vendor where a gateway chooses it. */
export function roomKeyOf({ vendor = "", ...room }: Properties): string | undefined {
  return roomIdOf({ ...room, vendor });
}
