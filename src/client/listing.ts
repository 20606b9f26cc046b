import { bytes, invalid, type Page, type Room, roomId } from "../contract";
import type { Deployment } from "./vendors";

/** The rooms after the cursor, of those deployments whose rooms are not all before it, ordered by id: a page. */
export async function listPage(
  deployments: Deployment[],
  cursor: string | undefined,
  limit: number,
  prefix = "",
): Promise<Page<Room>> {
  const after = cursor === undefined ? "" : Buffer.from(cursor, "base64url").toString();
  if (cursor !== undefined && (bytes(cursor) > 1_000 || !after.includes(":"))) {
    const message = "is not a cursor of this list: pass nextCursor unchanged";
    throw invalid("the page", [{ path: "cursor", message }]);
  }
  const ahead = deployments.filter((deployment) => {
    const prefix = prefixOf(deployment);
    return prefix > after || after.startsWith(prefix);
  });
  const lists = await Promise.all(ahead.map(({ adapter, region }) => adapter.listRooms(region)));
  // The cursor is the id of the last room of the page: pages stay stable while rooms come and go.
  const rest = lists
    .flat()
    .sort((a, b) => (a.room < b.room ? -1 : 1))
    // At LiveKit others can create a room without a name, which has no id.
    .filter(({ room, name }) => name !== "" && room > after && name.startsWith(prefix));
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  if (rest.length <= limit || !last) return { items };
  return { items, nextCursor: Buffer.from(last.room).toString("base64url") };
}

/** What the ids of a deployment's rooms begin with, and no others. */
function prefixOf({ adapter, region }: Deployment): string {
  return roomId({ vendor: adapter.vendor, region, name: "" });
}
