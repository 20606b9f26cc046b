import { NEVER, type Room, same } from "../../contract";
import type { Properties } from "../context";
import { type Decision, decided, type Observed, type PreconditionFailure } from "../decision";
import { differsInLimits, foreign, isForeign, limitsThatDiffer, occupied, taken } from "../preconditions";
import { canWait, type Drift, driftOf } from "./drift";
import type { RoomTraits } from "./observe";
import { ROOM_INPUTS, type RoomInputs, type RoomState } from "./state";

/** The inputs that are the package's own: no room has them. */
const OWN_INPUTS: readonly string[] = ["adopt", "forceDestroy"];

/** The inputs in which a declaration differs from the state. */
export function changedInputs(state: RoomState, declared: Properties): string[] {
  return ROOM_INPUTS.filter((key) => !same(state[key], declared[key])).filter(
    // A vendor that is left to a gateway is where its answer has put the room.
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
  // false and left out make the same room.
  const replaces = changed.filter(
    (key) => !inPlace.has(key) && (state[key as keyof RoomState] || declared[key]),
  );
  if (replaces.length > 0)
    return decided("replace", { replaces, reasons: [replacement(state, declared, replaces, updateGap)] });
  // An explicit vendor where a gateway chose it before: the state has yet to learn that.
  const isNowExplicit = state.routed === true && declared["vendor"] !== undefined;
  return decided(changed.length > 0 || isNowExplicit ? "update" : "none");
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
  return `${vendor} cannot change ${replaces.join(", ")} of a room in place${because}: it is deleted and made again`;
}

/** What an adopted room is to be like. */
export interface Adoption {
  room: Room;
  metadata: Room["metadata"];
  /** Whether it was this resource's own; else what it answers is what was declared of it. */
  isOurs: boolean;
}

/** Whether a declared room is created, adopted, or deleted and created again. */
export function decideCreation({
  id,
  declared,
  tag,
  observation: { room: found, participants },
  traits,
  wasDeleted,
  isForced,
}: {
  id: string;
  declared: RoomInputs;
  /** The ownership tag of the resource; undefined where rooms carry none. */
  tag: string | undefined;
  observation: { room: Observed<Room>; participants: number };
  traits: RoomTraits;
  /** Whether this run has deleted the room before: an untagged one is brought back by a token. */
  wasDeleted: boolean;
  isForced: boolean;
}): Decision<"create" | "recreate" | "adopt"> & { adoption?: Adoption } {
  if (found.is !== "known") return decided("create");
  const room = found.value;
  const isOurs = (room.owner === null && wasDeleted) || (tag !== undefined && room.owner === tag);
  if (!isOurs && !declared.adopt) return decided("create", { failures: [taken(declared, room)] });
  if (!isOurs && declared.enableRecording) {
    const message = `room ${id} exists, and enableRecording is for new ones: declare an RtcRecording of it instead`;
    return decided("create", { failures: [{ code: "ALREADY_EXISTS", message, vendor: room.vendor }] });
  }
  const limits = limitsThatDiffer(declared, room);
  const timeouts = limits.filter(({ field }) => field === "emptyTimeoutSeconds");
  const isInTimeoutsOnly = timeouts.length === limits.length;
  if (isOurs && differsInLimits(declared, room)) {
    // A gateway's record is rewritten with nobody disturbed.
    if (!traits.isPersistent) return decided("create");
    if (participants === 0 || isForced) return decided("recreate");
    const isLimited = declared.maxParticipants === undefined && room.maxParticipants !== null;
    if (isLimited || !isInTimeoutsOnly)
      return decided("recreate", { failures: [occupied(id, participants, "room")] });
  }
  if (!isInTimeoutsOnly) return decided("create", { failures: [taken(declared, room)] });
  const warnings = timeouts.map(
    ({ text }) => `room ${id} is adopted with its own timeouts${isOurs ? " until it is empty" : ""}: ${text}`,
  );
  const adoption = { room, metadata: declared.metadata ?? room.metadata, isOurs };
  return { ...decided("adopt", { warnings }), adoption };
}

/** Whether a room that was just created stays: it must be ours, and let in no more participants than declared. */
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
  if (created.is !== "known") return decided("keep");
  const room = created.value;
  if (tag !== undefined && room.owner !== tag) return decided("keep", { failures: [taken(declared, room)] });
  const { maxParticipants: asked } = declared;
  if (asked !== undefined && (room.maxParticipants ?? Number.POSITIVE_INFINITY) > asked) {
    const message = `the server would let more than ${asked} people into room ${room.room}, so it was not made`;
    // Without a tag it may be of another owner, who was quicker.
    return decided(tag === undefined ? "keep" : "delete", { failures: [{ code: "UNSUPPORTED", message }] });
  }
  const warnings = limitsThatDiffer(declared, room).map(
    ({ text }) => `the server has made room ${room.room} otherwise: ${text}`,
  );
  return decided("keep", { warnings });
}

/** What a refresh makes of a room of the state. */
export function decideRefresh({
  id,
  state,
  observation: { room: found, participants },
  traits,
}: {
  id: string;
  /** As declared: without the drift that an earlier refresh has found. */
  state: RoomState;
  observation: { room: Observed<Room>; participants: number };
  traits: RoomTraits;
}): Decision<"keep" | "remove" | "update"> & { drift?: Drift } {
  if (traits.isStateOnly || found.is === "unobservable") return decided("keep");
  if (found.is === "absent") {
    if (found.mayBeOccupied) return decided(hadRecord(state) ? "remove" : "keep");
    return decided(isDormant(state, traits) ? "keep" : "remove");
  }
  const room = found.value;
  if (isForeign(state, room)) {
    const message = `room ${id} is no longer this stack's: another owner has recreated it. It leaves the state and is left alone`;
    return decided("remove", { warnings: [message] });
  }
  const drift = driftOf(state, room);
  if (!canWait(drift) || participants === 0) return { ...decided("update"), drift };
  const { emptyTimeoutSeconds, ...rest } = drift;
  const message = `room ${id} closes by itself after ${emptyTimeoutSeconds} seconds, which is not as declared; it is occupied, and repaired once it is empty`;
  return { ...decided("update", { warnings: [message] }), drift: rest };
}

/** Whether a gateway has shown a record of a room before. */
function hadRecord({ owner, vendorSettings }: RoomState): boolean {
  return owner !== undefined || Object.keys(vendorSettings).length > 0;
}

/** Whether a room that is absent comes back with the next join, as it was. */
function isDormant(
  { emptyTimeoutSeconds }: Pick<RoomState, "emptyTimeoutSeconds">,
  { isRevivedByJoin }: RoomTraits,
): boolean {
  return emptyTimeoutSeconds !== undefined && isRevivedByJoin;
}

/** How a room of the state comes to be as its changed declaration says. */
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
  if (traits.isStateOnly) return decided("redeclare");
  if (found.is !== "known") return decided(isDormant(declared, traits) ? "redeclare" : "create");
  const room = found.value;
  if (isForeign(state, room)) return decided("change", { failures: [foreign(id)] });
  return {
    ...decided("change"),
    metadata: declared.metadata ?? (state.metadata === undefined ? room.metadata : {}),
    // A gateway's record is rewritten, which disturbs nobody.
    rewrites: !traits.isPersistent && differsInLimits(declared, room),
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
  const unclosable: PreconditionFailure[] =
    closeGap === undefined ? [] : [{ code: "NOT_CONFIGURED", message: closeGap, vendor: state.vendor }];
  if (traits.isStateOnly) return decided(isForced ? "delete" : "forget", { failures: unclosable });
  if (found.is === "absent")
    // There is nothing but participants, who are not to be disconnected.
    return decided(found.mayBeOccupied && !isForced ? "forget" : "delete");
  const room = found.is === "known" ? found.value : found.part;
  if (room && isForeign(state, room)) return decided("delete", { failures: [foreign(id)] });
  if (isForced) return decided("delete", { failures: unclosable });
  const participants = room?.numParticipants ?? 0;
  return decided("delete", {
    failures: participants > 0 ? [occupied(id, participants, "room")] : [],
  });
}

/** The timeouts that a declared room has once it is as declared. */
export function declaredTimeouts({ emptyTimeoutSeconds = NEVER }: RoomInputs) {
  return { emptyTimeoutSeconds, departureTimeoutSeconds: emptyTimeoutSeconds };
}
