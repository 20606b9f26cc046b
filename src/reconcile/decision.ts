import {
  type DeclaredSettings,
  type Difference,
  differences,
  type ErrorCode,
  hasUnknownTimeout,
  isOfSameStack,
  NEVER,
  type Room,
  RtcError,
  withTimeout,
} from "../contract";

/** What was observed of something that a vendor or a gateway may have. */
export type Observed<Value> =
  /** It exists, with these values. */
  | { is: "known"; value: Value }
  /** It does not exist; an on-demand room of which a gateway has no record may have participants all the same. */
  | { is: "absent"; mayBeOccupied?: true }
  /** It may exist: it cannot be observed, or only in part. */
  | { is: "unobservable"; reason: string; part?: Value };

/** Why something must not be done now. */
export interface PreconditionFailure {
  code: ErrorCode;
  message: string;
  vendor?: string;
}

/** What to do, as data: a decision makes no call and reads no clock and no memory. */
export interface Decision<Action extends string> {
  action: Action;
  /** The inputs for which it replaces. */
  replaces: string[];
  /** Why, for a preview. */
  reasons: string[];
  /** What the user should know, which stops nothing. */
  warnings: string[];
  /** Why it must not be done. Nothing has been touched then. */
  failures: PreconditionFailure[];
}

/** A decision for an action. */
export function decide<Action extends string>(
  action: Action,
  rest: Partial<Omit<Decision<Action>, "action">> = {},
): Decision<Action> {
  return { action, replaces: [], reasons: [], warnings: [], failures: [], ...rest };
}

/** What a preview reports of a precondition that failed: `rtc preview` finds it by its beginning. */
export function rejection({ message }: { message: string }): string {
  return `${REJECTION}${message}`;
}

/** How the message of a {@link rejection} begins. */
export const REJECTION = "up will reject this: ";

/** The error of a precondition that failed. */
export function errorOf({ code, message, vendor }: PreconditionFailure): RtcError {
  return new RtcError(code, message, vendor === undefined ? {} : { vendor });
}

/** @throws the first precondition that failed, if one did */
export function assertAllowed({ failures: [failure] }: Pick<Decision<string>, "failures">): void {
  if (failure) throw errorOf(failure);
}

/** The limits in which a room differs from its declaration. A room without a timeout is permanent, as is a gateway's record. */
export function limitsThatDiffer(declared: DeclaredSettings, room: Room): Difference[] {
  const { metadata, ...limits } = declared;
  return differences(hasUnknownTimeout(room) ? limits : withTimeout(limits, NEVER), room);
}

/** Whether a room has other limits than declared, or a limit that was not declared. */
export function hasOtherLimits(declared: DeclaredSettings, room: Room): boolean {
  const isLimited = declared.maxParticipants === undefined && room.maxParticipants !== null;
  return isLimited || limitsThatDiffer(declared, room).length > 0;
}

/** Whether another stack has recreated a room of the state. A missing tag is not another owner. */
export function isForeign(state: { owner?: string | undefined }, room: Room): boolean {
  return room.owner !== null && room.owner !== state.owner && !hasMoved(state, room);
}

/** Whether a room of the state has moved on to another resource of the same stack. */
export function hasMoved({ owner }: { owner?: string | undefined }, room: Room): boolean {
  return room.owner !== null && room.owner !== owner && isOfSameStack(room.owner, owner);
}

/** The failure for a room of another owner. */
export function foreignFailure(id: string): PreconditionFailure {
  const message = `room ${id} has since been recreated by another owner and is left alone; "pulumi refresh" takes it out of this state`;
  return { code: "ALREADY_EXISTS", message };
}

/** The failure for deleting a room that another resource declares, which could not be created. */
export function successorFailure(id: string, name: string): PreconditionFailure {
  const message = `room ${id} stays, and stays in the state: ${name} declares it now, but could not take it over in this run. Repair that and run up again`;
  return { code: "ALREADY_EXISTS", message };
}

/** The failure for ending a call or its recording. */
export function occupiedFailure(
  room: string,
  participants: number,
  what: "room" | "recording",
): PreconditionFailure {
  const who = participants === 1 ? "1 participant is" : `${participants} participants are`;
  const loss = what === "room" ? "it would end their call" : "its recording would cut it short";
  const message = `${who} in room ${room}, and deleting or replacing ${loss}. Wait until it is empty, or set forceDestroy: true on the ${what} and run up (for a whole teardown: rtc:forceDestroy, or RTC_FORCE_DESTROY=true)`;
  return { code: "ROOM_OCCUPIED", message };
}

/** The failure for deleting or replacing what is protected: the engine would end the whole run for it. */
export function protectedFailure(
  kind: string,
  id: string,
  what: "delete" | "replace" | "replace its room",
): PreconditionFailure {
  const how = {
    delete: "declare it again without protect and run up, then take it out",
    replace: "declare it without protect",
    "replace its room": "first declare it without protect and run up",
  };
  const object = what === "replace its room" ? what : `${what} it`;
  const message = `${kind} ${id} is protected, and this would ${object}. To allow that, ${how[what]}`;
  return { code: "PROTECTED", message };
}

/** Why a recording that two resources declare is rejected. */
export function duplicateRecording(room: unknown): string {
  return `room ${String(room)} is recorded twice with the same layout, audio and output`;
}

/**
 * The failure for a room that is not this resource's, with the differences.
 *
 * @param tag the ownership tag of the resource; undefined where rooms carry none
 */
export function takenFailure(
  declared: DeclaredSettings & { adopt?: boolean | undefined },
  room: Room,
  tag: string | undefined,
): PreconditionFailure {
  const others = [...limitsThatDiffer(declared, room), ...differences({ metadata: declared.metadata }, room)];
  const list =
    others.length === 0 ? "its settings are as declared" : others.map(({ text }) => text).join("; ");
  const owner = ownerInWords(room, tag);
  const message = `room ${room.room} exists already and carries ${owner.words}; ${list}. ${declared.adopt ? "To adopt it, declare its maxParticipants; or choose another name" : owner.advice}`;
  return { code: "ALREADY_EXISTS", message, vendor: room.vendor };
}

/** Whose a room is by its ownership tag, and what to do about that. */
function ownerInWords({ owner }: Room, tag: string | undefined): { words: string; advice: string } {
  const adopt = "set adopt: true to adopt it (its maxParticipants must agree)";
  const rename =
    "A renamed resource keeps its room where its ownership tag can be changed, else with the option aliases";
  if (owner !== null && tag !== undefined && !isOfSameStack(owner, tag))
    return {
      words: "the ownership tag of another stack",
      advice: `Choose another name, or ${adopt}: that stack then no longer manages it`,
    };
  const resource = `the ownership tag of another resource${tag === undefined ? "" : " of this stack"}`;
  return {
    words: owner === null ? "no ownership tag" : resource,
    advice: `Choose another name, or ${adopt}. ${rename}`,
  };
}
