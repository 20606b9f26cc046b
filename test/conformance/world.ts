import type { RtcClient } from "../../src/client/types.ts";
import type { JsonObject, RecordingStatus } from "../../src/contract/index.ts";
import type { Clock } from "../../src/support/clock.ts";
import type { EngineOptions } from "./engine-process.ts";
import type { Fault } from "./memory.ts";

/** A room as the vendor itself shows it, without any of our code in between. */
export interface ObservedRoom {
  maxParticipants: number | null;
  /** `NEVER` where the room does not close by itself; null where rooms of the vendor have no such timeout. */
  emptyTimeoutSeconds: number | null;
  /** With the ownership tag under `OWNER_KEY`, wherever the vendor has it; empty where there is no place for either. */
  metadata: JsonObject;
}

/** What a token allows, read by other code than the one that made it. */
export interface Grants {
  room: string;
  identity: string;
  displayName: string | null;
  metadata: JsonObject | null;
  canPublish: boolean;
  canSubscribe: boolean;
  canPublishData: boolean;
  isAdmin: boolean;
  /** Whatever else it allows. */
  more: string[];
  expiresAt: string;
}

/** The rooms of a vendor of persistent rooms. */
export interface PersistentRooms {
  observe(name: string): Promise<ObservedRoom | undefined>;
  /** Creates a room by hand; metadata may have an ownership tag, as in {@link ObservedRoom}. */
  make(name: string, settings?: { maxParticipants?: number; metadata?: JsonObject }): Promise<void>;
  /** Sets a room's whole metadata by hand. An ownership tag that is not a part of it stays. */
  edit(name: string, metadata: JsonObject): Promise<void>;
  /** The vendor loses a room: it expires, or the server forgets it. */
  lose(name: string): Promise<void>;
}

/** Who comes and goes. */
export interface Participants {
  /** Identities of participants at the vendor. */
  readonly alice: string;
  readonly bob: string;
  /**
   * A participant joins with a token, or tries to get into `room` with it; returns how they leave. It rejects where they
   * are not let in. Where the token alone determines the room, they come into that one.
   */
  join(token: string, room?: string): Promise<() => Promise<void>>;
  /** The identities of those who are in a room. */
  in(room: string): Promise<string[]>;
}

/** Programs that join and are no participants. */
export interface Agents {
  /** One joins, where participants are in the room too if need be. */
  join(room: string): Promise<void>;
}

/** What goes wrong between the vendor and us. Answers that say why should quote the keys: an error must not repeat them. */
export interface Faults {
  /** All calls fail from now on, until repaired. */
  break(fault: Fault): void;
  repair(): void;
}

/** What fails on the way back from a vendor of persistent rooms. */
export interface LostAnswers {
  /** The vendor makes the next room, but its answer does not arrive. The answer of a read before it does: a fault of any call would be spent on that read. */
  loseNextAnswer(): void;
}

/** What goes on at a vendor that records. */
export interface Recorder {
  /** By which waiting goes here. */
  readonly clock: Clock;
  /** A folder that recordings can go to; also the configured output. */
  readonly outputUri: string;
  /** The configured credentials of its storage. */
  readonly storageKeys: readonly string[];
  /** The recordings of a room by the vendor's own ids, in the order in which they were started. */
  list(room: string): Promise<{ id: string; status: RecordingStatus }[]>;
  /** A participant joins and publishes a track; returns how they leave. */
  publish(token: string): Promise<() => Promise<void>>;
}

/** What goes wrong while a vendor records. What no scene plays for the vendor may do nothing: the run names those that it leaves out. */
export interface Mishaps {
  /** What records dies. */
  killRecorder(id: string): Promise<void>;
  /** The vendor remembers recordings for a while only. */
  forget(id: string): Promise<void>;
  /** The vendor starts the next recording, but its answer does not arrive. The answer of a read before it does. */
  loseNextStart(): void;
  /** Recordings of a room are accepted and fail at once. */
  failStarts(room: string, why: string): Promise<void>;
  /** The files of a room's recordings cannot be stored. */
  failStorage(room: string, why: string): Promise<void>;
}

/** What goes on at the vendor without any of our code in between. Not every vendor has all of it, nor every account. */
export interface Parts {
  rooms: PersistentRooms;
  participants: Participants;
  agents: Agents;
  faults: Faults;
  lostAnswers: LostAnswers;
  recorder: Recorder;
  mishaps: Mishaps;
}
export type Part = keyof Parts;

/** What a vendor's tokens can say, beside the room, the identity, the time, and whether to publish. */
export type TokenWord = "canSubscribe" | "canPublishData" | "isAdmin" | "displayName" | "metadata";

/** The subject of the suite, fresh for every case: clients of a vendor, and what goes on there without them. */
export interface World extends Partial<Parts> {
  readonly vendor: string;
  /** A client as a new process has it. */
  connect(): RtcClient;
  /** A client whose configuration names another server or app. */
  connectElsewhere(): RtcClient;
  /** A client with the keys of another account. */
  connectAsStranger(): RtcClient;
  /** A client that has another vendor too, which comes first. */
  connectBesideAnother(): RtcClient;
  /** A room name that nothing else uses. */
  freshName(): string;
  /** How many rooms the vendor lists in one answer; absent where it lists all at once. */
  readonly pageOfRooms?: number;
  /** How many calls have reached the vendor. */
  calls(): number;
  /** What must appear in no message. */
  readonly secrets: readonly string[];
  /** Milliseconds within which the vendor shows a change. */
  readonly timeoutMs: number;
  readonly tokenGrants: ReadonlySet<TokenWord>;
  /** Where tokens do not carry `canPublishData`: whether every participant may publish data, instead of those who may publish. */
  readonly letsEveryParticipantPublishData?: boolean;
  read(token: string): Grants;
  /** How its engine is broken on purpose. */
  readonly engine?: Pick<EngineOptions, "sabotage">;
  /** Ends what was started for the case, and removes what it created. */
  close(): Promise<void>;
}

/** A world that has these parts. */
export type WorldWith<P extends Part> = World & Pick<Parts, P>;

/** What rooms and recordings of one vendor of persistent rooms have, and those of another do not. */
export const TRAITS = {
  tag: "an ownership tag at the vendor",
  metadata: "metadata at the vendor",
  timeout: "a timeout when they are empty",
  revival: "a join that brings them back",
  endless: "no end of their own while participants are in them",
  signedTokens: "tokens that are signed without a call",
  emptyRecording: "recordings that start before a participant is there",
  severalRecordings: "several recordings at once",
  roomRecording: "recordings that are a setting of the room",
  layouts: "recordings in every layout",
} as const;
export type Trait = keyof typeof TRAITS;

/** One test of the suite: it fails where its name does not hold. */
export interface Scene {
  /** What it cannot be played without. */
  needs: readonly Part[];
  /** The traits that the vendor must have (true), or lack (false). */
  traits: Readonly<Partial<Record<Trait, boolean>>>;
  play(world: World): Promise<void>;
}
/** Scenes by name. */
export type Scenes = Record<string, Scene>;

/** A scene that is played with these parts of the world, at a vendor with and without these traits. */
export function scene<P extends Part>(
  needs: readonly P[],
  play: (world: WorldWith<P>) => Promise<void>,
  traits: Scene["traits"] = {},
): Scene {
  const has = (world: World): world is WorldWith<P> => needs.every((part) => world[part] !== undefined);
  return {
    needs,
    traits,
    play: async (world) => {
      if (!has(world)) throw new Error(`The world of ${world.vendor} lacks one of: ${needs.join(", ")}.`);
      await play(world);
    },
  };
}

/** Scenes of vendors with and without these traits. */
export function scenesOf(traits: Scene["traits"], scenes: Scenes): Scenes {
  const entries = Object.entries(scenes);
  return Object.fromEntries(
    entries.map(([name, scene]) => [name, { ...scene, traits: { ...scene.traits, ...traits } }]),
  );
}

/** What a capability promises, and to whom. */
export interface Facet {
  /** Of every vendor that can. */
  can: Scenes;
  /** Of one that can, with persistent rooms. */
  persistent?: Scenes;
  /** Of one that can, whose rooms are state-only resources: whether or not its participants can be observed. */
  stateOnly?: Scenes;
  /** Of such a one through a gateway, which stores the records. */
  gatewayRecords?: Scenes;
  /** Of such a one whose participants can be observed. */
  observable?: Scenes;
  /** Of such a one whose participants cannot be observed, for lack of keys. */
  unobservable?: Scenes;
  /** Of a vendor that cannot. */
  cannot: Scenes;
}
