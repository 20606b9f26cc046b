import { bytes, type Capability, type Page, type Room, RtcError, type VendorAdapter } from "../contract";

/** A vendor's deployment. */
export interface Deployment {
  adapter: VendorAdapter;
  region: string | null;
}

/** Every configured deployment whose vendor can do something. */
export function deploymentsThatCan(
  capability: Capability,
  adapters: readonly VendorAdapter[],
  disabled: readonly string[],
): Deployment[] {
  return adapters
    .filter(({ vendor }) => !disabled.includes(vendor))
    .flatMap((adapter) => adapter.deployments().map((region) => ({ adapter, region })))
    .filter(
      ({ adapter, region }) => adapter.abilities[capability].can && !adapter.missing(region, capability),
    );
}

/** All rooms of some deployments, ordered by id: LiveKit has neither pages nor an order. */
export async function everyRoom(deployments: Deployment[]): Promise<Room[]> {
  const lists = await Promise.all(deployments.map(({ adapter, region }) => adapter.listRooms(region)));
  return lists.flat().sort((a, b) => (a.room < b.room ? -1 : 1));
}

/** The rooms after the cursor, which is the id of the last one shown: pages stay stable while rooms come and go. */
export function paged(rooms: Room[], cursor: string | undefined, limit: number): Page<Room> {
  const after = cursor === undefined ? "" : Buffer.from(cursor, "base64url").toString();
  if (cursor !== undefined && (bytes(cursor) > 1_000 || !after.includes(":"))) {
    throw new RtcError("INVALID_ARGUMENT", "the cursor is none of this list: pass nextCursor as it came");
  }
  const rest = rooms.filter(({ room }) => room > after);
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  if (rest.length <= limit || !last) return { items };
  return { items, nextCursor: Buffer.from(last.room).toString("base64url") };
}
