import {
  type Capability,
  invalid,
  parseRoomId,
  type Room,
  type RoomRef,
  RtcError,
  roomId,
  type VendorAdapter,
} from "../contract";
import type { KnownRooms } from "./types";
import type { Deployment, Vendors } from "./vendors";

/** Where something is: a vendor that was checked to be able to do what is asked, and the room there. */
export interface Target {
  adapter: VendorAdapter;
  ref: RoomRef;
  /** The room as a lookup has just shown it; absent where none was needed. */
  room?: Room;
}

/** Finds the vendor that an id or a bare name means: see `contract.md`, ids. */
export class Resolver {
  readonly #vendors: Vendors;
  readonly #known: KnownRooms | undefined;

  /** @param known of a gateway, which routes a name that nobody knows as if it were a new room's */
  constructor(vendors: Vendors, known?: KnownRooms) {
    this.#vendors = vendors;
    this.#known = known;
  }

  /**
   * Without a call: what an id says, the explicit vendor, or the only vendor that can do what is asked.
   *
   * @throws INVALID_ARGUMENT with the candidate ids where several vendors could have it
   */
  settle(text: string, capability: Capability, explicit?: string): Target {
    const found = this.#settled(text, capability, explicit);
    if ("ref" in found) return found;
    throw ambiguous(text, found, "and no call is made here to see which of them is meant");
  }

  /** {@link settle}, and for a name that several vendors could have one lookup at each: the one that has it live. */
  async resolve(text: string, capability: Capability, explicit?: string): Promise<Target> {
    const found = this.#settled(text, capability, explicit);
    if ("ref" in found) return found;
    const looks = await Promise.allSettled(found.map((place) => look(place, text)));
    const live = looks.flatMap((answer, index) => {
      const [room, place] = [answer.status === "fulfilled" ? answer.value : undefined, found[index]];
      return room && place ? [{ ...place, room }] : [];
    });
    const there = [...live, ...(await this.#remembered(text, found, live))];
    const [only, other] = there;
    if (only && other) throw ambiguous(text, there, "which are all there");
    if (only) {
      const { adapter, region, room } = only;
      return { adapter, ref: { vendor: adapter.vendor, region, name: text }, ...(room && { room }) };
    }
    const failed = looks.find((answer) => answer.status === "rejected");
    if (failed) throw failed.reason;
    if (!this.#known) throw ambiguous(text, found, "none of which is seen to be live");
    const vendor = this.#vendors.route({ needs: [capability], name: text });
    return { adapter: this.#vendors.get(vendor), ref: { vendor, region: null, name: text } };
  }

  /** The places where a room of that name is known to be, of those that could have it and do not show it. */
  async #remembered(
    name: string,
    places: Deployment[],
    live: Deployment[],
  ): Promise<(Deployment & { room?: Room })[]> {
    const ids = (await this.#known?.idsOf(name)) ?? [];
    return ids.flatMap((id) => {
      const ref = parseRoomId(id, this.#vendors.names);
      const at = places.find(({ adapter }) => adapter.vendor === ref?.vendor);
      if (!ref || !at || live.some(({ adapter }) => adapter === at.adapter)) return [];
      return [{ adapter: at.adapter, region: ref.region }];
    });
  }

  #settled(text: string, capability: Capability, explicit?: string): Target | Deployment[] {
    if (typeof text !== "string" || text === "")
      throw new RtcError("INVALID_ARGUMENT", "room must be a room id or name");
    const id = parseRoomId(text, this.#vendors.names);
    if (id && explicit !== undefined && explicit !== id.vendor)
      throw invalid("the request", [{ path: "vendor", message: `is not the room's, which is ${id.vendor}` }]);
    if (id) return this.#checked(id, capability);
    if (explicit !== undefined)
      return this.#checked({ vendor: explicit, region: null, name: text }, capability);
    const places = this.#vendors.deployments(capability, text);
    const [only, ...others] = new Set(places.map(({ adapter }) => adapter.vendor));
    if (only === undefined || others.length > 0) return places;
    return this.#checked({ vendor: only, region: null, name: text }, capability);
  }

  #checked(ref: RoomRef, capability: Capability): Target {
    const { vendor, region, name } = ref;
    return {
      adapter: this.#vendors.get(this.#vendors.route({ needs: [capability], vendor, region, name })),
      ref,
    };
  }
}

/** The live room of a name, where a vendor can tell. */
async function look({ adapter, region }: Deployment, name: string): Promise<Room | undefined> {
  try {
    const rooms = await adapter.listRooms(region, [name]);
    return rooms.find((room) => room.name === name);
  } catch (error) {
    if (RtcError.isInstance(error) && (error.code === "NOT_CONFIGURED" || error.code === "UNSUPPORTED"))
      return undefined;
    throw error;
  }
}

function ambiguous(name: string, places: Deployment[], why: string): RtcError {
  const ids = places.map(({ adapter, region }) => roomId({ vendor: adapter.vendor, region, name }));
  const message = `${name} could be ${ids.join(", ")}, ${why}: pass the id, or name the vendor where the call takes one`;
  return new RtcError("INVALID_ARGUMENT", message, { issues: [{ path: "room", message }] });
}
