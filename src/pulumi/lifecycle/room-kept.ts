import { NEVER, orUndefined, RtcError } from "../../contract";
import { peopleIn, type ReadRoom, type RoomContext, type RoomsOfAKind } from "./context";
import { driftOf, withDrift, withoutDrift } from "./drift";
import { foreign, isForeign, limitsThatDiffer, occupied } from "./refusals";
import { RoomMaker } from "./room-maker";
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

/** Declared rooms at a vendor that makes and keeps them. */
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
    const room = await this.#client.room.find(id);
    if (!room) {
      if (declared.emptyTimeoutSeconds === undefined)
        return { outs: outputsOf(declared, await this.#maker.made(declared, owner)) };
      const { drifted, ...record } = withoutDrift(state);
      return { outs: redeclared(record, declared) };
    }
    if (isForeign(state, room)) throw foreign(id);
    const undeclared = state.metadata === undefined ? room.metadata : {};
    const changed = await this.#maker.described(id, room, declared.metadata ?? undeclared, owner);
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
    const room = await orUndefined(this.#client.room.get(id));
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
}
