import { RtcError } from "../../contract";

/**
 * Says something to the person, on the resource's own row where its URN is known. Progress is shown only as long
 * as it is the last that was said.
 */
export type Say = (level: "info" | "warn" | "progress", message: string, urn?: string) => void;

/** Refuses to touch what state has at another server than the configured one. */
export function sameEndpoint(id: string, stored: string, configured: string): void {
  if (stored === configured) return;
  throw new RtcError(
    "ENDPOINT_MISMATCH",
    `${id} belongs to ${stored}, but the configuration is for ${configured}; nothing was touched. To move on purpose: destroy with the old address, then up with the new one; or, when the old one is gone for good, "pulumi state delete" the resource`,
  );
}

/** Refuses to end what people are in. */
export function occupied(room: string, people: number, what: "room" | "recording"): RtcError {
  const who = people === 1 ? "1 person is" : `${people} people are`;
  const loss = what === "room" ? "end their call" : "cut their recording";
  return new RtcError(
    "ROOM_OCCUPIED",
    `${who} in room ${room}, and deleting or replacing ${what === "room" ? "it" : "its recording"} would ${loss}. Wait until it is empty, or set forceDestroy: true on the ${what} and run up (for a whole teardown: rtc:forceDestroy, or RTC_FORCE_DESTROY=true)`,
  );
}

/** The answer, or undefined where there is no such thing. */
export async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (RtcError.isInstance(error) && error.code === "NOT_FOUND") return undefined;
    throw error;
  }
}
