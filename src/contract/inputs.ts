import type { Capability } from "./capabilities";

/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
/** A JSON object, e.g. a room's metadata. */
export type JsonObject = { [key: string]: Json };

/** The settings of a room, wherever one is made or declared. */
export interface RoomFields {
  /** The vendor to use, instead of the first one that fits. */
  vendor?: string | undefined;
  /** One of the configured deployments, or of the vendor's own regions. Default: the one without a region. */
  region?: string | undefined;
  /** The most people at once, 1 or more. Default: unlimited. */
  maxParticipants?: number | undefined;
  /** Seconds that an empty room stays, 1 to 2³²−2. */
  emptyTimeoutSeconds?: number | undefined;
  /** At most 60,000 bytes as JSON, with 64 levels and 10,000 values. */
  metadata?: JsonObject | undefined;
  /** Record the room's first session, to `rtc:recordingOutput`. Default false. */
  enableRecording?: boolean | undefined;
}

/** Input of `room.create`. */
export interface RoomInput extends RoomFields {
  /** The room's name at the vendor: 1 to 63 of `A-Za-z0-9_-` fit every vendor. */
  name: string;
}

/** Inputs of the RtcRoom resource, resolved. */
export interface RoomResourceInput extends RoomFields {
  /** The room's name at the vendor. Default: the resource's own name. */
  name?: string | undefined;
  /** Adopt a room that exists already, whoever made it, if its limits agree. Default false. */
  adopt?: boolean | undefined;
  /** Replace and delete the room even while people are in it. Default false. */
  forceDestroy?: boolean | undefined;
}

/** Input of `room.list`. */
export interface PageInput {
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** Rooms a page: 1 to 100, default 50; more is taken as 100. */
  limit?: number | undefined;
}

/** Input of `room.update`. */
export interface RoomUpdateInput {
  metadata: JsonObject;
}

/** What `token.issue` takes beside the room. */
export interface TokenFields {
  /** Who joins: 1 to 255 bytes, unique in the room. */
  identity: string;
  /** The name that others see. */
  displayName?: string | undefined;
  /** How long the token can be used to join, in seconds: 1 to 86,400, default 3,600. */
  ttlSeconds?: number | undefined;
  /** Default true. */
  canPublish?: boolean | undefined;
  /** Default true. */
  canSubscribe?: boolean | undefined;
  /** Default true. */
  canPublishData?: boolean | undefined;
  /** May manage the room: kick, mute, change metadata. Default false. */
  isAdmin?: boolean | undefined;
  /** The vendor, where the room is a bare name. */
  vendor?: string | undefined;
  /** The participant's own metadata. */
  metadata?: JsonObject | undefined;
}

/** Input of `participant.kick`. */
export interface KickInput {
  /** A room id (`livekit:standup`) or a bare name. */
  room: string;
  /** Who is to leave. */
  identity: string;
  /** The vendor, where the room is a bare name. */
  vendor?: string | undefined;
}

/** A question which vendor a request goes to. */
export interface RouteRequest {
  /** What the vendor must be able to do. */
  needs: readonly Capability[];
  /** The explicit vendor: this one or none. */
  vendor?: string | undefined;
  region?: string | null | undefined;
  /** A room name that the vendor must be able to carry. */
  name?: string | undefined;
  /** Settings that a room of the vendor must be able to have. */
  settings?: RoomFields | undefined;
}

/** The settings of a recording, wherever one is started or declared. */
export interface RecordingFields {
  /** `grid`, `speaker` or `single-speaker`, each also `-light` and `-dark`. Default `grid`. */
  layout?: string | undefined;
  /** Default false. */
  audioOnly?: boolean | undefined;
  /**
   * `s3://bucket/path`, `gs://bucket/path`, `azblob://container@account/path`, or a path on the egress host. The
   * extension picks mp4, ogg, mp3 or HLS (`.m3u8`). Default: `rtc:recordingOutput`.
   */
  outputUri?: string | undefined;
  /** The room's vendor. */
  vendor?: string | undefined;
  /** No vendor has a place for it: a resource keeps it in state, our gateway in its store. */
  metadata?: JsonObject | undefined;
}

/** Input of `recording.start`. */
export interface RecordingInput extends RecordingFields {
  /** A room id or a bare name. */
  room: string;
}

/** A recording as a manifest declares it. */
export interface RecordingManifestInput extends RecordingInput {
  /** When to start another after this one has ended. Default `never`. */
  restartPolicy?: "never" | "onFailure" | "always" | undefined;
  /** Delete or replace it even while people are in the room. Default false. */
  forceDestroy?: boolean | undefined;
}

/** Inputs of the RtcRecording resource, resolved. */
export interface RecordingResourceInput extends RecordingManifestInput {
  /** The generation of the room, where that is a resource. */
  roomSid?: string | undefined;
}

/** Input of `recording.update`. */
export interface RecordingUpdateInput {
  layout: string;
}

/** Input of `recording.list`. */
export interface RecordingListInput {
  /** A room id or name; all rooms without it. */
  room?: string | undefined;
  /** Only what has not ended. Default false. */
  active?: boolean | undefined;
}
