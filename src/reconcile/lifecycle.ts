import type { RtcClient } from "../client/types";
import { type CoreConfig, type Issue, orUndefined } from "../contract";
import type { Clock } from "../support/clock";
import type { PreconditionFailure } from "./decision";
import { type Declaration, Declarations } from "./declarations";

/** What the engine calls for every kind of resource. Each call observes, decides and acts. */
export interface Lifecycle {
  /** Returns all problems of the inputs at once, without the network, and resolves the vendor and names into them. */
  check(olds: Properties, news: Properties): { inputs: Properties; issues: Issue[] };
  /**
   * Reports what `up` will meet at the vendor with a new resource, for a preview that may ask it: check comes without the
   * network, and the engine asks nothing more of a resource that has no state.
   */
  foresee?(urn: string, inputs: Properties): Promise<void>;
  /** What is declared in this run of a resource of the state; undefined in a refresh or a destroy. */
  declaration?(
    id: string,
    olds: Properties,
    news: Properties,
  ): Pick<Declaration, "urn" | "dryRun"> | undefined;
  /** What a changed declaration does. Without `changes` the engine compares the inputs itself. */
  diff(
    id: string,
    olds: Properties,
    news: Properties,
  ): Promise<{ changes?: boolean; replaces: string[]; deleteBeforeReplace: boolean }>;
  create(inputs: Properties): Promise<{ id: string; outs: Properties }>;
  /** The resource as it is observed; null: it is gone. */
  read(id: string, props: Properties): Promise<ReadResource | null>;
  update(id: string, olds: Properties, news: Properties): Promise<{ outs: Properties }>;
  delete(id: string, props: Properties): Promise<void>;
}

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
