import { type Room, RtcError } from "../../contract";
import { orUndefined, type RoomContext, type RoomsOfAKind } from "./context";
import { RoomMaker } from "./room-maker";
import { idOf, keyOf, outputsOf, type Properties, type RoomInputs } from "./state";

/**
 * Declared rooms whose vendor a gateway chooses: who has a room of that name, else the gateway's answer to create,
 * settles it. From then on they live as those of that vendor.
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
    const { client, memory, say } = this.#context;
    const key = keyOf({ ...declared }) ?? "";
    const checked = memory.declaring(key);
    // A room that is made anew stays where it was.
    const vendor = checked?.settled ?? (await this.#found(declared))?.vendor;
    if (vendor !== undefined) {
      if (checked) memory.own(idOf({ ...declared, vendor }) ?? "", checked, vendor);
      return this.#of(vendor).create({ ...declared, vendor });
    }
    const owner = this.#maker.mark(key);
    const { adopt, forceDestroy, ...input } = declared;
    const room = await client.room.create(input, { owner });
    if (checked) memory.own(room.room, checked, room.vendor);
    for (const warning of room.warnings ?? []) say("warn", warning, checked?.urn);
    if (!client.traits(room.vendor).keepsRooms) return { id: room.room, outs: outputsOf(declared, room, {}) };
    return { id: room.room, outs: outputsOf(declared, await this.#maker.accepted(declared, owner, room)) };
  }

  /** The room of that name that exists at a vendor that keeps rooms. */
  async #found({ name, region }: RoomInputs): Promise<Room | undefined> {
    const { client } = this.#context;
    const found = await orUndefined(client.room.find(name)).catch((error: unknown) => {
      // Several vendors could have it, and none has: create is routed all the same.
      if (RtcError.isInstance(error) && error.code === "INVALID_ARGUMENT") return undefined;
      throw error;
    });
    const isIt = found && found.region === (region ?? null) && client.traits(found.vendor).keepsRooms;
    return isIt ? found : undefined;
  }
}
