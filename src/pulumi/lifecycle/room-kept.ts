import { isMade } from "../../client/kept";
import { NEVER, orUndefined, type Room, RtcError } from "../../contract";
import { peopleIn, type ReadRoom, type RoomContext, type RoomsOfAKind } from "./context";
import { driftOf, withDrift, withoutDrift } from "./drift";
import { foreign, isForeign, limitsThatDiffer, occupied } from "./refusals";
import { RoomMaker } from "./room-maker";
import { gatewayCannotClose } from "./room-record";
import {
  clean,
  idOf,
  inputsOf,
  outputsOf,
  type Properties,
  type RoomInputs,
  type RoomState,
  redeclared,
} from "./state";

/** Declared rooms that are kept where they are made: at the vendor, or as a record of the gateway. */
export class KeptRooms implements RoomsOfAKind {
  readonly #client: RoomContext["client"];
  readonly #config: RoomContext["config"];
  readonly #memory: RoomContext["memory"];
  readonly #say: RoomContext["say"];
  readonly #maker: RoomMaker;

  constructor({ client, config, memory, say }: RoomContext) {
    this.#client = client;
    this.#config = config;
    this.#memory = memory;
    this.#say = say;
    this.#maker = new RoomMaker({ client, config, memory, say });
  }

  /** Takes over the room that carries this resource's own mark, or any with `adopt`; else makes it. */
  async create(declared: RoomInputs): Promise<{ id: string; outs: Properties }> {
    const id = idOf({ ...declared }) as string;
    const owner = this.#maker.mark(id);
    const found = await this.#maker.takenOver(id, declared, owner);
    const room = found?.room ?? (await this.#maker.made(declared, owner));
    return { id, outs: outputsOf(declared, room, found?.vendorSettings) };
  }

  /**
   * The state as the vendor has it; null: gone. A room with a timeout of its own that is not there is dormant,
   * which is no drift; a gateway's record has no end of its own. A room that has been made anew under another mark is
   * not ours.
   */
  async read(id: string, stored: RoomState): Promise<ReadRoom | null> {
    const state = withoutDrift(stored);
    const room = await this.#client.room.find(id, { shared: true });
    const asItWas = { id, props: clean(state), inputs: inputsOf(state) };
    if (!room) return this.#isDormant(state) ? asItWas : null;
    if (!isMade(this.#client, room)) return wasTold(state, room) ? null : asItWas;
    if (isForeign(state, room)) {
      this.#say(
        "warn",
        `room ${id} is no longer this stack's: another has made it anew. It leaves the state and is left alone`,
      );
      return null;
    }
    const drift = driftOf(state, room);
    if (
      "emptyTimeoutSeconds" in drift &&
      !("maxParticipants" in drift) &&
      (await peopleIn(this.#client, id)) > 0
    ) {
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
    const owner = this.#config.ownerMark === false ? undefined : (state.owner ?? this.#maker.mark(id));
    const room = await this.#maker.found(id);
    if (!room) {
      if (!this.#isDormant(declared))
        return { outs: outputsOf(declared, await this.#maker.made(declared, owner)) };
      const { drifted, ...record } = withoutDrift(state);
      return { outs: redeclared(record, declared) };
    }
    if (isForeign(state, room)) throw foreign(id);
    const metadata = declared.metadata ?? (state.metadata === undefined ? room.metadata : {});
    const described = await this.#maker.described(id, room, metadata, owner);
    const changed = this.#isOtherwise(declared, described)
      ? await this.#maker.made({ ...declared, metadata: described.metadata ?? undefined }, owner)
      : described;
    // Where the live limits are what is declared by now, they are no drift any more.
    const agreed = limitsThatDiffer(declared, changed).length === 0;
    return { outs: outputsOf(declared, changed, agreed ? undefined : state.vendorSettings) };
  }

  /** Deletes the room; one that is gone is fine. Refuses an occupied one, unless forced, and one of another owner. */
  async delete(id: string, state: RoomState): Promise<void> {
    const room = await orUndefined(this.#client.room.get(id));
    const refusal = await this.#refusal(id, state, room);
    if (refusal) throw refusal;
    // There is nothing but people, who are not to be thrown out.
    if (room && this.#isNothing(room) && !this.#isForced(id, state)) return;
    await this.#client.room.delete(id);
    this.#memory.forget(id);
  }

  /** Why a room of ours must not be ended now: it is another's, or people are in it. */
  async refusal(id: string, state: RoomState): Promise<RtcError | undefined> {
    return this.#refusal(id, state, await orUndefined(this.#client.room.get(id)));
  }

  async #refusal(id: string, state: RoomState, room: Room | undefined): Promise<RtcError | undefined> {
    if (!room || this.#isNothing(room)) return undefined;
    if (isForeign(state, room)) return foreign(id);
    if (this.#isForced(id, state)) return this.#unclosable(room);
    return room.numParticipants ? occupied(id, room.numParticipants, "room") : undefined;
  }

  /** Why a room that only a gateway keeps cannot be closed by force: it lacks the keys for that. */
  async #unclosable({ vendor }: Room): Promise<RtcError | undefined> {
    if (this.#client.traits(vendor).keepsRooms) return undefined;
    const problem = await gatewayCannotClose(this.#client, vendor);
    return problem === undefined ? undefined : new RtcError("NOT_CONFIGURED", problem, { vendor });
  }

  /** What is declared now goes before what the state remembers; in a destroy nothing is declared. */
  #isForced(id: string, state: RoomState): boolean {
    const { forceDestroy } = this.#memory.owning(id) ?? state;
    return forceDestroy === true || this.#config.forceDestroy === true;
  }

  /** Whether a room that is not there comes back with the next join, as it was. */
  #isDormant({
    vendor,
    emptyTimeoutSeconds,
  }: Pick<RoomState, "emptyTimeoutSeconds"> & { vendor?: string | undefined }): boolean {
    return emptyTimeoutSeconds !== undefined && this.#client.traits(vendor ?? "").keepsRooms;
  }

  /** Whether a gateway has no record of a room. One that tells too little of rooms may have one. */
  #isNothing(room: Room): boolean {
    return !isMade(this.#client, room) && !room.untold?.includes("emptyTimeoutSeconds");
  }

  /** Whether a gateway's record is not as declared: it is written anew, which disturbs nobody. */
  #isOtherwise(declared: RoomInputs, room: Room): boolean {
    if (this.#client.traits(room.vendor).keepsRooms) return false;
    const isLimited = declared.maxParticipants === undefined && room.maxParticipants !== null;
    return isLimited || limitsThatDiffer(declared, room).length > 0;
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
}

/** Whether the gateway has told of a room before what it does not tell now: it had a record of it, which is gone. */
function wasTold({ owner, vendorSettings }: RoomState, { untold = [] }: Room): boolean {
  const before = owner !== undefined || Object.keys(vendorSettings).length > 0;
  return before && !untold.includes("emptyTimeoutSeconds");
}
