import type { VendorAdapter } from "../contract/adapter";
import type { Capability } from "../contract/capabilities";
import type {
  AccessToken,
  Discovery,
  KickInput,
  Page,
  PageInput,
  Participant,
  Recording,
  RecordingInput,
  RecordingListInput,
  RecordingUpdateInput,
  Room,
  RoomFields,
  RoomInput,
  RoomUpdateInput,
  RouteRequest,
  TokenInput,
} from "../contract/types";
import type { Route } from "../routing/route";

/** Creation options of a declared room, which a resource manages. */
export interface Declared {
  /** The ownership tag to carry. */
  owner?: string | undefined;
}

/** The rooms that a gateway has recorded. With them it resolves a name where other clients ask for an id. */
export interface KnownRooms {
  /** The ids of the rooms of a name. */
  idsOf(name: string): string[] | Promise<string[]>;
}

/** The traits of a vendor that a lifecycle depends on. */
export interface VendorTraits
  extends Pick<VendorAdapter, "persistentRooms" | "changesInPlace" | "caveats" | "issuesTokensByCall"> {
  /** Whether rooms are created at the vendor and stay there; else they are on demand. */
  keepsRooms: boolean;
  /** Whether a room is recorded only while participants are in it. */
  recordsOnlyOccupied: boolean;
  /** Whether a room has one recording at a time, since a stop ends all of a room. */
  recordsOneAtATime: boolean;
  /**
   * The regions that hold rooms of their own, null for the one without a name; all others lead to that one's. Absent
   * where only a gateway has it.
   */
  deployments?: readonly (string | null)[];
}

/**
 * The capabilities, by the names of the contract. Every method throws {@link RtcError} only.
 *
 * A room is given by its id (`livekit:standup`) or by its name. A name resolves to the room at the explicit vendor, else
 * at the only configured vendor with the capability, else at the one that has it live, with one lookup at each; else it
 * is rejected with the ids that it could be (INVALID_ARGUMENT).
 */
export interface RtcClient {
  /** The normalised address of the gateway that this is a client of; absent where vendors are called from here. */
  readonly gateway?: string;
  room: {
    /**
     * Creates a room. An existing one is returned when the given settings agree, whoever created it.
     * Without a timeout it closes after the vendor's default. Where rooms are on demand (Agora, ZEGO) the
     * answer is a record, without a call: the first join creates the room. `warnings` list what the vendor does not
     * enforce.
     *
     * With `declared`, the room stays until it is deleted unless a timeout is given. The caller has checked with `find`
     * that it does not exist, and compares the answer.
     *
     * @throws ALREADY_EXISTS with the differences; INVALID_ARGUMENT, NOT_CONFIGURED, UNSUPPORTED before any call
     * @example await client.room.create({ name: "standup", maxParticipants: 12 })
     */
    create(input: RoomInput, declared?: Declared): Promise<Room>;
    /**
     * A room with its live number of participants. `warnings` report participants who are listed and not there.
     *
     * @throws NOT_FOUND; an on-demand room that does not exist is `pending` instead
     */
    get(room: string): Promise<Room>;
    /**
     * The same without the live count and undefined where there is none: one vendor call, which `shared` readers
     * that follow each other within half a second share, for five seconds at most.
     */
    find(room: string, options?: { shared?: boolean }): Promise<Room | undefined>;
    /**
     * The rooms that exist, by id, a page at a time, at every vendor that can list them.
     *
     * @param options `prefix`: only those whose names begin with it
     */
    list(page?: PageInput, options?: { prefix?: string | undefined }): Promise<Page<Room>>;
    /**
     * Whether the next join brings back a room that does not exist: not where the server creates none on join. LiveKit
     * is asked, once for each deployment; of a server behind a gateway it is not known, and taken to be so.
     */
    isRevivedByJoin(room: string): Promise<boolean>;
    /** Sets a room's metadata. The ownership tag stays, or is set from `declared`. */
    update(room: string, input: RoomUpdateInput, declared?: Declared): Promise<Room>;
    /**
     * Deletes a room, if it exists, and disconnects every participant. Tokens stay valid and can recreate it. An
     * on-demand room is closed; without the keys for that it closes when it is empty.
     */
    delete(room: string): Promise<void>;
  };
  token: {
    /**
     * Signs a join token for one room and one identity, with exactly the permissions asked for. No vendor call, but
     * for a bare name that several vendors could have.
     *
     * @example const { token } = await client.token.issue({ room, identity: "alice", ttlSeconds: 3600 })
     */
    issue(input: TokenInput): Promise<AccessToken>;
  };
  recording: {
    /**
     * Starts a recording of an existing room. It stays `starting` until a participant publishes. Each call starts
     * another one.
     *
     * @throws NOT_FOUND where the room does not exist; NOT_CONFIGURED where the server cannot record, or no output is
     * configured; UNAVAILABLE within 25 seconds where no worker accepts it; UNSUPPORTED
     * @example await client.recording.start({ room: "standup", audioOnly: true, outputUri: "s3://acme/standup/" })
     */
    start(input: RecordingInput): Promise<Recording>;
    /** Stops a recording; its file is finished a little later. Undefined where it has expired at the vendor. */
    stop(recording: string): Promise<Recording | undefined>;
    /**
     * A recording. Our gateway returns the last observation (`unverified`) of one that was started through it and has
     * expired at the vendor.
     *
     * @throws NOT_FOUND, also for one that has expired at the vendor: at LiveKit after about a day
     */
    get(recording: string): Promise<Recording>;
    /** The same, undefined where there is none: one vendor call, shared as that of `room.find`. */
    find(recording: string, options?: { shared?: boolean }): Promise<Recording | undefined>;
    /** The recordings at the vendor, of one room or of all. */
    list(options?: RecordingListInput): Promise<{ items: Recording[] }>;
    /**
     * Changes the layout of a recording that has not ended.
     *
     * @throws NOT_FOUND; NOT_CONFIGURED where the configuration shows that the recorder would not follow it
     */
    update(recording: string, input: RecordingUpdateInput): Promise<Recording>;
  };
  participant: {
    /** The participants in a room, without egress and agents. @throws NOT_FOUND for a persistent room that does not exist */
    list(room: string): Promise<{ items: Participant[] }>;
    /**
     * Removes a participant from a room, who can join again while a token of theirs is valid, also one that the server has
     * handed to their client. @throws NOT_FOUND
     */
    kick(input: KickInput): Promise<void>;
  };
  /**
   * Which vendors have a capability with this configuration, and why the others do not.
   *
   * @throws INVALID_ARGUMENT for what is no capability, with those that there are
   * @example await client.discover("rtc.recording.start")
   */
  discover(capability: Capability): Promise<Discovery>;
  /**
   * Which vendor a request goes to, and whether the others fit. No vendor call.
   *
   * @example client.explainRoute({ needs: ["rtc.room.create"], region: "eu" }).vendor
   */
  explainRoute(request: RouteRequest): Route;
  /**
   * The vendor for a request; undefined where a gateway chooses it.
   *
   * @throws why there is none, with every vendor's reason
   */
  route(request: RouteRequest): string | undefined;
  /** The vendors of this version. A gateway may have others. */
  vendors(): string[];
  /**
   * The room id of an id, or of a bare name where only one vendor is configured. No vendor call. Through a gateway a bare
   * name is returned as it is.
   */
  roomId(room: string): string;
  /** The normalised address of a room's deployment, or its app, of a room as for `roomId`; a gateway's own address. */
  endpoint(room: string): string;
  /** The traits of a vendor. An unknown one counts as having persistent rooms whose metadata changes in place. */
  traits(vendor: string): VendorTraits;
  /** The settings of a room that a vendor does not enforce, or only in part, a sentence each. No vendor call. */
  roomWarnings(vendor: string, settings: RoomFields): string[];
  /** A text without the configured credentials, and without anything that resembles a token. */
  redact(text: string): string;
}
