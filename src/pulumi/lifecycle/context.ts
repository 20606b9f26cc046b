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

/** The answer, or undefined where there is no such thing. */
export async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (RtcError.isInstance(error) && error.code === "NOT_FOUND") return undefined;
    throw error;
  }
}
