import type { RtcClient } from "../client/types";
import { type CoreConfig, orUndefined } from "../contract";
import type { Clock } from "../support/clock";
import type { PreconditionFailure } from "./decision";
import { Declarations } from "./declarations";

/**
 * Reports a message to the user, on the resource's own row where its URN is known. The next report replaces a progress
 * message.
 */
export type Report = (level: "info" | "warn" | "progress", message: string, urn?: string) => void;

/** The dependencies of the lifecycle of a kind of resource. */
export interface Context {
  client: RtcClient;
  config: Pick<CoreConfig, "forceDestroy" | "ownerMark" | "recordingOutput" | "offlinePreview">;
  declarations: Declarations;
  report: Report;
  clock: Clock;
}

/** The dependencies of a provider process or a command: one client, and the declarations of each kind. */
export interface Process extends Omit<Context, "declarations"> {
  /** The declarations of a kind: the same object each time. */
  declarations(kind: string): Declarations;
}

/** A process in which nothing is declared yet. */
export function newProcess(shared: Omit<Process, "declarations">): Process {
  const byKind = new Map<string, Declarations>();
  const declarations = (kind: string) => {
    const known = byKind.get(kind) ?? new Declarations();
    byKind.set(kind, known);
    return known;
  };
  return { ...shared, declarations };
}

/** The properties of a resource as the engine hands them over. */
export type Properties = Record<string, unknown>;

/** The answer of a read. */
export interface ReadResource {
  id: string;
  props: Properties;
  inputs: Properties;
}

/** Rejects a resource whose state belongs to another server than the configured one. */
export function endpointMismatch(
  id: string,
  stored: string,
  configured: string,
): PreconditionFailure | undefined {
  if (stored === configured) return undefined;
  const message = `${id} belongs to ${stored}, but the configuration is for ${configured}; nothing was touched. To move on purpose: destroy with the old configuration, then up with the new one; or, when the old one is gone for good, "pulumi state delete" the resource`;
  return { code: "ENDPOINT_MISMATCH", message };
}

/** The number of participants in a room; 0 where there is none. */
export async function participantsIn(client: RtcClient, room: string): Promise<number> {
  const found = await orUndefined(client.room.get(room));
  return found?.numParticipants ?? 0;
}
