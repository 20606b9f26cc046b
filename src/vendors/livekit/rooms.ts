import type { Room as LivekitRoom, ParticipantInfo } from "livekit-server-sdk";
import {
  type Json,
  type JsonObject,
  OWNER_KEY,
  type Participant,
  type Room,
  type RoomSpec,
  RtcError,
  roomId,
} from "../../contract";
import { isDeadNode, type LivekitApi } from "./api";

/** ParticipantInfo.Kind of the recorder and of agents, which hold no room open and count for no limit. */
const EGRESS = 2;
const AGENT = 4;
/** ParticipantInfo.State of somebody who has left. */
const DISCONNECTED = 3;

/** The `rtc.room.*` and `rtc.participant.*` calls on one LiveKit server. https://docs.livekit.io/reference/server/server-apis/ */
export class LivekitRooms {
  readonly #api: LivekitApi;
  readonly #region: string | null;

  constructor(api: LivekitApi, region: string | null) {
    this.#api = api;
    this.#region = region;
  }

  async list(names?: string[]): Promise<Room[]> {
    const rooms = await this.#api.call("ListRooms", (service) => service.listRooms(names));
    return rooms.map((room) => this.#record(room));
  }

  async create(spec: RoomSpec): Promise<Room> {
    const timeout = spec.emptyTimeoutSeconds;
    const metadata = spec.metadata || spec.owner ? withMark(spec.metadata ?? {}, spec.owner) : undefined;
    return this.#create({
      name: spec.name,
      ...(spec.maxParticipants === undefined ? {} : { maxParticipants: spec.maxParticipants }),
      ...(timeout === undefined ? {} : { emptyTimeout: timeout, departureTimeout: timeout }),
      ...(metadata === undefined ? {} : { metadata }),
    });
  }

  async update(name: string, metadata: JsonObject, owner: string | undefined): Promise<Room> {
    const text = withMark(metadata, owner);
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

  async people(name: string): Promise<Participant[]> {
    const all = await this.#api.call("ListParticipants", (service) => service.listParticipants(name));
    return all.filter(isPerson).map((person) => ({
      identity: person.identity,
      ...(person.name === "" ? {} : { displayName: person.name }),
      joinedAt: time(person.joinedAt),
    }));
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
      if (!(RtcError.isInstance(error) && error.code === "NOT_FOUND")) throw error;
      if (tries > 1) return; // the first try has removed them, and its answer was lost
      throw new RtcError("NOT_FOUND", `nobody called ${identity} is in room ${name}`, { vendor: "livekit" });
    }
  }

  async #create(
    options: Parameters<Parameters<Parameters<LivekitApi["call"]>[1]>[0]["createRoom"]>[0],
  ): Promise<Room> {
    return this.#record(await this.#api.call("CreateRoom", (service) => service.createRoom(options)));
  }

  /** A room whose node died answers nothing until CreateRoom, with the values that it has, gives it a new home. */
  async #onLivingNode<T>(name: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (!isDeadNode(error)) throw error;
      const [room] = await this.#api.call("ListRooms", (service) => service.listRooms([name]));
      if (!room) throw new RtcError("NOT_FOUND", `livekit: there is no room ${name}`, { vendor: "livekit" });
      const { emptyTimeout, departureTimeout, maxParticipants, metadata } = room;
      await this.#create({ name, emptyTimeout, departureTimeout, maxParticipants, metadata });
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

function isPerson(participant: ParticipantInfo): boolean {
  const kind: number = participant.kind;
  return kind !== EGRESS && kind !== AGENT && participant.state !== DISCONNECTED;
}

/** LiveKit's 64-bit seconds; 0 is unknown. */
function time(seconds: bigint): string | null {
  return seconds === 0n ? null : new Date(Number(seconds) * 1000).toISOString();
}

function withMark(metadata: JsonObject, owner: string | undefined): string {
  return JSON.stringify(owner === undefined ? metadata : { ...metadata, [OWNER_KEY]: owner });
}

function readMetadata(text: string): { metadata: JsonObject | null; owner: string | null } {
  const value = text === "" ? {} : parseObject(text);
  if (value === null) return { metadata: null, owner: null };
  const { [OWNER_KEY]: owner, ...metadata } = value;
  return { metadata, owner: typeof owner === "string" ? owner : null };
}

function parseObject(text: string): JsonObject | null {
  try {
    const value: Json = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
