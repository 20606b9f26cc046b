import { type Difference, differences, NEVER, type Room, RtcError } from "../../contract";
import type { RoomInputs, RoomState } from "./state";

/** The limits in which a room differs from what a declared room has: one without a timeout stays for good, as does a record. */
export function limitsThatDiffer(declared: RoomInputs, room: Room): Difference[] {
  const forGood = room.emptyTimeoutSeconds === null ? undefined : NEVER;
  const { maxParticipants, emptyTimeoutSeconds = forGood } = declared;
  return differences({ maxParticipants, emptyTimeoutSeconds }, room);
}

/** Whether a room of the state has been made anew by another owner; a missing mark is no other owner. */
export function isForeign(state: RoomState, room: Room): boolean {
  return room.owner !== null && room.owner !== state.owner;
}

/** Refuses to touch a room of another owner. */
export function foreign(id: string): RtcError {
  return new RtcError(
    "ALREADY_EXISTS",
    `room ${id} has since been made anew by another owner and is left alone; "pulumi refresh" takes it out of this state`,
  );
}

/** Refuses to end what people are in. */
export function occupied(room: string, people: number, what: "room" | "recording"): RtcError {
  const who = people === 1 ? "1 person is" : `${people} people are`;
  const loss = what === "room" ? "it would end their call" : "its recording would cut it short";
  return new RtcError(
    "ROOM_OCCUPIED",
    `${who} in room ${room}, and deleting or replacing ${loss}. Wait until it is empty, or set forceDestroy: true on the ${what} and run up (for a whole teardown: rtc:forceDestroy, or RTC_FORCE_DESTROY=true)`,
  );
}

/** Why a recording is refused that is declared by two resources. */
export function recordedTwice(room: unknown): string {
  return `room ${String(room)} is recorded twice with the same layout, audio and output`;
}

/** Refuses to take over a room that is not this resource's, with what differs. */
export function taken(declared: RoomInputs, room: Room): RtcError {
  const others = [...limitsThatDiffer(declared, room), ...differences({ metadata: declared.metadata }, room)];
  const list =
    others.length === 0 ? "its settings are as declared" : others.map(({ text }) => text).join("; ");
  const whose = room.owner === null ? "carries no owner mark" : "carries the owner mark of another resource";
  return new RtcError(
    "ALREADY_EXISTS",
    `room ${room.room} exists already and ${whose}; ${list}. Choose another name, or set adopt: true to take it over (its limits must agree). A resource that was only renamed keeps its room with the option aliases`,
    { vendor: room.vendor },
  );
}
