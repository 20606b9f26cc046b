import { z } from "zod";
import {
  type JsonObject,
  type Room,
  type RoomResourceInput,
  RtcError,
  roomId,
  roomResourceInput,
} from "../../contract";

/** The properties of a resource as the engine hands them over. */
export type Properties = Record<string, unknown>;

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
  room: z.string(),
  endpoint: z.string(),
  owner: z.string().optional(),
  sid: z.string().optional(),
  createdAt: z.string().optional(),
  /** What the vendor answered when the room was made or taken over: drift is measured against it. */
  vendorSettings: z.object({
    maxParticipants: z.number().optional(),
    emptyTimeoutSeconds: z.number().optional(),
    departureTimeoutSeconds: z.number().optional(),
  }),
  /** Set by a refresh only: what was declared, for the inputs that now show the live value. Without it: nothing was. */
  drifted: z.record(z.string(), z.object({ declared: z.number().optional() })).optional(),
  /** A gateway has chosen the vendor, which is no input then. */
  routed: z.boolean().optional(),
  schemaVersion: z.number(),
});

/** The outputs of an RtcRoom. */
export type RoomState = z.infer<typeof roomState>;

/** The inputs of an RtcRoom as check leaves them: name and vendor resolved, but for a vendor that a gateway chooses. */
export type RoomInputs = RoomResourceInput & { name: string };

/** The names of the inputs. */
export const INPUTS = Object.keys(roomResourceInput.shape) as (keyof RoomResourceInput)[];

/** Reads the outputs that state holds. */
export function parseState(id: string, props: Properties): RoomState {
  return readState(roomState, SCHEMA_VERSION, id, props);
}

/**
 * Reads outputs of a shape. A state that a newer package has written is refused as a whole: what it means may have
 * changed, and whatever this version does not know would be lost.
 *
 * An older shape would be brought to the newest one here, step by step and its `schemaVersion` with it, before it is
 * read: no version has needed that so far.
 *
 * @param newest the schema version that this package writes
 * @throws UNSUPPORTED for a newer one
 */
export function readState<T extends z.ZodType>(
  shape: T,
  newest: number,
  id: string,
  props: Properties,
): z.infer<T> {
  const { schemaVersion } = props;
  if (typeof schemaVersion === "number" && schemaVersion > newest) {
    throw new RtcError(
      "UNSUPPORTED",
      `the state of ${id} was written by a newer version of pulumi-rtc (its schema version is ${schemaVersion}, this one knows up to ${newest}); nothing was touched. Upgrade the package: npm install pulumi-rtc@latest`,
    );
  }
  const state = shape.safeParse(clean(props));
  if (state.success) return state.data;
  const where = state.error.issues.map(({ path }) => path.join(".")).join(", ");
  throw new RtcError(
    "INTERNAL",
    `the state of ${id} is not of a shape that this version of pulumi-rtc knows (${where})`,
  );
}

/** Reads the inputs that check has passed. */
export function parseInputs(props: Properties): RoomInputs {
  return z.object({ ...roomResourceInput.shape, name: roomState.shape.name }).parse(clean(props));
}

/** The inputs alone. */
export function inputsOf(state: Properties): Properties {
  const inputs = Object.fromEntries(INPUTS.map((key) => [key, state[key]]));
  return clean(state["routed"] ? { ...inputs, vendor: undefined } : inputs);
}

/** Outputs of a room whose vendor is declared, or left to a gateway. */
export function asRouted(outs: Properties, vendor: string | undefined): Properties {
  return clean({ ...outs, routed: vendor === undefined ? true : undefined });
}

/** The state of a room whose declaration has changed, without a word from the vendor. */
export function redeclared(state: RoomState, declared: RoomInputs): Properties {
  const kept = Object.entries(state).filter(([key]) => !(INPUTS as string[]).includes(key));
  return clean({ ...Object.fromEntries(kept), ...declared });
}

/** Without undefined and null: the engine's wire format fails on the one and drops the other. */
export function clean<T extends object>(value: T): Properties {
  return Object.fromEntries(
    Object.entries(value).filter(([, entry]) => entry !== undefined && entry !== null),
  );
}

/** The outputs: the inputs, and what the vendor answered. Nothing volatile, or each refresh would look like drift. */
export function outputsOf(declared: RoomInputs, room: Room, vendorSettings = settingsOf(room)): Properties {
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
export function idOf({ name, vendor, region }: Properties): string | undefined {
  if (typeof name !== "string" || typeof vendor !== "string") return undefined;
  return roomId({ vendor, region: typeof region === "string" ? region : null, name });
}

/** What a declared room is remembered by: its id, and where a gateway chooses the vendor the id without that. */
export function keyOf({ vendor = "", ...room }: Properties): string | undefined {
  return idOf({ ...room, vendor });
}
