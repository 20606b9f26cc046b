import type { KnownRooms } from "../../client/types";
import type { Room, RoomSettings } from "../../contract";
import type { Recording } from "../../contract/types";

/** What is remembered of a room: what it was made with, and the tag of the resource that declares it. */
export type RoomRecord = RoomSettings & Pick<Room, "owner">;

/**
 * The rooms that only a record is known of: where a vendor keeps no rooms, the name alone says nothing of whose room
 * it is until somebody joins, and nothing but the record ever tells its settings.
 */
export interface RoomStore extends KnownRooms {
  /** Keeps the record of a room, in the place of an older one. */
  remember(room: RoomRecord & Pick<Room, "name">): void | Promise<void>;
  /** @param id a room id */
  recordOf(id: string): RoomRecord | undefined | Promise<RoomRecord | undefined>;
  /** @param id a room id */
  forget(id: string): void | Promise<void>;
}

/**
 * What a gateway remembers. Every method may wait, so that a store on a server of its own can stand behind the same
 * interface; {@link import("./sqlite-store").openStore} is the embedded one.
 */
export interface Store {
  readonly keys: KeyStore;
  readonly answers: AnswerStore;
  readonly names: RoomStore;
  readonly recordings: RecordingStore;
  /** Fails where the store cannot be written. */
  check(): Promise<void>;
  close(): void;
}

/** A key as it is kept: not the key. */
export interface StoredKey {
  id: string;
  /** For people. No two keys in use have the same. */
  name: string;
  /** SHA-256 of the key, in hex. A key has 256 random bits, so that nothing slower is needed. */
  hash: string;
  readOnly: boolean;
  /** Only rooms whose names begin with it. */
  prefix?: string | undefined;
  /** The folder that its recordings go to: `s3://bucket/folder/`. */
  output?: string | undefined;
  /** Milliseconds since 1970, as all times here. */
  createdAt: number;
  expiresAt?: number | undefined;
}

/** The keys. */
export interface KeyStore {
  /** False where a key of that name is there. */
  add(key: StoredKey): Promise<boolean>;
  find(id: string): Promise<StoredKey | undefined>;
  /** By name. */
  list(): Promise<StoredKey[]>;
  /** By id or name. False where there is none. */
  remove(key: string): Promise<boolean>;
}

/** An answer to give again. */
export interface Answer {
  status: number;
  contentType: string;
  body: string;
}

/** Who asks to run a request. */
export interface Claimant {
  /** The principal, the route and the idempotency key, as one text. */
  scope: string;
  /** Of the request's body. */
  fingerprint: string;
  /** Of this attempt alone. */
  holder: string;
  now: number;
  /** How long the attempt is taken to be under way without a word of it. */
  leaseMs: number;
}

/** What becomes of a claim. */
export type Claim =
  /** Run it. `since`: when an attempt began that has died, or failed without saying what it has done. */
  | { state: "ours"; since?: number }
  | { state: "under way" }
  | { state: "answered"; answer: Answer }
  /** The key was used for another body. */
  | { state: "conflict" };

/** What was answered to requests with an idempotency key. */
export interface AnswerStore {
  /** One of all that ask at the same time gets it. */
  claim(claimant: Claimant): Promise<Claim>;
  /** Says that the attempt is still under way. */
  renew(claimant: Claimant, now: number): Promise<void>;
  /** Keeps the answer, unless another attempt has taken the place of this one. */
  finish(claimant: Claimant, answer: Answer): Promise<void>;
  /** The next request with the key may try again. */
  release(claimant: Claimant): Promise<void>;
}

/** A recording that was started through this gateway. */
export interface StartedRecording {
  recording: Recording;
  /** The request that it is the one of: what all attempts at it share. */
  request: string;
  /** The id of the key that asked for it. */
  startedBy: string;
}

/**
 * The recordings that were started through this gateway: what they were started with, and how they were seen last. One
 * that was not seen for 30 days is forgotten.
 */
export interface RecordingStore {
  /** Keeps it as the one of its request; of all that claim one at the same time one gets it. False: it is another's. */
  claim(started: StartedRecording, now: number): Promise<boolean>;
  /** The first one of a request. */
  startedFor(request: string): Promise<Recording | undefined>;
  /** As it was seen last. */
  find(id: string): Promise<Recording | undefined>;
  /**
   * Takes what the vendors have just told for how those that are kept were seen last; where that cannot be written, it
   * stays with how they were seen before.
   *
   * @returns the same, with their metadata
   */
  see(recordings: readonly Recording[], now: number): Promise<Recording[]>;
}
