import type { RtcClient } from "../../client/types";
import { type CoreConfig, orUndefined, RtcError } from "../../contract";
import type { Memory } from "./memory";
import type { Properties, RoomInputs, RoomState } from "./state";

/**
 * Says something to the person, on the resource's own row where its URN is known. Progress is shown only as long
 * as it is the last that was said.
 */
export type Say = (level: "info" | "warn" | "progress", message: string, urn?: string) => void;

/** What the lifecycle of rooms works with. */
export interface RoomContext {
  client: RtcClient;
  config: Pick<CoreConfig, "forceDestroy" | "ownerMark" | "recordingOutput">;
  memory: Memory;
  say: Say;
}

/** The answer of a read. */
export interface ReadRoom {
  id: string;
  props: Properties;
  inputs: Properties;
}

/** How the declared rooms of a vendor live: it keeps them, or they are records. */
export interface RoomsOfAKind {
  create(declared: RoomInputs): Promise<{ id: string; outs: Properties }>;
  /** Null: gone. */
  read(id: string, state: RoomState): Promise<ReadRoom | null>;
  update(id: string, state: RoomState, declared: RoomInputs): Promise<{ outs: Properties }>;
  delete(id: string, state: RoomState): Promise<void>;
  /** Why a room of the state must not, or cannot, be ended now. */
  refusal(id: string, state: RoomState): Promise<RtcError | undefined>;
  /** A room that is only read. @throws NOT_FOUND */
  get(id: string): Promise<ReadRoom>;
}

/** Refuses to touch what state has at another server than the configured one. */
export function sameEndpoint(id: string, stored: string, configured: string): void {
  if (stored === configured) return;
  throw new RtcError(
    "ENDPOINT_MISMATCH",
    `${id} belongs to ${stored}, but the configuration is for ${configured}; nothing was touched. To move on purpose: destroy with the old configuration, then up with the new one; or, when the old one is gone for good, "pulumi state delete" the resource`,
  );
}

/** The number of people in a room; 0 where there is none. */
export async function peopleIn(client: RtcClient, room: string): Promise<number> {
  const found = await orUndefined(client.room.get(room));
  return found?.numParticipants ?? 0;
}
