import { isMade } from "../../client/kept";
import { NEVER, ownerMark, type Room, RtcError, same } from "../../contract";
import { peopleIn, type RoomContext } from "./context";
import { ifOffered } from "./gateway";
import { limitsThatDiffer, occupied, taken } from "./refusals";
import { type RoomInputs, type RoomState, settingsOf } from "./state";

/** Makes declared rooms at a vendor that keeps them, or takes over what is there. */
export class RoomMaker {
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

  /** The mark of the resource that declares a room. */
  mark(id: string): string | undefined {
    const checked = this.#memory.declaring(id) ?? this.#memory.owning(id);
    return checked && this.#config.ownerMark !== false ? ownerMark(checked) : undefined;
  }

  /**
   * The room that is there, if it may be taken over; undefined where there is none, or none any more.
   *
   * @throws ALREADY_EXISTS for another's, ROOM_OCCUPIED for one of ours that would have to be made anew
   */
  async takenOver(
    id: string,
    declared: RoomInputs,
    owner: string | undefined,
  ): Promise<{ room: Room; vendorSettings?: RoomState["vendorSettings"] } | undefined> {
    const room = await this.found(id);
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
    // A gateway's record is written anew with nobody disturbed.
    if (ours && (limits.length > 0 || unasked) && !this.#client.traits(room.vendor).keepsRooms)
      return undefined;
    if (ours && (limits.length > 0 || unasked)) {
      const people = await peopleIn(this.#client, id);
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
    const described = await this.described(id, room, declared.metadata ?? room.metadata, owner);
    if (!ours) return { room: described };
    // What our own room is not yet is drift, which a refresh sees once nobody is in it.
    const seconds = declared.emptyTimeoutSeconds ?? NEVER;
    const timeouts = { emptyTimeoutSeconds: seconds, departureTimeoutSeconds: seconds };
    return { room: described, vendorSettings: { ...settingsOf(described), ...timeouts } };
  }

  /** The room that somebody has made; undefined where there is none. */
  async found(id: string): Promise<Room | undefined> {
    const room = await this.#client.room.find(id);
    return room && isMade(this.#client, room) ? room : undefined;
  }

  /**
   * The room with this metadata and mark, changed only where it has others. Metadata that is no object (null) is left
   * alone, and so is a mark that is missing where a gateway cannot change rooms.
   */
  async described(
    id: string,
    room: Room,
    metadata: Room["metadata"],
    owner: string | undefined,
  ): Promise<Room> {
    const agrees = same(metadata, room.metadata) && same(owner, room.owner);
    if (agrees || metadata === null) return room;
    const changed = await ifOffered(this.#client.room.update(id, { metadata }, { owner }), null);
    if (changed !== null) return changed;
    const who = this.#client.gateway === undefined ? room.vendor : "the gateway";
    if (!room.untold?.includes("metadata") && !same(metadata, room.metadata)) {
      const message = `the metadata of room ${id} differs, and ${who} does not offer rtc.room.update`;
      throw new RtcError("UNSUPPORTED", message, { vendor: room.vendor });
    }
    const message = `room ${id} stays without this resource's owner mark: ${who} does not offer rtc.room.update`;
    if (this.#memory.isNews(message)) this.#say("warn", message, this.#memory.owning(id)?.urn);
    return room;
  }

  /** A new room. @throws UNSUPPORTED where the server would let in more people than declared */
  async made(declared: RoomInputs, owner: string | undefined): Promise<Room> {
    const { adopt, forceDestroy, ...input } = declared;
    return this.accepted(declared, owner, await this.#client.room.create(input, { owner }));
  }

  /** A room that was just made, if it is ours and lets in no more people than declared. */
  async accepted(declared: RoomInputs, owner: string | undefined, room: Room): Promise<Room> {
    // A gateway that remembers nothing of a room that no vendor keeps has refused nothing either.
    if (!isMade(this.#client, room)) return room;
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
    const urn = this.#memory.owning(room.room)?.urn;
    for (const { text } of limits)
      this.#say("warn", `the server has made room ${room.room} otherwise: ${text}`, urn);
    return room;
  }
}
