import { hasTimeout, isOfTimeouts, type Room, same } from "../../contract";
import {
  type Decision,
  decide,
  foreignFailure,
  hasMoved,
  hasOtherLimits,
  isForeign,
  limitsThatDiffer,
  type Observed,
  occupiedFailure,
  type PreconditionFailure,
  takenFailure,
} from "../decision";
import type { Properties } from "../lifecycle";
import type { RoomTraits } from "./observe";
import {
  canWait,
  type Drift,
  driftOf,
  ROOM_INPUTS,
  type RoomInputs,
  type RoomState,
  withoutTimeouts,
} from "./state";

/** The inputs of the resource alone, which no room has. */
const OWN_INPUTS: readonly string[] = ["adopt", "forceDestroy"];

/** The inputs in which a declaration differs from the state. */
export function changedInputs(state: RoomState, declared: Properties): string[] {
  return ROOM_INPUTS.filter((key) => !same(state[key], declared[key])).filter(
    // Without a declared vendor, the room stays where the gateway has placed it.
    (key) => key !== "vendor" || declared[key] !== undefined,
  );
}

/** What a changed declaration does to a room of the state. */
export function decideChange({
  state,
  declared,
  changesInPlace,
  updateGap,
}: {
  state: RoomState;
  declared: Properties;
  /** The inputs that the vendor can change in place. */
  changesInPlace: readonly string[];
  /** Why they cannot be changed where the room is. */
  updateGap: string | undefined;
}): Decision<"none" | "update" | "replace"> {
  const changed = changedInputs(state, declared);
  const inPlace = new Set([...OWN_INPUTS, ...(updateGap === undefined ? changesInPlace : [])]);
  // false and absent are the same.
  const replaces = changed.filter(
    (key) => !inPlace.has(key) && (state[key as keyof RoomState] || declared[key]),
  );
  if (replaces.length > 0)
    return decide("replace", { replaces, reasons: [replacement(state, declared, replaces, updateGap)] });
  // The vendor is now explicit, which the state must record.
  const isNowExplicit = state.routed === true && declared["vendor"] !== undefined;
  return decide(changed.length > 0 || isNowExplicit ? "update" : "none");
}

/** Why a room is replaced, for a preview. */
function replacement(
  { vendor }: RoomState,
  declared: Properties,
  replaces: string[],
  updateGap: string | undefined,
): string {
  if (replaces.includes("vendor"))
    return `the room moves from ${vendor} to ${String(declared["vendor"])}: it is deleted there, and created here`;
  const because = updateGap === undefined ? "" : ` (${updateGap})`;
  return `${vendor} cannot change ${replaces.join(", ")} of a room in place${because}: it is deleted and recreated`;
}

/** An adopted room, and the metadata that it gets. */
export interface Adoption {
  room: Room;
  metadata: Room["metadata"];
  /** Whether it is re-adopted: it was this resource's own before, or another one's of this stack. */
  isOurs: boolean;
  /** Whether its record has other limits, and is rewritten. */
  rewrites: boolean;
}

/** Whether a declared room is created, adopted, or deleted and created again. */
export function decideCreation({
  id,
  declared,
  tag,
  observation: { room: found, participants, canMove, isUnrecorded },
  traits,
  wasDeleted,
  isForced,
}: {
  id: string;
  declared: RoomInputs;
  /** The ownership tag of the resource; undefined where rooms carry none. */
  tag: string | undefined;
  /**
   * `canMove`: it is another resource's of this stack, and its ownership tag can be changed. `isUnrecorded`: it is this
   * resource's, and lacks the recording of its own that it was to be created with.
   */
  observation: { room: Observed<Room>; participants: number; canMove: boolean; isUnrecorded: boolean };
  traits: RoomTraits;
  /** Whether this run has deleted the room before: an untagged one was recreated by a token. */
  wasDeleted: boolean;
  isForced: boolean;
}): Decision<"create" | "recreate" | "adopt"> & { adoption?: Adoption } {
  if (found.is !== "known") return decide("create");
  const room = found.value;
  const isOurs = canMove || (room.owner === null && wasDeleted) || (tag !== undefined && room.owner === tag);
  if (!isOurs && !declared.adopt) return decide("create", { failures: [takenFailure(declared, room, tag)] });
  if (!isOurs && declared.enableRecording) {
    const message = `room ${id} exists, and enableRecording is for new ones: declare an RtcRecording of it instead`;
    return decide("create", { failures: [{ code: "ALREADY_EXISTS", message, vendor: room.vendor }] });
  }
  if (isUnrecorded) {
    const isFree = participants === 0 || isForced;
    return decide("recreate", { failures: isFree ? [] : [occupiedFailure(id, participants, "room")] });
  }
  const limits = limitsThatDiffer(declared, room);
  const timeouts = limits.filter(isOfTimeouts);
  const isInTimeoutsOnly = timeouts.length === limits.length;
  if (isOurs && hasOtherLimits(declared, room)) {
    // Rewriting a gateway's record disturbs no participant.
    if (!traits.isPersistent && !canMove) return decide("create");
    if (!traits.isPersistent) {
      const metadata = declared.metadata ?? room.metadata;
      return { ...decide("adopt"), adoption: { room, metadata, isOurs, rewrites: true } };
    }
    if (participants === 0 || isForced) return decide("recreate");
    const isLimited = declared.maxParticipants === undefined && room.maxParticipants !== null;
    if (isLimited || !isInTimeoutsOnly)
      return decide("recreate", { failures: [occupiedFailure(id, participants, "room")] });
  }
  if (!isInTimeoutsOnly) return decide("create", { failures: [takenFailure(declared, room, tag)] });
  const warnings = timeouts.map(
    ({ text }) => `room ${id} is adopted with its own timeouts${isOurs ? " until it is empty" : ""}: ${text}`,
  );
  const adoption = { room, metadata: declared.metadata ?? room.metadata, isOurs, rewrites: false };
  return { ...decide("adopt", { warnings }), adoption };
}

/** Whether a room that was just created stays: it must carry our tag, and admit no more participants than declared. */
export function decideCreated({
  declared,
  tag,
  created,
}: {
  declared: RoomInputs;
  tag: string | undefined;
  created: Observed<Room>;
}): Decision<"keep" | "delete"> {
  // A gateway that has no record of an on-demand room has rejected nothing either.
  if (created.is !== "known") return decide("keep");
  const room = created.value;
  if (tag !== undefined && room.owner !== tag)
    return decide("keep", { failures: [takenFailure(declared, room, tag)] });
  const { maxParticipants: asked } = declared;
  if (asked !== undefined && (room.maxParticipants ?? Number.POSITIVE_INFINITY) > asked) {
    const message = `the server would admit more than ${asked} participants to room ${room.room}, so it was not created`;
    // Without a tag, another owner may have created it first.
    return decide(tag === undefined ? "keep" : "delete", {
      failures: [{ code: "UNSUPPORTED", message }],
    });
  }
  const warnings = limitsThatDiffer(declared, room).map(
    ({ text }) => `the server created room ${room.room} with other settings: ${text}`,
  );
  return decide("keep", { warnings });
}

/** The result of a refresh of a room. */
export function decideRefresh({
  id,
  state,
  observation: { room: found, participants },
  traits,
}: {
  id: string;
  /** As declared: without the drift that an earlier refresh has stored. */
  state: RoomState;
  observation: { room: Observed<Room>; participants: number };
  traits: RoomTraits;
}): Decision<"keep" | "remove" | "update"> & { drift?: Drift } {
  if (traits.isStateOnly || found.is === "unobservable") return decide("keep");
  if (found.is === "absent") {
    if (found.mayBeOccupied) return decide(hasRecord(state) ? "remove" : "keep");
    return decide(isDormant(state, traits) ? "keep" : "remove");
  }
  const room = found.value;
  if (isForeign(state, room)) {
    const message = `room ${id} is no longer this stack's: another owner has recreated it. It leaves the state and is left alone`;
    return decide("remove", { warnings: [message] });
  }
  const drift = driftOf(state, room);
  if (!canWait(drift) || participants === 0) return { ...decide("update"), drift };
  const { seconds, rest } = withoutTimeouts(drift);
  const message = `room ${id} closes by itself after ${seconds} seconds, which is not as declared; it is occupied, and repaired once it is empty`;
  return { ...decide("update", { warnings: [message] }), drift: rest };
}

/** Whether a gateway has returned a record of the room before. */
function hasRecord({ owner, vendorSettings }: RoomState): boolean {
  return owner !== undefined || Object.keys(vendorSettings).length > 0;
}

/** Whether the next join recreates an absent room, with its settings. */
function isDormant(declared: Parameters<typeof hasTimeout>[0], { isRevivedByJoin }: RoomTraits): boolean {
  return hasTimeout(declared) && isRevivedByJoin;
}

/** How an update applies a changed declaration to a room of the state. */
export function decideUpdate({
  id,
  state,
  declared,
  observed: found,
  traits,
}: {
  id: string;
  state: RoomState;
  declared: RoomInputs;
  observed: Observed<Room>;
  traits: RoomTraits;
}): Decision<"create" | "redeclare" | "change"> & { metadata?: Room["metadata"]; rewrites?: boolean } {
  if (traits.isStateOnly) return decide("redeclare");
  if (found.is !== "known") return decide(isDormant(declared, traits) ? "redeclare" : "create");
  const room = found.value;
  if (isForeign(state, room)) return decide("change", { failures: [foreignFailure(id)] });
  return {
    ...decide("change"),
    metadata: declared.metadata ?? (state.metadata === undefined ? room.metadata : {}),
    // Rewriting a gateway's record disturbs no participant.
    rewrites: !traits.isPersistent && hasOtherLimits(declared, room),
  };
}

/** Whether a room of the state is deleted at the vendor, or only leaves the state. */
export function decideRemoval({
  id,
  state,
  observation: { room: found, closeGap },
  traits,
  isForced,
}: {
  id: string;
  state: RoomState;
  observation: { room: Observed<Room>; closeGap: string | undefined };
  traits: RoomTraits;
  isForced: boolean;
}): Decision<"delete" | "forget"> {
  const closeFailures: PreconditionFailure[] =
    closeGap === undefined ? [] : [{ code: "NOT_CONFIGURED", message: closeGap, vendor: state.vendor }];
  if (traits.isStateOnly) return decide(isForced ? "delete" : "forget", { failures: closeFailures });
  if (found.is === "absent")
    // Only participants exist, who must not be disconnected.
    return decide(found.mayBeOccupied && !isForced ? "forget" : "delete");
  const room = found.is === "known" ? found.value : found.part;
  if (room && hasMoved(state, room))
    return decide("forget", { reasons: [`room ${id} stays: another resource of this stack has it now`] });
  if (room && isForeign(state, room)) return decide("delete", { failures: [foreignFailure(id)] });
  if (isForced) return decide("delete", { failures: closeFailures });
  const participants = room?.numParticipants ?? 0;
  return decide("delete", {
    failures: participants > 0 ? [occupiedFailure(id, participants, "room")] : [],
    reasons: room?.warnings ?? [],
  });
}
