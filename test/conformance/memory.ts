import { createHmac } from "node:crypto";
import type { Json, JsonObject } from "../../src/contract/index.ts";
import {
  type AccessToken,
  type ErrorCode,
  OWNER_KEY,
  type Place,
  type Room,
  RtcError,
  roomId,
  type TokenSpec,
} from "../../src/contract/index.ts";
import { MemoryRecorder } from "./memory-recorder.ts";

/** How a vendor's calls go wrong; `misdirected`: a web server that is not the vendor's answers 404, as it does to anything. */
export type Fault = "denied" | "throttled" | "broken" | "garbled" | "unreachable" | "misdirected";

/** A member of a room: a participant, a recorder or an agent. */
export interface Attendee {
  identity: string;
  displayName?: string | undefined;
  isPerson: boolean;
  joinedAt: string;
  /** Whether there is something of them to record. */
  publishes?: boolean;
}

/** A room as the vendor stores it. */
export interface StoredRoom extends Place {
  sid: string;
  createdAt: string;
  maxParticipants: number | null;
  emptyTimeoutSeconds: number;
  departureTimeoutSeconds: number;
  /** With the ownership tag; null: something that is no JSON object. */
  metadata: JsonObject | null;
  inside: Attendee[];
}

const CODES: Record<Fault, ErrorCode> = {
  denied: "UNAUTHENTICATED",
  throttled: "RATE_LIMITED",
  broken: "VENDOR_ERROR",
  garbled: "VENDOR_ERROR",
  unreachable: "UNAVAILABLE",
  misdirected: "VENDOR_ERROR",
};

/** A vendor that lives in this process: what exists there, and what happens there without us. */
export class MemoryVendor {
  readonly rooms = new Map<string, StoredRoom>();
  /** The calls that have reached it. */
  readonly calls: string[] = [];
  readonly endpoint: string;
  readonly secret: string;
  /** The key of the storage that recordings go to. */
  readonly storageKey = "memory-storage-key";
  readonly recorder = new MemoryRecorder();
  /** What a room gets where nothing was asked for. */
  defaults: { maxParticipants: number | null; timeout: number } = { maxParticipants: null, timeout: 300 };
  /** Hosted servers cap timeouts. */
  longestTimeout = Number.POSITIVE_INFINITY;
  /** A recording ends when the last participant leaves. */
  endsEmptyRecordings = false;
  fault: Fault | undefined;
  /** The next room is made, but the answer is lost. */
  losesNextAnswer = false;
  #made = 0;

  constructor(endpoint = "https://memory.example", secret = "memory-vendor-secret") {
    this.endpoint = endpoint;
    this.secret = secret;
  }

  /** One call over the wire. */
  call(operation: string): void {
    this.calls.push(operation);
    if (this.fault === undefined) return;
    const code = CODES[this.fault];
    throw new RtcError(code, `memory ${operation}: ${this.fault}`, {
      vendor: "memory",
      operation,
      retryable: !["denied", "misdirected"].includes(this.fault),
    });
  }

  room({ region, name }: Place): StoredRoom | undefined {
    return this.rooms.get(`${region ?? ""}/${name}`);
  }

  /** Makes a room; what is left out is the default. */
  make(place: Place, settings: Partial<StoredRoom> = {}): StoredRoom {
    const { maxParticipants, timeout } = this.defaults;
    const capped = (asked = timeout) => Math.min(asked, this.longestTimeout);
    this.#made += 1;
    const room: StoredRoom = {
      maxParticipants,
      metadata: {},
      inside: [],
      ...settings,
      ...place,
      emptyTimeoutSeconds: capped(settings.emptyTimeoutSeconds),
      departureTimeoutSeconds: capped(settings.departureTimeoutSeconds),
      sid: `RM_${this.#made}`,
      createdAt: new Date(1_700_000_000_000 + this.#made * 1_000).toISOString(),
    };
    this.rooms.set(`${place.region ?? ""}/${place.name}`, room);
    return room;
  }

  lose({ region, name }: Place): void {
    if (this.rooms.delete(`${region ?? ""}/${name}`)) this.recorder.closed({ region, name });
  }

  /** A participant joins a room, which the vendor makes if it is not there; returns how they leave. */
  enter(place: Place, identity: string, isPerson = true, displayName?: string): () => void {
    const room = this.room(place) ?? this.make(place);
    const attendee = { identity, displayName, isPerson, joinedAt: new Date(1_700_000_000_000).toISOString() };
    room.inside.push(attendee);
    return () => {
      room.inside = room.inside.filter((other) => other !== attendee);
      if (this.endsEmptyRecordings && !room.inside.some((other) => other.isPerson))
        this.recorder.closed(place);
    };
  }

  /** The same, and they publish a track. */
  publish(place: Place, identity: string): () => void {
    const leave = this.enter(place, identity);
    for (const attendee of this.room(place)?.inside ?? [])
      if (attendee.identity === identity) attendee.publishes = true;
    this.recorder.published(place);
    return leave;
  }

  /** A token of this vendor: what it grants, in the open, and signed. */
  sign(spec: TokenSpec): AccessToken {
    const expiresAt = new Date(Date.now() + spec.ttlSeconds * 1_000).toISOString();
    const claims = Buffer.from(JSON.stringify({ ...spec, expiresAt })).toString("base64url");
    return {
      token: `memory.${claims}.${this.#seal(claims)}`,
      room: roomId({ ...spec, vendor: "memory" }),
      identity: spec.identity,
      expiresAt,
    };
  }

  /** What a token of this vendor grants. */
  read(token: string): TokenSpec & { expiresAt: string } {
    const [, claims = "", seal] = token.split(".");
    if (seal !== this.#seal(claims)) throw new Error("The token is not signed with the secret.");
    return JSON.parse(Buffer.from(claims, "base64url").toString());
  }

  #seal(claims: string): string {
    return createHmac("sha256", this.secret).update(claims).digest("base64url");
  }

  /** A room as its record shows it. */
  record(room: StoredRoom): Room {
    const { inside, metadata: stored, ...rest } = room;
    const { [OWNER_KEY]: owner, ...metadata }: { [key: string]: Json } = stored ?? {};
    return {
      ...rest,
      room: roomId({ vendor: "memory", region: room.region, name: room.name }),
      vendor: "memory",
      state: "open",
      numParticipants: inside.filter(({ isPerson }) => isPerson).length,
      metadata: stored === null ? null : metadata,
      endpoint: this.endpoint,
      owner: typeof owner === "string" ? owner : null,
    };
  }
}
