import { type Room, same } from "../../contract";
import type { RoomState } from "./state";

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
