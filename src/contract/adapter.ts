import type { Ability, Capability } from "./capabilities";
import type { JsonObject, RoomFields, RoomResourceInput } from "./inputs";
import type { Recording } from "./recordings";
import type { AccessToken, Participant, Room, RoomSettings } from "./records";

/** Where a room is at one vendor. */
export interface Place {
  region: string | null;
  name: string;
}

/** A room to make. What is left out is the vendor's default. */
export interface RoomSpec extends Place {
  maxParticipants?: number | undefined;
  /** Seconds, both before the first and after the last person; {@link NEVER} for good. */
  emptyTimeoutSeconds?: number | undefined;
  metadata?: JsonObject | undefined;
  /** The ownership tag to carry. */
  owner?: string | undefined;
  /** Record the room's first session. */
  recording?: Omit<RecordingSpec, keyof Place> | undefined;
}

/** A recording to start. */
export interface RecordingSpec extends Place {
  layout: string;
  audioOnly: boolean;
  /** Checked already: see `parseOutputUri`. */
  outputUri: string;
}

/** A token to sign: `token.issue` with its room resolved. */
export interface TokenSpec extends Place {
  identity: string;
  displayName?: string | undefined;
  ttlSeconds: number;
  canPublish: boolean;
  canSubscribe: boolean;
  canPublishData: boolean;
  isAdmin: boolean;
  metadata?: JsonObject | undefined;
  /** The room's settings, for a join that brings it back; absent where only its name is known. */
  settings?: RoomSettings | undefined;
}

/** The recordings of a vendor that has them. */
export interface RecordingAdapter {
  /** Starts a recording, once: where it is not sure that it began, looks before it fails. */
  start(spec: RecordingSpec): Promise<Recording>;
  /** Asks a recording to end; undefined where the vendor does not know it (any more). One that has ended is fine. */
  stop(region: string | null, id: string): Promise<Recording | undefined>;
  /** A recording; undefined where the vendor does not know it (any more). */
  get(region: string | null, id: string): Promise<Recording | undefined>;
  /** The recordings of a room, or of a deployment. */
  list(region: string | null, options: { room?: string | undefined; active: boolean }): Promise<Recording[]>;
  /** Changes the layout of a recording that has not ended; NOT_FOUND where the vendor does not know it. */
  update(region: string | null, id: string, layout: string): Promise<Recording>;
}

/**
 * What a vendor's folder provides: few methods, and a record of what the vendor can do. Every method throws
 * only RtcError, ends within a deadline, and returns plain data.
 */
export interface VendorAdapter {
  readonly vendor: string;
  /** What this vendor can do; the same data feeds routing, errors and documentation. */
  readonly abilities: Record<Capability, Ability>;
  /**
   * Whether rooms are made at the vendor and stay there. Else a room comes into being when somebody joins and ends
   * with the last: a declared one is a record, which the vendor knows nothing of.
   */
  readonly keepsRooms: boolean;
  /** What holds only once the vendor's support team has switched it on, a sentence each. */
  readonly caveats: readonly string[];
  /** The room inputs that change in place; a change of any other makes a new room. */
  readonly changesInPlace: readonly (keyof RoomResourceInput)[];
  /** What can be named as `region`. */
  regions(): string[];
  /** The regions that hold rooms of their own, null for the one without a name: what a list of all rooms asks. */
  deployments(): (string | null)[];
  /** Why a deployment cannot be used for something: which keys are missing. */
  missing(region: string | null, capability: Capability): string | undefined;
  /** What of a room's settings the vendor does not enforce, or only in part, a sentence each. */
  roomWarnings(settings: RoomFields): string[];
  /** Why the vendor cannot carry a name. */
  badName(name: string): string | undefined;
  /** The deployment's normalised address, which state remembers. */
  endpoint(region: string | null): string;
  /** The secrets of the configuration, for redaction. */
  secrets(): string[];
  /** Loads the packages that a first call would load, for a server, whose first request must not wait for them. */
  load?(): void;

  /** A room with its live number of people. Undefined where rooms are kept and there is none; else never: `pending` then. */
  getRoom(place: Place): Promise<Room | undefined>;
  /**
   * The rooms that exist, all of a deployment or those of the given names.
   *
   * @throws UNSUPPORTED where the vendor only looks names up; NOT_CONFIGURED before any call where keys are missing
   */
  listRooms(region: string | null, names?: string[]): Promise<Room[]>;
  /** Makes a room, or returns the one that exists with the settings that it has. Safe to repeat. A record, without a call, where rooms are not kept. */
  createRoom(spec: RoomSpec): Promise<Room>;
  /** Sets metadata and ownership tag, both; NOT_FOUND where there is no such room. A record, without a call, where rooms are not kept. */
  updateRoom(place: Place, metadata: JsonObject, owner: string | undefined): Promise<Room>;
  /** Deletes a room, or where rooms are not kept closes it, with everybody in it; one that is gone is fine. */
  deleteRoom(place: Place): Promise<void>;
  /** The people in a room; empty where it does not exist. */
  listParticipants(place: Place): Promise<Participant[]>;
  /** Removes one; NOT_FOUND where nobody has that identity, and the vendor tells. Their token stays valid. */
  kickParticipant(place: Place, identity: string): Promise<void>;
  /** Signs a token, without a call. */
  issueToken(spec: TokenSpec): Promise<AccessToken>;

  /** Absent where the vendor cannot record. */
  readonly recordings?: RecordingAdapter;
}
