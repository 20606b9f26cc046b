import { z } from "zod";
import {
  type JsonObject,
  limitsOf,
  type Room,
  type RoomResourceInput,
  roomId,
  roomResourceInput,
  roomResourceOutput,
  same,
} from "../../contract";
import type { Properties } from "../lifecycle";
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

/** The inputs in which a live room differs from its declaration, with their live values. */
export type Drift = Partial<Pick<RoomState, "maxParticipants" | "emptyTimeoutSeconds" | "metadata">>;

/**
 * Compares a room with its state: limits with the vendor's answer to the creation, since a server may cap or fill them
 * in; metadata with the declared metadata, if any. The ownership tag is no drift.
 */
export function driftOf(state: RoomState, room: Room): Drift {
  const { maxParticipants, emptyTimeoutSeconds, departureTimeoutSeconds } = state.vendorSettings;
  const drift: Drift = {};
  const isReported = (field: keyof Room) => !room.untold?.includes(field);
  if (isReported("maxParticipants") && !same(room.maxParticipants, maxParticipants))
    drift.maxParticipants = room.maxParticipants ?? undefined;
  const empty = isReported("emptyTimeoutSeconds") && !same(room.emptyTimeoutSeconds, emptyTimeoutSeconds);
  const departure = isReported("departureTimeoutSeconds");
  if (empty || (departure && !same(room.departureTimeoutSeconds, departureTimeoutSeconds))) {
    drift.emptyTimeoutSeconds =
      (empty ? room.emptyTimeoutSeconds : room.departureTimeoutSeconds) ?? undefined;
  }
  if (state.metadata !== undefined && isReported("metadata") && !same(state.metadata, room.metadata))
    drift.metadata = room.metadata ?? undefined;
  return drift;
}

/** Whether the only drift of the limits is in the timeouts, whose repair can wait until the room is empty. */
export function canWait(drift: Drift): boolean {
  return "emptyTimeoutSeconds" in drift && !("maxParticipants" in drift);
}

/** A drift without that of the timeouts, and the live timeout. */
export function withoutTimeouts({ emptyTimeoutSeconds: seconds, ...rest }: Drift) {
  return { seconds, rest };
}

/** The state with live values where the room has drifted. The declared values stay beside them for later refreshes. */
export function withDrift(state: RoomState, drift: Drift): RoomState {
  const limits = (["maxParticipants", "emptyTimeoutSeconds"] as const).filter((field) => field in drift);
  if (limits.length === 0) return { ...state, ...drift };
  const drifted = Object.fromEntries(
    limits.map((field) => [field, state[field] === undefined ? {} : { declared: state[field] }]),
  );
  return { ...state, ...drift, drifted };
}

/** The declared state, without the drift that a refresh has stored. */
export function withoutDrift({ drifted, ...state }: RoomState): RoomState {
  const declared = Object.entries(drifted ?? {}).map(([field, value]) => [field, value.declared]);
  return { ...state, ...Object.fromEntries(declared) };
}
