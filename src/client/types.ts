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

/** How a declared room, one that a resource manages, is made. */
export interface Declared {
  /** The ownership tag to carry. */
  owner?: string | undefined;
}

/** What a gateway knows of rooms that no vendor shows: it decides where others ask for an id. */
export interface KnownRooms {
  /** The ids of the rooms of a name. */
  idsOf(name: string): string[] | Promise<string[]>;
}

/** What a lifecycle must know of a vendor. */
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
   * where only a gateway knows.
   */
  deployments?: readonly (string | null)[];
}

/**
 * The capabilities, by the names of the contract. Every method throws {@link RtcError} only.
 *
 * A room is asked for by its id (`livekit:standup`) or by its name. A name means the room at the vendor that is named
 * beside it, else at the only vendor that is configured and can do what is asked, else at the one that has it live,
 * for which each of them is asked once; else it is refused with the ids that it could be (INVALID_ARGUMENT).
 */
export interface RtcClient {
  /** The normalised address of the gateway that this is a client of; absent where vendors are called from here. */
  readonly gateway?: string;
  room: {
    /**
     * Makes a room. One that exists is returned when the settings that were given agree, whoever made it.
     * Without `emptyTimeoutSeconds` it closes after the vendor's default. Where rooms are not kept (Agora, ZEGO) the
     * answer is a record, without a call: the room comes into being with the first join. `warnings` say what the
     * vendor does not enforce.
     *
     * With `declared`, the room stays until it is deleted unless a timeout is given, and the caller has looked
     * (`find`) that there is none: the answer is what the vendor has, and the caller's to compare.
     *
     * @throws ALREADY_EXISTS with the differences; INVALID_ARGUMENT, NOT_CONFIGURED, UNSUPPORTED before any call
     * @example await client.room.create({ name: "standup", maxParticipants: 12 })
     */
    create(input: RoomInput, declared?: Declared): Promise<Room>;
    /**
     * A room with its live number of people.
     *
     * @throws NOT_FOUND; where rooms are not kept, one that is not there is `pending` instead
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
    /** Sets a room's metadata; the ownership tag is kept, or set where `declared` brings one. */
    update(room: string, input: RoomUpdateInput, declared?: Declared): Promise<Room>;
    /**
     * Deletes a room with everybody in it. One that is gone is fine. Tokens stay valid and can bring it back. Where
     * rooms are not kept it is closed, or without the keys for that left to close when it is empty.
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
     * Starts a recording of a room that is there. The vendor has accepted it: it stays `starting` until somebody
     * publishes. Each call makes another one.
     *
     * @throws NOT_FOUND where the room is not there; NOT_CONFIGURED where the server cannot record, or nothing says
     * where to; UNAVAILABLE within 25 seconds where no worker takes it; UNSUPPORTED
     * @example await client.recording.start({ room: "standup", audioOnly: true, outputUri: "s3://acme/standup/" })
     */
    start(input: RecordingInput): Promise<Recording>;
    /** Asks a recording to end; its file is finished a little later. Undefined where the vendor has forgotten it. */
    stop(recording: string): Promise<Recording | undefined>;
    /**
     * A recording. Our gateway answers one that was started through it also when the vendor has forgotten it, as it was
     * seen last (`unverified`).
     *
     * @throws NOT_FOUND, also for one that the vendor has forgotten: LiveKit keeps them for about a day
     */
    get(recording: string): Promise<Recording>;
    /** The same, undefined where there is none: one vendor call, shared as that of `room.find`. */
    find(recording: string, options?: { shared?: boolean }): Promise<Recording | undefined>;
    /** The recordings that the vendor knows, of one room or of all. */
    list(options?: RecordingListInput): Promise<{ items: Recording[] }>;
    /** Changes the layout of a recording that has not ended. @throws NOT_FOUND */
    update(recording: string, input: RecordingUpdateInput): Promise<Recording>;
  };
  participant: {
    /** The people in a room; egress and agents are not people. @throws NOT_FOUND where rooms are kept and there is none */
    list(room: string): Promise<{ items: Participant[] }>;
    /** Removes one from a room. Their token stays valid, so they can come back until it expires. @throws NOT_FOUND */
    kick(input: KickInput): Promise<void>;
  };
  /**
   * Which vendors can do something with this configuration, and why the others cannot.
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
   * The room id that an id means, or a bare name where only one vendor is configured. No vendor call. Through a
   * gateway, which alone knows, a bare name is returned as it is.
   */
  roomId(room: string): string;
  /** The normalised address of a room's deployment, or its app, of a room as for `roomId`; a gateway's own address. */
  endpoint(room: string): string;
  /** What a vendor's rooms are like; one that this version does not know is taken to keep rooms and to change metadata in place. */
  traits(vendor: string): VendorTraits;
  /** What of a room's settings a vendor does not enforce, or only in part, a sentence each. No vendor call. */
  roomWarnings(vendor: string, settings: RoomFields): string[];
  /** A text without the configured credentials, and without anything that looks like a token. */
  redact(text: string): string;
}
