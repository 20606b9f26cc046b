import type { Capability } from "./capabilities";
import type { JsonObject } from "./inputs";

/** A room as a vendor shows it. What a vendor does not know is null. */
export interface Room {
  /** The room id, e.g. `livekit:standup`. */
  room: string;
  name: string;
  vendor: string;
  /** `open`: exists at the vendor. `pending`: comes into being at the next join. */
  state: "open" | "pending";
  /** The most people at once; null: unlimited or unknown. */
  maxParticipants: number | null;
  /** Seconds that the room stays while nobody has joined; 2³²−1: for good. */
  emptyTimeoutSeconds: number | null;
  /** Seconds that the room stays after the last person left; 2³²−1: for good. */
  departureTimeoutSeconds: number | null;
  /** People now; egress and agents are not people. In a list it may lag by 5 seconds. */
  numParticipants: number | null;
  /** The room's metadata without the ownership tag; null: unknown, no JSON object, or one that would not come back the same. */
  metadata: JsonObject | null;
  region: string | null;
  /** RFC 3339, UTC. */
  createdAt: string | null;
  /** The vendor's own id of this generation of the room. */
  sid: string | null;
  /** The deployment, e.g. `https://rtc.example.com`. */
  endpoint: string | null;
  /** The ownership tag of the resource that declared the room. */
  owner: string | null;
  /** In the answer of `room.create` only: what of the settings the vendor does not enforce or keep. */
  warnings?: string[];
  /** Through a third-party gateway only: the fields of which it tells nothing, and which are null for that. */
  untold?: (keyof Room)[];
}

/** What a token takes from a room: its id, and the settings with which a join brings it back. */
export type RoomSettings = Pick<
  Room,
  "room" | "maxParticipants" | "emptyTimeoutSeconds" | "departureTimeoutSeconds" | "metadata"
>;

/** One page of a list; `nextCursor` is absent on the last. */
export interface Page<T> {
  items: T[];
  nextCursor?: string;
}

/** A person in a room. */
export interface Participant {
  identity: string;
  displayName?: string;
  /** RFC 3339, UTC; null where the vendor does not tell. */
  joinedAt: string | null;
}

/** Which vendors can do something, with this configuration. */
export interface Discovery {
  capability: Capability;
  /** Every vendor, in the configured order; without a reason where it is available. */
  vendors: { vendor: string; available: boolean; reason?: string }[];
}

/** A join token. The token itself is a secret: hand it to the person, do not store it. */
export interface AccessToken {
  token: string;
  /** The room id. */
  room: string;
  identity: string;
  /** RFC 3339, UTC. */
  expiresAt: string;
  /** What the token could not carry, or does not do. */
  warnings?: string[];
}
