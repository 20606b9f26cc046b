import type { Ability, Capability } from "./capabilities";
import type { JsonObject } from "./json";
import type { DeclaredSettings } from "./settings";
import type {
  AccessToken,
  Participant,
  Recording,
  Room,
  RoomFields,
  RoomResourceInput,
  RoomSettings,
} from "./types";

/** Where a room is at one vendor. */
export interface Place {
  region: string | null;
  name: string;
}

/** A room to create. What is left out is the vendor's default; a timeout of `NEVER` is none. */
export interface RoomSpec extends Place, DeclaredSettings {
  /** The ownership tag to carry. */
  owner?: string | undefined;
  /** Record the room's first session. */
  recording?: Omit<RecordingSpec, keyof Place> | undefined;
}

/** What is recorded, and where to. */
export interface RecordingSettings {
  layout: string;
  audioOnly: boolean;
  /** Checked already: see `parseOutputUri`. Empty in a question about a recording that names none. */
  outputUri: string;
}

/** A recording to start. */
export interface RecordingSpec extends Place, RecordingSettings {}

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

/** How rooms live at a vendor where they are created and stay (persistent rooms). */
export interface PersistentRooms {
  /**
   * Whether a join brings back a room that has closed by itself: a declared one is dormant then. Else it is gone, and
   * created again by the next run.
   */
  readonly revivedByJoin: boolean;
  /** Whether that holds for a deployment, where its server can be set not to. Asks without a side effect. Absent: it holds. */
  readonly revivesAt?: (region: string | null) => Promise<boolean>;
  /** Where a room carries its ownership tag, as the reference names it. Null: there is no such place, so that only the state has which resource a room belongs to. */
  readonly tagPlace: string | null;
  /** Where a room carries its metadata. Null: there is no such place, so metadata is rejected. */
  readonly metadataPlace: string | null;
  /** How long after its creation the vendor ends each room, whoever is in it (absolute expiry), in seconds. Null: it does not. */
  readonly lifetimeSeconds: number | null;
}

/** The recordings of a vendor that has them. */
export interface RecordingAdapter {
  /** Whether a room is recorded only while participants are in it: to start one in an empty room is rejected. */
  readonly onlyWhileOccupied: boolean;
  /** Whether a stop ends every recording of a room: it then has one at a time. */
  readonly stopsByRoom: boolean;
  /** The settings of a recording that the vendor cannot hold, each with the reason: they are rejected before anything is started. */
  badSettings(settings: RecordingSettings): Partial<Record<keyof RecordingSettings, string>>;
  /** Starts one recording: where it is unknown whether it began, the adapter checks before it fails. */
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

/** What has happened at a vendor, as one of its webhooks reports it. */
export interface VendorEvent {
  /** The vendor's own name of it, e.g. `room_finished`. */
  event: string;
  /** The rooms that it may be about: several where deployments share a key, since only the key tells who reports. */
  places: Place[];
}

/** The webhooks of a vendor that reports what happens to rooms and recordings. */
export interface WebhookAdapter {
  /**
   * Verifies a delivery with the configured keys. Undefined for an event after which no declared room or recording can
   * differ from its declaration.
   *
   * @param body as it was sent, which the signature covers
   * @param authorization the header of that name
   * @throws UNAUTHENTICATED where no configured key has signed it; NOT_CONFIGURED where there is none
   */
  receive(body: string, authorization: string | undefined): Promise<VendorEvent | undefined>;
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
   * How rooms live where they are created at the vendor and stay. Absent: a room comes into being with the first join
   * and ends with the last participant (on-demand rooms), so that a declared one is a state-only resource.
   */
  readonly persistentRooms?: PersistentRooms;
  /** Whether a token is issued by a call to the vendor. Else it is signed here, with the configured keys. */
  readonly issuesTokensByCall: boolean;
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
  /** The settings of a room that the vendor cannot hold, each with the reason: they are rejected before anything is created or changed. */
  badSettings(settings: RoomFields): Partial<Record<keyof RoomFields, string>>;
  /** What of a room's settings the vendor does not enforce, or only in part, a sentence each. */
  roomWarnings(settings: RoomFields): string[];
  /** Why the vendor cannot carry a name. */
  badName(name: string): string | undefined;
  /** The deployment's normalised address, which state remembers. */
  endpoint(region: string | null): string;
  /** The address that its calls go to, where the endpoint is none. */
  apiAddress?(region: string | null): string;
  /** The values that must appear in no message: those of the configuration's secret keys, and what is derived from them. */
  secrets(): string[];
  /** Loads the packages that a first call would load, for a server, whose first request must not wait for them. */
  load?(): void;

  /**
   * A room with its live number of participants. Undefined where rooms are persistent and there is none; else never:
   * `pending` then.
   *
   * @param listed the same room, where a listing has just returned it
   */
  getRoom(place: Place, listed?: Room): Promise<Room | undefined>;
  /**
   * The rooms that exist, all of a deployment or those of the given names.
   *
   * @throws UNSUPPORTED where the vendor only gets rooms by name; NOT_CONFIGURED before any call where keys are missing
   */
  listRooms(region: string | null, names?: string[]): Promise<Room[]>;
  /** Makes a room, or returns the one that exists with the settings that it has. Safe to repeat. A state-only record, without a call, where rooms are on demand. */
  createRoom(spec: RoomSpec): Promise<Room>;
  /** Sets metadata and ownership tag, both; NOT_FOUND where there is no such room. A state-only record, without a call, where rooms are on demand. */
  updateRoom(place: Place, metadata: JsonObject, owner: string | undefined): Promise<Room>;
  /** Deletes a room, or closes one that is on demand, with every participant in it; one that is gone is fine. */
  deleteRoom(place: Place): Promise<void>;
  /** The participants in a room; empty where it does not exist. */
  listParticipants(place: Place): Promise<Participant[]>;
  /** Removes one; NOT_FOUND where no participant has that identity, and the vendor reports it. Their tokens stay valid, also those that the server has handed to their client. */
  kickParticipant(place: Place, identity: string): Promise<void>;
  /** Issues a token: without a call, unless {@link issuesTokensByCall}. */
  issueToken(spec: TokenSpec): Promise<AccessToken>;

  /** Absent where the vendor cannot record. */
  readonly recordings?: RecordingAdapter;
  /** Absent where the vendor reports nothing by itself. */
  readonly webhooks?: WebhookAdapter;
}
