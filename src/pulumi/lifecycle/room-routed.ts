import { isMade } from "../../client/kept";
import { orUndefined, type Room, RtcError } from "../../contract";
import type { RoomContext, RoomsOfAKind } from "./context";
import type { Checked } from "./memory";
import { RoomMaker } from "./room-maker";
import { idOf, keyOf, outputsOf, type Properties, type RoomInputs } from "./state";

/**
 * Declared rooms whose vendor a gateway chooses: its answer to create settles it. From then on they live as those of
 * that vendor.
 */
export class RoutedRooms {
  readonly #context: RoomContext;
  readonly #of: (vendor: string) => RoomsOfAKind;
  readonly #maker: RoomMaker;

  /** @param of how rooms of a vendor live */
  constructor(context: RoomContext, of: (vendor: string) => RoomsOfAKind) {
    this.#context = context;
    this.#of = of;
    this.#maker = new RoomMaker(context);
  }

  async create(declared: RoomInputs): Promise<{ id: string; outs: Properties }> {
    const { memory } = this.#context;
    const key = keyOf({ ...declared }) ?? "";
    const checked = memory.declaring(key);
    // A room that is made anew stays where it was.
    if (checked?.settled !== undefined) return this.#at(checked.settled, declared, checked);
    const owner = this.#maker.mark(key);
    // Without a mark, who has made a room that the gateway answers with is only known before.
    const before = owner === undefined ? await this.#found(declared) : undefined;
    if (before) return this.#at(before.vendor, declared, checked);
    const room = await this.#made(declared, owner);
    const isLimited = declared.maxParticipants === undefined && (room?.maxParticipants ?? null) !== null;
    // A limit that was not asked for is of a run that was killed, or the server's own: those who keep rooms find out.
    if (room === undefined || this.#isOfAnother(room, owner) || (isLimited && owner !== undefined)) {
      const found = room ?? (await this.#found(declared));
      if (found) return this.#at(found.vendor, declared, checked);
      const message = `the gateway refuses to make room ${declared.name}, since it exists, and does not show it`;
      throw new RtcError("ALREADY_EXISTS", message);
    }
    if (checked) memory.own(room.room, checked, room.vendor);
    this.#tell(declared, room, checked);
    return { id: room.room, outs: outputsOf(declared, await this.#maker.accepted(declared, owner, room)) };
  }

  #at(vendor: string, declared: RoomInputs, checked: Checked | undefined) {
    if (checked) this.#context.memory.own(idOf({ ...declared, vendor }) ?? "", checked, vendor);
    return this.#of(vendor).create({ ...declared, vendor });
  }

  /** The gateway's answer; undefined where a room of that name exists with other settings. */
  async #made(declared: RoomInputs, owner: string | undefined): Promise<Room | undefined> {
    const { adopt, forceDestroy, ...input } = declared;
    try {
      return await this.#context.client.room.create(input, { owner });
    } catch (error) {
      if (RtcError.isInstance(error) && error.code === "ALREADY_EXISTS") return undefined;
      throw error;
    }
  }

  /** Whether what was answered was there before, and is not this resource's. */
  #isOfAnother(room: Room, mark: string | undefined): boolean {
    return mark !== undefined && room.owner !== mark && isMade(this.#context.client, room);
  }

  /** The room of that name, where somebody has made one. */
  async #found({ name, region }: RoomInputs): Promise<Room | undefined> {
    const { client } = this.#context;
    const found = await orUndefined(client.room.find(name)).catch((error: unknown) => {
      // Several vendors could have it, and none has: create is routed all the same.
      if (RtcError.isInstance(error) && error.code === "INVALID_ARGUMENT") return undefined;
      throw error;
    });
    const isIt = found && found.region === (region ?? null) && isMade(client, found);
    return isIt ? found : undefined;
  }

  /** What a preview would have told, had it known the vendor. */
  #tell(declared: RoomInputs, { vendor, warnings = [] }: Room, checked: Checked | undefined): void {
    const { client, memory, say } = this.#context;
    const caveats = client.traits(vendor).caveats.filter((caveat) => memory.isNews(caveat));
    const all = new Set([...warnings, ...client.roomWarnings(vendor, declared), ...caveats]);
    for (const warning of all) say("warn", warning, checked?.urn);
  }
}
