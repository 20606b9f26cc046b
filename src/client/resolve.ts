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

/** A resolved room: a vendor that has the capability, and the room there. */
export interface Target {
  adapter: VendorAdapter;
  ref: RoomRef;
  /** The room as a lookup has just returned it; absent where none was needed. */
  room?: Room;
}

/** Resolves an id or a bare name to a vendor. */
export class Resolver {
  readonly #vendors: Vendors;
  readonly #known: KnownRooms | undefined;

  /** @param known the records of a gateway, which locations an unknown name like a new room */
  constructor(vendors: Vendors, known?: KnownRooms) {
    this.#vendors = vendors;
    this.#known = known;
  }

  /**
   * Resolves without a call: to the vendor of an id, the explicit vendor, or the only vendor with the capability.
   *
   * @throws INVALID_ARGUMENT with the candidate ids where several vendors could have it
   */
  resolveLocally(text: string, capability: Capability, explicit?: string): Target {
    const found = this.#candidates(text, capability, explicit);
    if ("ref" in found) return found;
    throw ambiguous(text, found, "and no vendor is called here to find out which");
  }

  /**
   * {@link resolveLocally}; a name that several vendors could have is read at each, and resolves to the live room. A
   * promise only then: most calls name an id.
   */
  resolve(text: string, capability: Capability, explicit?: string): Target | Promise<Target> {
    const found = this.#candidates(text, capability, explicit);
    return "ref" in found ? found : this.#lookUp(text, capability, found);
  }

  async #lookUp(text: string, capability: Capability, found: Deployment[]): Promise<Target> {
    const lookups = await Promise.allSettled(found.map((location) => findLive(location, text)));
    const live = lookups.flatMap((answer, index) => {
      const [room, location] = [answer.status === "fulfilled" ? answer.value : undefined, found[index]];
      return room && location ? [{ ...location, room }] : [];
    });
    const rooms = [...live, ...(await this.#recorded(text, found, live))];
    const [only, other] = rooms;
    if (only && other) throw ambiguous(text, rooms, "which all exist");
    if (only) {
      const { adapter, region, room } = only;
      return { adapter, ref: { vendor: adapter.vendor, region, name: text }, ...(room && { room }) };
    }
    const failed = lookups.find((answer) => answer.status === "rejected");
    if (failed) throw failed.reason;
    if (!this.#known) throw ambiguous(text, found, "none of which is live");
    const vendor = this.#vendors.route({ needs: [capability], name: text });
    return { adapter: this.#vendors.get(vendor), ref: { vendor, region: null, name: text } };
  }

  /** The locations of recorded rooms of that name that are not live. */
  async #recorded(
    name: string,
    locations: Deployment[],
    live: Deployment[],
  ): Promise<(Deployment & { room?: Room })[]> {
    const ids = (await this.#known?.idsOf(name)) ?? [];
    return ids.flatMap((id) => {
      const ref = parseRoomId(id, this.#vendors.names);
      const at = locations.find(({ adapter }) => adapter.vendor === ref?.vendor);
      if (!ref || !at || live.some(({ adapter }) => adapter === at.adapter)) return [];
      return [{ adapter: at.adapter, region: ref.region }];
    });
  }

  #candidates(text: string, capability: Capability, explicit?: string): Target | Deployment[] {
    if (typeof text !== "string" || text === "")
      throw new RtcError("INVALID_ARGUMENT", "room must be a room id or name");
    const id = parseRoomId(text, this.#vendors.names);
    const [, vendor = ""] = (!id && /^([^:@]+)(?:@[^:@]+)?:$/.exec(text)) || [];
    if (this.#vendors.names.includes(vendor))
      throw invalid("the request", [{ path: "room", message: `${text} has no name after the colon` }]);
    if (id && explicit !== undefined && explicit !== id.vendor)
      throw invalid("the request", [{ path: "vendor", message: `is not the room's, which is ${id.vendor}` }]);
    if (id) return this.#checked(id, capability);
    if (explicit !== undefined)
      return this.#checked({ vendor: explicit, region: null, name: text }, capability);
    const locations = this.#vendors.deployments(capability, text);
    const [only, ...others] = new Set(locations.map(({ adapter }) => adapter.vendor));
    if (only === undefined || others.length > 0) return locations;
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

/** The live room of a name, where a vendor can list it. */
async function findLive({ adapter, region }: Deployment, name: string): Promise<Room | undefined> {
  try {
    const rooms = await adapter.listRooms(region, [name]);
    return rooms.find((room) => room.name === name);
  } catch (error) {
    if (RtcError.isInstance(error) && (error.code === "NOT_CONFIGURED" || error.code === "UNSUPPORTED"))
      return undefined;
    throw error;
  }
}

function ambiguous(name: string, locations: Deployment[], why: string): RtcError {
  const ids = locations.map(({ adapter, region }) => roomId({ vendor: adapter.vendor, region, name }));
  const message = `${name} could be ${ids.join(", ")}, ${why}: pass the id, or name the vendor where the call takes one`;
  return new RtcError("INVALID_ARGUMENT", message, { issues: [{ path: "room", message }] });
}
