import type { CreateOptions, Room as LivekitRoom, ParticipantInfo } from "livekit-server-sdk";
import {
  type CoreConfig,
  excessInText,
  hasControl,
  type Json,
  type JsonObject,
  OWNER_KEY,
  type Participant,
  type Room,
  type RoomSpec,
  RtcError,
  roomId,
} from "../../contract";
import { isDeadNode, type LivekitApi, sdk } from "./api";
import { compositionOf, diagnose, egressOutput, noWorker, withoutWorker } from "./recordings";

/** ParticipantInfo.Kind of the recorder and of agents, which keep no room open and count for no limit. */
const EGRESS = 2;
const AGENT = 4;
/** ParticipantInfo.State of a participant who has left. */
const DISCONNECTED = 3;

/** The `rtc.room.*` and `rtc.participant.*` calls on one LiveKit server. https://docs.livekit.io/reference/server/server-apis/ */
export class LivekitRooms {
  readonly #api: LivekitApi;
  readonly #region: string | null;
  readonly #config: CoreConfig;
  #createsOnJoin: Promise<boolean> | undefined;

  constructor(api: LivekitApi, region: string | null, config: CoreConfig) {
    this.#api = api;
    this.#region = region;
    this.#config = config;
  }

  async list(names?: string[]): Promise<Room[]> {
    const rooms = await this.#api.call("ListRooms", (service) => service.listRooms(names));
    return rooms.map((room) => this.#record(room));
  }

  async get(name: string, listed?: Room): Promise<Room | undefined> {
    const room = listed ?? (await this.list([name])).find((one) => one.name === name);
    if (!room) return undefined;
    const { served, unserved } = await this.#listed(name);
    const numParticipants = served.length;
    if (unserved.length === 0) return { ...room, numParticipants };
    const who = unserved.length === 1 ? "1 participant" : `${unserved.length} participants`;
    const warning = `livekit lists ${who} in room ${room.room} for whom no server answers: their server has died. They do not count`;
    return { ...room, numParticipants, warnings: [warning] };
  }

  /** Whether a join brings back a room that has closed. It is a setting of the server, and asked once. */
  async areRevivedByJoin(): Promise<boolean> {
    this.#createsOnJoin ??= this.#api.createsOnJoin();
    try {
      return await this.#createsOnJoin;
    } catch (error) {
      this.#createsOnJoin = undefined;
      throw error;
    }
  }

  async create(spec: RoomSpec): Promise<Room> {
    const timeout = spec.emptyTimeoutSeconds;
    const metadata = spec.metadata || spec.owner ? withTag(spec.metadata ?? {}, spec.owner) : undefined;
    const options: CreateOptions = {
      name: spec.name,
      ...(spec.maxParticipants === undefined ? {} : { maxParticipants: spec.maxParticipants }),
      ...(timeout === undefined ? {} : { emptyTimeout: timeout, departureTimeout: timeout }),
      ...(metadata === undefined ? {} : { metadata }),
    };
    if (spec.recording) return this.#createWithEgress(options, spec.recording);
    return this.#record(await this.#api.call("CreateRoom", (service) => service.createRoom(options)));
  }

  /**
   * Where no recorder answers, the server creates the room all the same and after ten seconds answers with success: its
   * own second try finds the room. Such a room is deleted.
   */
  async #createWithEgress(
    options: CreateOptions,
    recording: NonNullable<RoomSpec["recording"]>,
  ): Promise<Room> {
    const { audioOnly, outputUri } = recording;
    await this.#api
      .egress("ListEgress", (service) => service.listEgress({ roomName: options.name, active: true }))
      .catch(diagnose);
    const output = egressOutput(outputUri, audioOnly, this.#config);
    const { RoomCompositeEgressRequest, RoomEgress } = sdk();
    const room = new RoomCompositeEgressRequest({
      roomName: options.name,
      ...compositionOf(recording),
      fileOutputs: "file" in output ? [output.file] : [],
      segmentOutputs: "segments" in output ? [output.segments] : [],
    });
    const egress = new RoomEgress({ room });
    try {
      const created = await this.#api.createWithEgress("CreateRoom", (service) =>
        service.createRoom({ ...options, egress }),
      );
      if (!(await this.#isRecorded(created))) throw noWorker("CreateRoom");
      return this.#record(created);
    } catch (error) {
      // A server that rejected the call has created no room: an existing one has another owner.
      const isCreated = RtcError.isInstance(error) && error.retryable && error.code !== "RATE_LIMITED";
      if (isCreated) await this.#deleteOrphan(options).catch(() => undefined);
      throw withoutWorker(error);
    }
  }

  /** Whether an egress of this generation of the room was started, also one that has ended since. */
  async #isRecorded({ name, sid }: LivekitRoom): Promise<boolean> {
    const all = await this.#api.egress("ListEgress", (service) => service.listEgress({ roomName: name }));
    return all.some(({ roomId }) => roomId === sid);
  }

  /** Deletes the room that a failed call has orphaned: an empty one with its metadata. */
  async #deleteOrphan({ name, metadata = "" }: CreateOptions): Promise<void> {
    const [room] = await this.#api.call("ListRooms", (service) => service.listRooms([name]));
    if (room?.metadata !== metadata || (await this.participants(name)).length > 0) return;
    await this.delete(name);
  }

  async update(name: string, metadata: JsonObject, owner: string | undefined): Promise<Room> {
    const text = withTag(metadata, owner);
    const room = await this.#onLivingNode(name, () =>
      this.#api.call("UpdateRoomMetadata", (service) => service.updateRoomMetadata(name, text)),
    );
    return this.#record(room);
  }

  async delete(name: string): Promise<void> {
    try {
      await this.#onLivingNode(name, () =>
        this.#api.call("DeleteRoom", (service) => service.deleteRoom(name)),
      );
    } catch (error) {
      if (!(RtcError.isInstance(error) && error.code === "NOT_FOUND")) throw error;
    }
  }

  async participants(name: string): Promise<Participant[]> {
    const { served } = await this.#listed(name);
    return served.map(({ identity, name: displayName, joinedAt }) => ({
      identity,
      ...(displayName === "" ? {} : { displayName }),
      joinedAt: time(joinedAt),
    }));
  }

  /**
   * The participants that are listed. With Redis a server that was killed leaves its own in the list until the room
   * moves to another; no server answers for them. One who is served stands for all, since the move empties the list.
   */
  async #listed(name: string): Promise<{ served: ParticipantInfo[]; unserved: ParticipantInfo[] }> {
    const all = (await this.#participantsOf(name)).filter(isParticipant);
    const [first, ...others] = all;
    if (!first || (await this.#isServed(name, first))) return { served: all, unserved: [] };
    const answers = await Promise.all(others.map((one) => this.#isServed(name, one)));
    const served = others.filter((_, index) => answers[index]);
    return { served, unserved: all.filter((one) => !served.includes(one)) };
  }

  /** Newer servers may be set to ask the room itself, for which no server answers where there is none, or its server has died. */
  async #participantsOf(name: string): Promise<ParticipantInfo[]> {
    try {
      return await this.#api.call("ListParticipants", (service) => service.listParticipants(name));
    } catch (error) {
      if (isDeadNode(error)) return [];
      throw error;
    }
  }

  /**
   * Whether a server answers for a participant: asked for a change of no subscription, which changes nothing. Silence
   * counts only twice: a server that is there may once be too busy to answer within its three seconds.
   */
  async #isServed(name: string, { identity }: ParticipantInfo): Promise<boolean> {
    for (let silences = 0; silences < 2; silences++) {
      try {
        await this.#api.call("UpdateSubscriptions", (service) =>
          service.updateSubscriptions(name, identity, [], false),
        );
        return true;
      } catch (error) {
        if (!isDeadNode(error)) return true;
      }
    }
    return false;
  }

  async kick(name: string, identity: string): Promise<void> {
    let tries = 0;
    try {
      await this.#onLivingNode(name, () =>
        this.#api.call("RemoveParticipant", (service) => {
          tries += 1;
          return service.removeParticipant(name, identity);
        }),
      );
    } catch (error) {
      // The room's new server does not have them either.
      if (isDeadNode(error)) return;
      if (!(RtcError.isInstance(error) && error.code === "NOT_FOUND")) throw error;
      if (tries > 1) return; // an earlier try has removed them, and its answer was lost
      throw new RtcError("NOT_FOUND", `there is no participant ${identity} in room ${name}`, {
        vendor: "livekit",
      });
    }
  }

  /** Runs a call. A room whose node died does not respond until CreateRoom, with its values, moves it to another node. */
  async #onLivingNode<T>(name: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (!isDeadNode(error)) throw error;
      const [room] = await this.#api.call("ListRooms", (service) => service.listRooms([name]));
      if (!room) throw new RtcError("NOT_FOUND", `livekit: there is no room ${name}`, { vendor: "livekit" });
      const { emptyTimeout, departureTimeout, maxParticipants, metadata } = room;
      const values = { name, emptyTimeout, departureTimeout, maxParticipants, metadata };
      await this.#api.call("CreateRoom", (service) => service.createRoom(values));
      return call();
    }
  }

  /** Only known fields: the answer also holds TURN passwords and 64-bit numbers. */
  #record(room: LivekitRoom): Room {
    const { metadata, owner } = readMetadata(room.metadata);
    return {
      room: roomId({ vendor: "livekit", region: this.#region, name: room.name }),
      name: room.name,
      vendor: "livekit",
      state: "open",
      maxParticipants: room.maxParticipants === 0 ? null : room.maxParticipants,
      emptyTimeoutSeconds: room.emptyTimeout,
      departureTimeoutSeconds: room.departureTimeout,
      numParticipants: room.numParticipants,
      metadata,
      region: this.#region,
      createdAt: time(room.creationTime),
      sid: room.sid,
      endpoint: this.#api.endpoint,
      owner,
    };
  }
}

function isParticipant(participant: ParticipantInfo): boolean {
  const kind: number = participant.kind;
  return kind !== EGRESS && kind !== AGENT && participant.state !== DISCONNECTED;
}

/** LiveKit's 64-bit seconds; 0 is unknown. */
function time(seconds: bigint): string | null {
  return seconds === 0n ? null : new Date(Number(seconds) * 1000).toISOString();
}

function withTag(metadata: JsonObject, owner: string | undefined): string {
  return JSON.stringify(owner === undefined ? metadata : { ...metadata, [OWNER_KEY]: owner });
}

/** Metadata without the ownership tag; null where it is no object, or cannot be written back unchanged. */
function readMetadata(text: string): { metadata: JsonObject | null; owner: string | null } {
  const { value, isExact } = text === "" ? { value: {}, isExact: true } : parseObject(text);
  if (value === null) return { metadata: null, owner: null };
  const { [OWNER_KEY]: owner, ...metadata } = value;
  return { metadata: isExact ? metadata : null, owner: typeof owner === "string" ? owner : null };
}

/** Other programs write integers that JavaScript rounds, keys that it drops or that an input may not have, and more of them. */
function parseObject(text: string): { value: JsonObject | null; isExact: boolean } {
  let isExact = excessInText(text) === undefined;
  const checkValue = (key: string, value: Json, { source }: { source?: string } = {}) => {
    isExact &&= key !== "__proto__" && !hasControl(key);
    if (typeof value === "number" && source !== undefined && /^-?[1-9]\d*$/.test(source))
      isExact &&= JSON.stringify(value) === source;
    return value;
  };
  try {
    const value: Json = JSON.parse(text, checkValue);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return { value: isObject ? value : null, isExact };
  } catch {
    return { value: null, isExact };
  }
}
