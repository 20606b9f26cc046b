import { NEVER, ownerMark, type Room, RtcError, same } from "../../contract";
import { orUndefined, type ReadRoom, type RoomContext, type RoomsOfAKind } from "./context";
import { driftOf, withDrift, withoutDrift } from "./drift";
import { foreign, isForeign, limitsThatDiffer, occupied, taken } from "./refusals";
import {
  clean,
  idOf,
  inputsOf,
  outputsOf,
  type Properties,
  type RoomInputs,
  type RoomState,
  redeclared,
  settingsOf,
} from "./state";

/** Declared rooms at a vendor that makes and keeps them. */
export class KeptRooms implements RoomsOfAKind {
  readonly #client: RoomContext["client"];
  readonly #config: RoomContext["config"];
  readonly #memory: RoomContext["memory"];
  readonly #say: RoomContext["say"];

  constructor({ client, config, memory, say }: RoomContext) {
    this.#client = client;
    this.#config = config;
    this.#memory = memory;
    this.#say = say;
  }

  /** Takes over the room that carries this resource's own mark, or any with `adopt`; else makes it. */
  async create(declared: RoomInputs): Promise<{ id: string; outs: Properties }> {
    const id = idOf({ ...declared }) as string;
    const owner = this.#mark(id);
    const found = await this.#takenOver(id, declared, owner);
    const room = found?.room ?? (await this.#made(declared, owner));
    return { id, outs: outputsOf(declared, room, found?.vendorSettings) };
  }

  /**
   * The state as the vendor has it; null: gone. A room with a timeout of its own that is not there is dormant,
   * which is no drift. A room that has been made anew under another mark is not ours.
   */
  async read(id: string, stored: RoomState): Promise<ReadRoom | null> {
    const state = withoutDrift(stored);
    const room = await this.#client.room.find(id, { shared: true });
    if (!room) {
      const dormant = state.emptyTimeoutSeconds !== undefined;
      return dormant ? { id, props: clean(state), inputs: inputsOf(state) } : null;
    }
    if (isForeign(state, room)) {
      this.#say(
        "warn",
        `room ${id} is no longer this stack's: another has made it anew. It leaves the state and is left alone`,
      );
      return null;
    }
    const drift = driftOf(state, room);
    if ("emptyTimeoutSeconds" in drift && !("maxParticipants" in drift) && (await this.#people(id)) > 0) {
      this.#say(
        "warn",
        `room ${id} closes by itself after ${drift.emptyTimeoutSeconds} seconds, which is not as declared; it is occupied, and mended once it is empty`,
      );
      delete drift.emptyTimeoutSeconds;
    }
    const { sid, createdAt } = room;
    const live = clean({ ...withDrift(state, drift), sid, createdAt });
    return { id, props: live, inputs: inputsOf(live) };
  }

  /** Changes metadata in place and restores a lost owner mark. A room that is gone is made again, unless it is dormant. */
  async update(id: string, state: RoomState, declared: RoomInputs): Promise<{ outs: Properties }> {
    const owner = this.#config.ownerMark === false ? undefined : (state.owner ?? this.#mark(id));
    const room = await this.#client.room.find(id);
    if (!room) {
      if (declared.emptyTimeoutSeconds === undefined)
        return { outs: outputsOf(declared, await this.#made(declared, owner)) };
      const { drifted, ...record } = withoutDrift(state);
      return { outs: redeclared(record, declared) };
    }
    if (isForeign(state, room)) throw foreign(id);
    const undeclared = state.metadata === undefined ? room.metadata : {};
    const changed = await this.#described(id, room, declared.metadata ?? undeclared, owner);
    // Where the live limits are what is declared by now, they are no drift any more.
    const agreed = limitsThatDiffer(declared, changed).length === 0;
    return { outs: outputsOf(declared, changed, agreed ? undefined : state.vendorSettings) };
  }

  /** Deletes the room; one that is gone is fine. Refuses an occupied one, unless forced, and one of another owner. */
  async delete(id: string, state: RoomState): Promise<void> {
    const refusal = await this.refusal(id, state);
    if (refusal) throw refusal;
    await this.#client.room.delete(id);
    this.#memory.forget(id);
  }

  /** Why a room of ours must not be ended now: it is another's, or people are in it. */
  async refusal(id: string, state: RoomState): Promise<RtcError | undefined> {
    const room = await this.#live(id);
    if (!room) return undefined;
    if (isForeign(state, room)) return foreign(id);
    // What is declared now goes before what the state remembers; in a destroy nothing is declared.
    const { forceDestroy } = this.#memory.owning(id) ?? state;
    if (forceDestroy || this.#config.forceDestroy) return undefined;
    return room.numParticipants ? occupied(id, room.numParticipants, "room") : undefined;
  }

  /** A room that somebody else manages. */
  async get(id: string): Promise<ReadRoom> {
    const room = await this.#client.room.find(id);
    if (!room) throw new RtcError("NOT_FOUND", `there is no room ${id}`);
    const { name, vendor } = room;
    const declared = clean({
      name,
      vendor,
      region: room.region,
      maxParticipants: room.maxParticipants,
      emptyTimeoutSeconds: room.emptyTimeoutSeconds === NEVER ? undefined : room.emptyTimeoutSeconds,
      metadata: room.metadata,
    });
    return { id: room.room, props: outputsOf({ ...declared, name, vendor }, room), inputs: declared };
  }

  /** The mark of the resource that declares a room. */
  #mark(id: string): string | undefined {
    const checked = this.#memory.declaring(id);
    return checked && this.#config.ownerMark !== false ? ownerMark(checked) : undefined;
  }

  async #people(id: string): Promise<number> {
    const room = await this.#live(id);
    return room?.numParticipants ?? 0;
  }

  /** The room with its live count. */
  #live(id: string): Promise<Room | undefined> {
    return orUndefined(this.#client.room.get(id));
  }

  async #takenOver(
    id: string,
    declared: RoomInputs,
    owner: string | undefined,
  ): Promise<{ room: Room; vendorSettings?: RoomState["vendorSettings"] } | undefined> {
    const room = await this.#client.room.find(id);
    if (!room) return undefined;
    const ghost = room.owner === null && this.#memory.hasForgotten(id);
    const ours = ghost || (owner !== undefined && room.owner === owner);
    if (!ours && !declared.adopt) throw taken(declared, room);
    if (!ours && declared.enableRecording) {
      const message = `room ${id} exists, and enableRecording is for new ones: declare an RtcRecording of it instead`;
      throw new RtcError("ALREADY_EXISTS", message, { vendor: room.vendor });
    }
    const limits = limitsThatDiffer(declared, room);
    const kept = limits.filter(({ field }) => field === "emptyTimeoutSeconds");
    const unasked = declared.maxParticipants === undefined && room.maxParticipants !== null;
    if (ours && (limits.length > 0 || unasked)) {
      const people = await this.#people(id);
      if (people === 0 || declared.forceDestroy || this.#config.forceDestroy) {
        await this.#client.room.delete(id);
        return undefined;
      }
      if (unasked || kept.length < limits.length) throw occupied(id, people, "room");
    }
    if (kept.length < limits.length) throw taken(declared, room);
    for (const { text } of kept)
      this.#say(
        "warn",
        `room ${id} is taken over with its own timeouts${ours ? " until it is empty" : ""}: ${text}`,
        this.#memory.declaring(id)?.urn,
      );
    const described = await this.#described(id, room, declared.metadata ?? room.metadata, owner);
    if (!ours) return { room: described };
    // What our own room is not yet is drift, which a refresh sees once nobody is in it.
    const seconds = declared.emptyTimeoutSeconds ?? NEVER;
    const timeouts = { emptyTimeoutSeconds: seconds, departureTimeoutSeconds: seconds };
    return { room: described, vendorSettings: { ...settingsOf(described), ...timeouts } };
  }

  /** The room with this metadata and mark, changed only where it has others. Metadata that is no object (null) is left alone. */
  async #described(
    id: string,
    room: Room,
    metadata: Room["metadata"],
    owner: string | undefined,
  ): Promise<Room> {
    const agrees = same(metadata, room.metadata) && same(owner, room.owner);
    if (agrees || metadata === null) return room;
    return this.#client.room.update(id, { metadata }, { owner });
  }

  async #made(declared: RoomInputs, owner: string | undefined): Promise<Room> {
    const { adopt, forceDestroy, ...input } = declared;
    const room = await this.#client.room.create(input, { owner });
    if (owner !== undefined && room.owner !== owner) throw taken(declared, room);
    const { maxParticipants: asked } = declared;
    if (asked !== undefined && (room.maxParticipants ?? Number.POSITIVE_INFINITY) > asked) {
      // Without a mark it may be somebody's who was quicker.
      if (owner !== undefined) await this.#client.room.delete(room.room);
      throw new RtcError(
        "UNSUPPORTED",
        `the server would let more than ${asked} people into room ${room.room}, so it was not made`,
      );
    }
    const limits = limitsThatDiffer(declared, room);
    const urn = this.#memory.declaring(room.room)?.urn;
    for (const { text } of limits)
      this.#say("warn", `the server has made room ${room.room} otherwise: ${text}`, urn);
    return room;
  }
}
