import type { Place, Room, VendorAdapter } from "../contract";

const SHARED_MS = 500;

/** Lets readers that ask within half a second share one listing: a refresh of many rooms is a handful of calls. */
export class SharedReads {
  readonly #listings = new Map<string, { since: number; rooms: Promise<Map<string, Room>> }>();

  async find(adapter: VendorAdapter, { region, name }: Place): Promise<Room | undefined> {
    const key = `${adapter.vendor}@${region ?? ""}`;
    const known = this.#listings.get(key);
    if (known && Date.now() - known.since < SHARED_MS) return (await known.rooms).get(name);
    const rooms = adapter.listRooms(region).then((list) => new Map(list.map((room) => [room.name, room])));
    this.#listings.set(key, { since: Date.now(), rooms });
    return (await rooms).get(name);
  }
}
