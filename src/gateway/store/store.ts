import type { KnownRooms } from "../../client/types";
import type { Room, RoomSettings } from "../../contract";
import type { Recording } from "../../contract/types";

/** The record of an on-demand room: its settings, and the ownership tag of the resource that declares it. */
export type RoomRecord = RoomSettings & Pick<Room, "owner">;

/**
 * The records of on-demand rooms, whose owner and settings no vendor stores.
 */
export interface RoomStore extends KnownRooms {
  /** Stores the record of a room, and replaces an older one. */
  save(room: RoomRecord & Pick<Room, "name">): void | Promise<void>;
  /** @param id a room id */
  recordOf(id: string): RoomRecord | undefined | Promise<RoomRecord | undefined>;
  /** @param id a room id */
  remove(id: string): void | Promise<void>;
}

/** The store of a gateway: a file of SQLite, or a PostgreSQL database that several gateways share. */
export interface Store {
  readonly keys: KeyStore;
  readonly answers: AnswerStore;
  readonly names: RoomStore;
  readonly recordings: RecordingStore;
  /** Where gateways on several machines share it. */
  readonly quotas?: QuotaStore;
  /** Fails where the store cannot be written. */
  check(): Promise<void>;
  close(): void | Promise<void>;
}

/** A stored key, with a hash in place of the key. */
export interface StoredKey {
  id: string;
  /** Unique among the keys. */
  name: string;
  /** SHA-256 of the key, in hex. A key has 256 random bits, so that nothing slower is needed. */
  hash: string;
  readOnly: boolean;
  /** Access only to rooms whose names begin with it. */
  prefix?: string | undefined;
  /** The folder of its recordings: `s3://bucket/folder/`. */
  output?: string | undefined;
  /** Milliseconds since 1970, as all times here. */
  createdAt: number;
  expiresAt?: number | undefined;
}

/** The keys. */
export interface KeyStore {
  /** False where a key of that name exists. */
  add(key: StoredKey): Promise<boolean>;
  find(id: string): Promise<StoredKey | undefined>;
  /** By name. */
  list(): Promise<StoredKey[]>;
  /** By id or name. False where there is none. */
  remove(key: string): Promise<boolean>;
}

/** A stored answer. */
export interface Answer {
  status: number;
  contentType: string;
  body: string;
}

/** An attempt at a request. */
export interface Claimant {
  /** The principal, the route and the idempotency key, as one text. */
  scope: string;
  /** Of the request's body. */
  fingerprint: string;
  /** Unique to this attempt. */
  leaseOwner: string;
  now: number;
  /** How long the attempt is in progress without a heartbeat. */
  leaseMs: number;
}

/** The result of a claim. */
export type Claim =
  /** Run it. `since`: when an attempt began that has died, or failed with an unknown effect. */
  | { state: "ours"; since?: number }
  | { state: "in progress" }
  | { state: "answered"; answer: Answer }
  /** The key was used for another body. */
  | { state: "conflict" };

/** The answers to requests with an idempotency key. */
export interface AnswerStore {
  /** Atomic: one of several concurrent attempts gets it. */
  claim(claimant: Claimant): Promise<Claim>;
  /** Renews the lease of an attempt. */
  renew(claimant: Claimant, now: number): Promise<void>;
  /** Stores the answer, unless another attempt owns the lease. */
  finish(claimant: Claimant, answer: Answer): Promise<void>;
  /** Ends the lease: the next request with the key may try again. */
  release(claimant: Claimant): Promise<void>;
}

/** A recording that was started through this gateway. */
export interface StartedRecording {
  recording: Recording;
  /** The request that has started it; all attempts share it. */
  request: string;
  /** The id of the key that has started it. */
  startedBy: string;
}

/**
 * The recordings that were started through this gateway, with their last observations. One without an observation for 30
 * days expires.
 */
export interface RecordingStore {
  /** Atomically stores it for its request. False: another request has claimed it. */
  claim(started: StartedRecording, now: number): Promise<boolean>;
  /** The first one of a request. */
  findByRequest(request: string): Promise<Recording | undefined>;
  /** Stores a layout that was set: the vendor may go on reporting the one that the recording was started with. */
  setLayout(id: string, layout: string): Promise<void>;
  /** The last observation. */
  find(id: string): Promise<Recording | undefined>;
  /**
   * Stores observations of recordings that were started here, where the store can be written.
   *
   * @returns the observations, with their metadata and the layout that was set last
   */
  observe(recordings: readonly Recording[], now: number): Promise<Recording[]>;
}

/** The quotas of clients, over all gateways. */
export interface QuotaStore {
  /**
   * Atomically takes one request of a client's quota.
   *
   * @param msEach after how long one request more is allowed
   * @param msMost after how long an empty quota is full
   */
  take(client: string, msEach: number, msMost: number): Promise<Taken>;
}

/** What {@link QuotaStore.take} has done. */
export interface Taken {
  /** False: nothing was left, and nothing was taken. */
  taken: boolean;
  msUntilFull: number;
}
