import { isDeepStrictEqual } from "node:util";
import type { Room, RoomInput } from "./types";

/** A setting in which a living room is not as asked. */
export interface Difference {
  field: "maxParticipants" | "emptyTimeoutSeconds" | "metadata";
  /** For a person: `maxParticipants is 5, asked for 12`. Metadata, which may be secret, is not printed. */
  text: string;
}

/** Plain equality of JSON values, for which 0 and -0 are one; absent and null are the same. */
export function same(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(asJson(a), asJson(b));
}

function asJson(value: unknown): unknown {
  return typeof value === "object" && value !== null ? JSON.parse(JSON.stringify(value)) : (value ?? null);
}

const number = (value: number | null | undefined) => (value ? String(value) : "unlimited");

/** Where a living room differs from the settings that were given; what was not given, or is not reported, is not compared. */
export function differences(asked: Omit<RoomInput, "name">, room: Room): Difference[] {
  const found: Difference[] = [];
  const untold = (field: keyof Room) => room.untold?.includes(field) === true;
  if (
    asked.maxParticipants !== undefined &&
    !untold("maxParticipants") &&
    asked.maxParticipants !== room.maxParticipants
  ) {
    const text = `maxParticipants is ${number(room.maxParticipants)}, asked for ${number(asked.maxParticipants)}`;
    found.push({ field: "maxParticipants", text });
  }
  const timeout = asked.emptyTimeoutSeconds;
  if (
    timeout !== undefined &&
    ((!untold("emptyTimeoutSeconds") && timeout !== room.emptyTimeoutSeconds) ||
      (!untold("departureTimeoutSeconds") && timeout !== room.departureTimeoutSeconds))
  ) {
    const text = `emptyTimeoutSeconds is ${room.emptyTimeoutSeconds} (${room.departureTimeoutSeconds} after the last departure), asked for ${timeout}`;
    found.push({ field: "emptyTimeoutSeconds", text });
  }
  if (asked.metadata !== undefined && !untold("metadata") && !same(asked.metadata, room.metadata)) {
    found.push({ field: "metadata", text: "metadata is another" });
  }
  return found;
}
